//! The desk of a run: reads rows again, keeps what happens, puts results in their places, tells the watcher.

use std::time::Duration;

use tokio::time::Instant;

use crate::check;
use crate::input::Records;
use crate::journal;
use crate::journal::Refused;
use crate::journal::Writer;
use crate::model::Ask;
use crate::model::Call;
use crate::model::Fingerprint;
use crate::model::Kind;
use crate::model::Meaning;
use crate::model::Notice;
use crate::model::Outcome;
use crate::model::Refusal;
use crate::model::Reply;
use crate::model::Task;
use crate::pipeline::Batch;
use crate::pipeline::Prepared;
use crate::pipeline::Results;
use crate::resources::mailbox;
use crate::resources::mailbox::CallDraft;
use crate::resources::mailbox::Purpose;
use crate::run::Desk;
use crate::run::Entry;
use crate::run::Kept;
use crate::run::Recorded;
use crate::run::Unreadable;

/// The journal at work, and what it is told of besides rows.
#[derive(Debug)]
pub struct Keeping {
    /// What is recorded goes there.
    pub writer: Writer,
    /// Where the writer puts calls.
    pub prepared: Prepared,
    /// Rows of passes of this kind are kept; a rehearsal before a real run leaves no trace.
    pub kind: Kind,
    /// The credentials with which calls are made.
    pub credentials: Refused,
    /// The time of day in milliseconds since 1970 UTC.
    pub wall_ms: fn() -> i64,
}

impl Keeping {
    /// Remembers that the switch refused the credentials, over the end of this process.
    fn refused(&mut self) {
        let refused = Refused { at_ms: (self.wall_ms)(), ..self.credentials.clone() };
        self.writer.record(journal::Entry::Refused(Box::new(refused)));
    }
}

/// Where a run's rows come from and its results go.
pub(super) struct Counter<'d> {
    batch: &'d Batch,
    kind: Kind,
    records: Records,
    results: &'d mut Results,
    watch: &'d mut dyn FnMut(&Notice<'_>),
    keeping: &'d mut Keeping,
    keeps_rows: bool,
    began: Instant,
    done: usize,
    last_trouble: Option<String>,
}

impl<'d> Counter<'d> {
    pub(super) fn new(
        batch: &'d Batch,
        kind: Kind,
        results: &'d mut Results,
        watch: &'d mut dyn FnMut(&Notice<'_>),
        keeping: &'d mut Keeping,
    ) -> Self {
        Self {
            batch,
            kind,
            records: batch.input.records(),
            results,
            watch,
            keeps_rows: keeping.kind == kind,
            keeping,
            began: Instant::now(),
            done: 0,
            last_trouble: None,
        }
    }

    /// Tasks that were done, or found acceptable.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// What the switch said when it last did not do what it should.
    pub(super) fn into_last_trouble(self) -> Option<String> {
        self.last_trouble
    }
}

impl Desk for Counter<'_> {
    fn call_of(&mut self, task: &Task, ask: Ask) -> Result<Call, Unreadable> {
        // Each such call follows an intent of its own; where that found no call, the row is not what was checked.
        if ask == Ask::Act && self.keeps_rows {
            return self.keeping.prepared.take(task.row).ok_or(Unreadable);
        }
        let purpose = match ask {
            Ask::Act => Purpose::Act(task.action, self.kind),
            Ask::LookUp => Purpose::LookUp,
            Ask::AssertPin => Purpose::AssertPin,
            Ask::AssertAll => Purpose::AssertAll,
        };
        let rules = &self.batch.rules;
        let made = self.records.read(self.batch.checked.sheet.row(task.row).span, |row| {
            CallDraft::of(&check::read(&row, rules, &mut Vec::new()), purpose).into_call()
        });
        made.map_err(|_| Unreadable)
    }

    fn survey_of(&mut self, customer: Option<u32>) -> Call {
        mailbox::list_call(customer)
    }

    fn record(&mut self, task: &Task, entry: &Entry) -> Recorded {
        if !self.keeps_rows {
            return Recorded::Kept;
        }
        let row = task.row;
        let kept = match entry {
            Entry::Intent { task: _, evidence } => journal::Entry::Intent {
                row,
                at_ms: (self.keeping.wall_ms)(),
                evidence: *evidence,
                // The writer reads the row.
                fingerprint: Fingerprint::UNREADABLE,
            },
            Entry::Withdrawn { task: _ } => journal::Entry::Withdrawn { row },
            Entry::Result { task: _, outcome } => {
                // The writer knows which rows were edited.
                journal::Entry::Result { row, outcome: outcome.clone(), asked: None }
            }
        };
        Recorded::Pending(self.keeping.writer.record(kept))
    }

    async fn kept(&mut self) -> Kept {
        let journal::Kept { upto, failure, is_over } = self.keeping.writer.changed().await;
        Kept { upto, failed: failure.is_some(), dead: is_over }
    }

    fn replied(&mut self, reply: &Reply) {
        if reply.meaning == Meaning::Refused(Refusal::Credentials) {
            self.keeping.refused();
        }
        if !reply.is_good() {
            self.last_trouble = Some(reply.words()).filter(|it| !it.is_empty());
        }
        (self.watch)(&Notice::Replied(reply));
    }

    fn settled(&mut self, task: &Task, outcome: Outcome) {
        let status = outcome.status;
        self.done += usize::from(status.is_done());
        self.results.set(task.row, outcome);
        let at: Duration = self.began.elapsed();
        (self.watch)(&Notice::Settled { status, at });
    }

    fn left_open(&mut self, task: &Task, outcome: Outcome) {
        self.results.set(task.row, outcome);
    }

    fn stopping(&mut self) {
        (self.watch)(&Notice::Stopping);
    }

    fn breaking_off(&mut self) {
        (self.watch)(&Notice::BreakingOff);
    }
}
