//! The words of results: from what is known of a task's calls to its line of the report.

use std::sync::Arc;

use super::history::History;
use crate::model::Detail;
use crate::model::Kind;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Status;
use crate::run::CallEnd;

/// Makes results. Most rows of a run have the same words; neighbours share them.
#[derive(Debug, Default)]
pub(super) struct Results {
    last: Option<Arc<Detail>>,
}

impl Results {
    /// The switch's last word on a task.
    pub(super) fn of_call(&mut self, end: &CallEnd, status: Status, calls: u16) -> Outcome {
        let detail = self.words(end);
        outcome(end, status, calls, detail)
    }

    /// The switch's last word on a task, as it is kept for later.
    pub(super) fn words(&mut self, end: &CallEnd) -> Arc<Detail> {
        let answer = &end.reply.answer;
        self.detail(&answer.code, &answer.key, &answer.message)
    }

    /// A result that the last answer alone does not explain.
    pub(super) fn told(&mut self, end: &CallEnd, status: Status, calls: u16, why: &str) -> Outcome {
        let answer = &end.reply.answer;
        let message = if status.is_done() || answer.message.is_empty() {
            why.to_owned()
        } else {
            format!("{why}; the last answer: {}", answer.message)
        };
        let detail = self.detail(&answer.code, &answer.key, &message);
        outcome(end, status, calls, detail)
    }

    /// A task that was refused and is known to be absent.
    pub(super) fn as_refused(end: &CallEnd, history: &History) -> Outcome {
        let detail = history.refusal.clone().unwrap_or_default();
        outcome(end, Status::Rejected, history.calls, detail)
    }

    /// An update whose answer was lost long ago.
    pub(super) fn aged(&mut self) -> Outcome {
        let message = "its answer was lost more than a day ago: not sent again, \
                       since somebody may have changed the mailbox meanwhile";
        Outcome::without_call(Status::InDoubt, Some(self.detail("", "", message)))
    }

    /// A rehearsal that only the real run of `row` could pass.
    pub(super) fn depends(&mut self, end: &CallEnd, row: RowIndex, calls: u16) -> Outcome {
        let answer = &end.reply.answer;
        let message = format!(
            "can be judged once row {} is really done; for now: {}",
            u64::from(row) + 1,
            answer.message
        );
        let detail = self.detail(&answer.code, "depends", &message);
        outcome(end, Status::Accepted, calls, detail)
    }

    /// A task that waited for a row which did not end as it should.
    pub(super) fn skipped(&mut self, row: RowIndex, in_doubt: bool) -> Outcome {
        let what = if in_doubt { "is in doubt" } else { "did not succeed" };
        let message = format!("not tried: row {} {what}", u64::from(row) + 1);
        Outcome::without_call(Status::Skipped, Some(self.detail("", "depends", &message)))
    }

    /// A task that is not tried.
    pub(super) fn not_sent(&mut self, why: &str) -> Outcome {
        let message = format!("not tried: {why}");
        Outcome::without_call(Status::NotSent, Some(self.detail("", "", &message)))
    }

    /// A task whose call was broken off.
    pub(super) fn abandoned(&mut self, kind: Kind, history: &History) -> Outcome {
        let (status, message) = match kind {
            Kind::Real => (Status::InDoubt, "broken off before the switch answered"),
            Kind::Rehearsal => (Status::NotSent, "broken off before the switch judged it"),
        };
        let attempts = history.calls.saturating_add(1);
        let detail = Some(self.detail("", "", message));
        Outcome { attempts, ..Outcome::without_call(status, detail) }
    }

    /// A task that was tried, and is not to be tried again.
    pub(super) fn left_open(&mut self, history: &History, why: &str) -> Outcome {
        let (status, what) = match history {
            History { maybe_done: true, .. } => (Status::InDoubt, "may be done"),
            History { attempts: 0, .. } => (Status::NotSent, "not done"),
            History { .. } => (Status::Failed, "given up"),
        };
        let message = format!("{what}, and not tried again: {why}");
        let detail = Some(self.detail("", "", &message));
        Outcome { attempts: history.calls, ..Outcome::without_call(status, detail) }
    }

    fn detail(&mut self, code: &str, key: &str, message: &str) -> Arc<Detail> {
        let same =
            self.last.take().filter(|it| it.code == code && it.key == key && it.message == message);
        let detail = same.unwrap_or_else(|| {
            let [code, key, message] = [code, key, message].map(str::to_owned);
            Arc::new(Detail { code, key, message })
        });
        self.last = Some(Arc::clone(&detail));
        detail
    }
}

fn outcome(end: &CallEnd, status: Status, calls: u16, detail: Arc<Detail>) -> Outcome {
    let CallEnd { subject: _, reply, absent: _, elapsed, finished_ms } = end;
    Outcome {
        status,
        attempts: calls,
        http_status: reply.http_status,
        elapsed_ms: u32::try_from(elapsed.as_millis()).ok(),
        finished_ms: Some(*finished_ms),
        detail: Some(detail),
    }
}
