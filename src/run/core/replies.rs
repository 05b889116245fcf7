//! What a reply means: for the switch as a whole, for its row, and for what the row does next.

use std::time::Duration;

use super::Core;
use super::history::History;
use super::results::Results;
use super::surveys;
use crate::model::Ask;
use crate::model::Evidence;
use crate::model::Meaning;
use crate::model::Refusal;
use crate::model::Status;
use crate::model::Task;
use crate::run::CallEnd;
use crate::run::Command;
use crate::run::Entry;
use crate::run::Stop;
use crate::run::Subject;
use crate::run::backoff;
use crate::run::breaker::Effect;
use crate::run::breaker::Heard;
use crate::run::judgement;
use crate::run::judgement::Asked;
use crate::run::judgement::Judgement;
use crate::run::queue::Turn;
use crate::run::queue::Whom;

/// Surveys in a row without a list after which none is made.
const UNLISTED_MAX: u8 = 2;

impl Core<'_> {
    /// A call is over.
    pub(super) fn replied(&mut self, now: Duration, end: &CallEnd, commands: &mut Vec<Command>) {
        let CallEnd { subject, reply, absent: _, elapsed: _, finished_ms: _ } = end;
        let sent = self.in_flight.remove(subject).unwrap_or(now);
        self.left(*subject, now);
        self.note_health(now, sent, *subject, &reply.meaning);
        match subject {
            Subject::Survey(survey) => self.surveyed_by(now, *survey, end, commands),
            Subject::Probe(_) => self.stop = self.stop.or(stop_of_reading(&reply.meaning)),
            Subject::Task(task) => {
                self.alone &= reply.trouble().is_some();
                self.task_replied(now, *task, end, commands);
            }
        }
    }

    /// What a reply means for all calls.
    fn note_health(&mut self, now: Duration, sent: Duration, subject: Subject, meaning: &Meaning) {
        let was_out = self.breaker.probe_at().is_some();
        let heard = match subject {
            _ if was_out && subject == self.probed => Heard::Probe,
            Subject::Survey(_) | Subject::Probe(_) => Heard::Read,
            Subject::Task(task) => match self.histories.get(task).map_or(Ask::Act, |it| it.ask) {
                Ask::LookUp => Heard::Read,
                Ask::Act | Ask::AssertPin | Ask::AssertAll => Heard::Act,
            },
        };
        match meaning {
            Meaning::Done | Meaning::Passed | Meaning::Found(_) | Meaning::Refused(_) => {
                self.limit.good();
                self.budget.answered();
            }
            Meaning::Busy { wait: _ }
            | Meaning::Unavailable { wait: _ }
            | Meaning::NotSent
            | Meaning::Lost
            | Meaning::NotApi
            | Meaning::Unclear => self.limit.trouble(sent, now),
            Meaning::Misconfigured(_) => {}
        }
        match self.breaker.note(now, meaning, heard) {
            Effect::None => {}
            Effect::HoldUntil(time) => self.held_until = time,
            Effect::Stop(stop) => {
                self.stop.get_or_insert(stop);
            }
        }
        // In an outage the probe stays what it is: it is perhaps under way when the last calls from before are heard of.
        if !was_out {
            self.probed = match subject {
                Subject::Survey(_) => subject,
                Subject::Probe(task) | Subject::Task(task) => Subject::Probe(task),
            };
        }
    }

    /// A customer's mailboxes were listed, or could not be: then the run goes on without.
    fn surveyed_by(
        &mut self,
        now: Duration,
        survey: u32,
        end: &CallEnd,
        commands: &mut Vec<Command>,
    ) {
        match &end.reply.meaning {
            Meaning::Busy { wait: _ } | Meaning::Unavailable { wait: _ } | Meaning::NotSent => {
                return;
            }
            Meaning::Refused(Refusal::Role) => {
                // The role that may not list one customer's may list no other's.
                self.survey = surveys(&self.plan);
                return;
            }
            Meaning::Refused(Refusal::Credentials) => {
                self.turn_first_away(now, end, Status::Rejected, commands);
            }
            Meaning::Misconfigured(_) => self.turn_first_away(now, end, Status::Failed, commands),
            Meaning::NotApi | Meaning::Unclear if self.unlisted + 1 >= UNLISTED_MAX => {
                // What cannot be listed twice in a row cannot be listed here; the rows tell how the switch is.
                self.survey = surveys(&self.plan);
                return;
            }
            Meaning::NotApi | Meaning::Unclear => self.unlisted += 1,
            Meaning::Found(_) => {
                self.unlisted = 0;
                // Where an earlier row may make the mailbox, it is not this row's for sure when it is found.
                for task in &end.absent {
                    if !self.follows_a_create(*task) {
                        self.see(*task, Evidence::Absent);
                    }
                }
            }
            Meaning::Done
            | Meaning::Passed
            | Meaning::Lost
            | Meaning::Refused(
                Refusal::Absent | Refusal::Parameters { keys: _ } | Refusal::RatePlan,
            ) => {}
        }
        self.stop = self.stop.or(stop_of_reading(&end.reply.meaning));
        // One that is asked for again as a probe says nothing of those after it.
        self.survey = self.survey.max(survey + 1);
    }

    /// The run ends before its first row: what the switch said is told of that row, on whose behalf it was asked.
    fn turn_first_away(
        &mut self,
        now: Duration,
        end: &CallEnd,
        status: Status,
        commands: &mut Vec<Command>,
    ) {
        let Some(task) =
            self.queue.take(now, Whom::Any).filter(|it| self.histories.get(*it).is_none())
        else {
            return;
        };
        let outcome = self.results.of_call(end, status, 1);
        commands.push(Command::LeaveOpen { task, outcome });
    }

    fn task_replied(
        &mut self,
        now: Duration,
        task: u32,
        end: &CallEnd,
        commands: &mut Vec<Command>,
    ) {
        let meaning = &end.reply.meaning;
        let mut history = self.histories.remove(task).unwrap_or_default();
        history.calls = history.calls.saturating_add(1);
        if !meaning.is_no_attempt() {
            history.attempts += 1;
        }
        self.latch_by(task, history.ask, meaning);
        if history.ask == Ask::LookUp && *meaning == Meaning::Refused(Refusal::Absent) {
            self.see(task, Evidence::Absent);
        }
        let (judgement, stop) = judgement::judge(self.asked(task, &history), meaning);
        self.stop = self.stop.or(stop);
        if let Some(at) = self.next_call(now, judgement, &mut history, end) {
            self.histories.insert(task, history);
            self.queue.delay(task, at, Turn::Further);
            return;
        }
        self.conclude(judgement, history, end, commands);
    }

    /// What is never to be tried again in this run.
    fn latch_by(&mut self, task: u32, ask: Ask, meaning: &Meaning) {
        let Task { action, customer, .. } = *self.task(task);
        match (meaning, ask) {
            (Meaning::Refused(Refusal::Role), Ask::Act) => self.latch.role(action),
            (Meaning::Refused(Refusal::Role), Ask::LookUp) => self.latch.no_lookups(),
            (Meaning::Refused(Refusal::RatePlan), Ask::Act) => {
                self.latch.rate_plan(action, customer);
            }
            _ => {}
        }
    }

    fn asked(&self, task: u32, history: &History) -> Asked {
        let Task { action, judged_late, copies_pin, .. } = *self.task(task);
        let History { calls: _, attempts, resends, ask, maybe_done, carried, refusal } = history;
        Asked {
            kind: self.settings.kind,
            action,
            ask: *ask,
            judged_late,
            attempts: *attempts,
            resends: *resends,
            maybe_done: *maybe_done,
            refused: refusal.is_some(),
            evidence: self.seen(task),
            aged: carried.is_some_and(|it| it.aged),
            edited: carried.is_some_and(|it| it.edited),
            copies_pin,
            no_lookups: self.latch.forbids_lookups(),
        }
    }

    /// When a row is called again, if it is; `history` says what for.
    fn next_call(
        &mut self,
        now: Duration,
        judgement: Judgement,
        history: &mut History,
        end: &CallEnd,
    ) -> Option<Duration> {
        let meaning = &end.reply.meaning;
        match judgement {
            Judgement::Again if meaning.is_no_attempt() => Some(now),
            Judgement::Again => {
                let tries = u32::from(history.attempts);
                Some(now + backoff::TRANSIENT.after(tries, &mut self.random))
            }
            Judgement::AgainSettled => {
                history.maybe_done = true;
                Some(now + self.settings.settle)
            }
            Judgement::LookUpSettled => {
                history.maybe_done = true;
                history.turn_to(Ask::LookUp);
                Some(now + self.settings.settle)
            }
            Judgement::LookUpRefused => {
                if let Meaning::Refused(refusal) = meaning
                    && !judgement::is_about_the_mailbox(refusal)
                {
                    history.refusal = Some(self.results.words(end));
                }
                history.turn_to(Ask::LookUp);
                Some(now)
            }
            Judgement::Resend => {
                history.resends += 1;
                history.turn_to(Ask::Act);
                Some(now)
            }
            Judgement::Assert(ask) => {
                history.turn_to(ask);
                Some(now)
            }
            Judgement::Settled(_)
            | Judgement::Told(..)
            | Judgement::AsRefused
            | Judgement::Depends
            | Judgement::TurnedAway(_)
            | Judgement::LeftOpen => None,
        }
    }

    /// A row's result, or what is said of it until the next run.
    fn conclude(
        &mut self,
        judgement: Judgement,
        history: History,
        end: &CallEnd,
        commands: &mut Vec<Command>,
    ) {
        let Subject::Task(task) = end.subject else { return };
        let calls = history.calls;
        let outcome = match judgement {
            Judgement::Told(status, why) => self.results.told(end, status, calls, why),
            Judgement::Depends => self.results.depends(end, self.depends_on(task), calls),
            Judgement::AsRefused => Results::as_refused(end, &history),
            Judgement::Settled(status) => self.results.of_call(end, status, calls),
            Judgement::TurnedAway(status) => {
                let outcome = self.results.of_call(end, status, calls);
                self.gate.settle(status);
                commands.push(Command::Record(Entry::Withdrawn { task }));
                commands.push(Command::LeaveOpen { task, outcome });
                return;
            }
            Judgement::LeftOpen => {
                let why = self.stop.map_or("the run ended", Stop::as_str);
                self.histories.insert(task, history);
                self.leave_open(task, why, commands);
                return;
            }
            Judgement::Again
            | Judgement::AgainSettled
            | Judgement::LookUpSettled
            | Judgement::LookUpRefused
            | Judgement::Resend
            | Judgement::Assert(_) => unreachable!("a row that is called again has no result"),
        };
        self.settle(task, outcome, commands);
    }
}

/// Why the run has to stop after a call that only reads, if so.
fn stop_of_reading(meaning: &Meaning) -> Option<Stop> {
    match meaning {
        Meaning::Refused(Refusal::Credentials) => Some(Stop::Credentials),
        Meaning::Misconfigured(what) => Some(Stop::Misconfigured(*what)),
        _ => None,
    }
}
