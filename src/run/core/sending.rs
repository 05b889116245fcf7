//! What comes next: intents on their way ahead of the calls, and the one call that may leave now.

use std::time::Duration;

use super::Command;
use super::Core;
use super::Entry;
use crate::model::Ask;
use crate::model::Task;
use crate::run::Rate;
use crate::run::Subject;
use crate::run::queue::Turn;
use crate::run::queue::Whom;

/// Intents that may be recorded ahead of calls that can be sent at once.
pub(super) const INTENTS_AHEAD_MAX: usize = 256;

/// Calls are prepared for that much time ahead.
const AHEAD: Duration = Duration::from_millis(100);

/// Intents that are durable or become so, and were not sent.
fn intents_ahead_max(rate: Rate, concurrency: usize) -> usize {
    rate.calls_within(AHEAD).clamp(1, INTENTS_AHEAD_MAX) + concurrency
}

/// Results of calls that may be known and not be durable yet, however long that takes: each had an intent that is. Those of
/// rows that are skipped because of another one's come on top; whoever goes on with the run finds them again.
pub fn results_open_max(rate: Rate, concurrency: usize) -> usize {
    let further_calls = concurrency;
    intents_ahead_max(rate, concurrency) + further_calls + concurrency
}

/// Rows begun in this run whose fate is being found out; no further ones are begun until some of them are told.
const OPEN_MAX: usize = 10_000;

/// What came of the wish to send one more call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sent {
    One,
    NoneBefore(Duration),
    None,
}

impl Core<'_> {
    /// Has intents recorded for the tasks that come next.
    pub(super) fn prepare(&mut self, now: Duration, commands: &mut Vec<Command>) {
        // An intent holds what was seen before it: all that will be must be there by then.
        if self.is_surveying() {
            return;
        }
        let ahead = intents_ahead_max(self.pace.rate(), self.settings.concurrency);
        loop {
            let is_open = self.histories.begun() < OPEN_MAX && self.gate.admits();
            let whom = if is_open { Whom::Any } else { Whom::Begun };
            let under_way = self.recording.len() + self.recovering.len();
            // Where no row may be begun, those that wait for it must not keep others from their further calls.
            let goes_on = !self.gate.admits() && under_way < self.settings.concurrency;
            if under_way + self.fresh.len() >= ahead && !goes_on {
                break;
            }
            let Some(task) = self.queue.take(now, whom) else { break };
            if let Some(history) = self.histories.get(task) {
                if history.is_too_old_to_send(self.plan.tasks[task as usize].action) {
                    self.tell_of_age(task, commands);
                    continue;
                }
                // A call of an earlier run may take effect as late as one of this run.
                if history.calls == 0 && now < self.settings.settle {
                    self.queue.delay(task, self.settings.settle, Turn::First);
                    continue;
                }
                if history.is_further_call()
                    && let Err(at) = self.budget.take(now)
                {
                    self.queue.delay(task, at, history.turn());
                    continue;
                }
            }
            self.recording.insert(task);
            let evidence = self.seen(task);
            commands.push(Command::Record(Entry::Intent { task, evidence }));
        }
    }

    pub(super) fn send(&mut self, now: Duration, commands: &mut Vec<Command>) -> Sent {
        let (subject, ask) = if self.breaker.probe_at().is_some() {
            if self.is_probing() || !self.has_something_to_send() {
                return Sent::None;
            }
            (self.probed, Ask::LookUp)
        } else if self.is_surveying() {
            if !self.in_flight.is_empty() {
                return Sent::None;
            }
            (Subject::Survey(self.survey), Ask::LookUp)
        } else if let Some(task) = self.next_task() {
            if let Some(why) = self.forbidden(task) {
                self.take_durable(task);
                self.turn_away(task, why, commands);
                return Sent::One;
            }
            (Subject::Task(task), self.histories.get(task).map_or(Ask::Act, |it| it.ask))
        } else {
            return Sent::None;
        };
        let is_probe = self.breaker.probe_at().is_some();
        let at_once =
            if self.alone || self.breaker.one_at_a_time() { 1 } else { self.limit.calls() };
        if self.in_flight.len() >= at_once && !is_probe {
            return Sent::None;
        }
        let held = self.held_until.max(self.breaker.probe_at().unwrap_or_default());
        if now < held {
            return Sent::NoneBefore(held);
        }
        if let Err(time) = self.pace.take(now) {
            return Sent::NoneBefore(time);
        }
        if let Subject::Task(task) = subject {
            self.take_durable(task);
            if self.histories.get(task).is_none_or(|it| it.calls == 0) {
                self.gate.begin();
            }
        }
        self.in_flight.insert(subject, now);
        self.leaving.insert(subject);
        commands.push(Command::Call { subject, ask });
        Sent::One
    }

    /// Whether a probe is under way, be it that of an outage before.
    fn is_probing(&self) -> bool {
        let is_probe = |it: &Subject| *it == self.probed || matches!(it, Subject::Probe(_));
        self.in_flight.keys().any(is_probe)
    }

    /// Whether anything waits for the switch to answer again.
    fn has_something_to_send(&self) -> bool {
        !self.is_unprepared() || self.queue.next_delayed().is_some() || self.is_surveying()
    }

    /// The next task whose intent is recorded; those that were begun come first, others as far as they may be begun.
    fn next_task(&self) -> Option<u32> {
        let fresh = || self.fresh.front().filter(|_| self.gate.admits());
        self.recovering.front().or_else(fresh).copied()
    }

    fn take_durable(&mut self, task: u32) {
        let queue = if self.recovering.front() == Some(&task) {
            &mut self.recovering
        } else {
            &mut self.fresh
        };
        queue.pop_front();
    }

    /// Why a task's next call is not to be tried, if so.
    fn forbidden(&self, task: u32) -> Option<&'static str> {
        let Task { action, customer, .. } = *self.task(task);
        let asks = self.histories.get(task).map_or(Ask::Act, |it| it.ask);
        self.latch.forbids(action, customer).filter(|_| asks == Ask::Act)
    }
}
