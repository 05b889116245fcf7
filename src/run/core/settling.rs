//! How a task comes to its one result, and what that means for those that waited for it.

use std::cmp::Reverse;
use std::time::Duration;

use super::Command;
use super::Core;
use super::Entry;
use crate::model::Action;
use crate::model::Dependency;
use crate::model::Kind;
use crate::model::Needs;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Task;
use crate::run::Stop;
use crate::run::Subject;
use crate::run::queue::End;
use crate::run::queue::Lost;

impl Core<'_> {
    /// Gives a task that was begun its one result, and those that can no longer be tried because of it theirs.
    pub(super) fn settle(&mut self, task: u32, outcome: Outcome, commands: &mut Vec<Command>) {
        self.gate.settle(outcome.status);
        self.tell(task, outcome, commands);
    }

    /// Gives tasks that can no longer be tried their results, and those that waited for them theirs.
    pub(super) fn lose(&mut self, mut lost: Vec<Lost>, commands: &mut Vec<Command>) {
        let mut over = Vec::new();
        loop {
            for Lost { task, on, end } in lost {
                // Doubt is handed on: what follows in the lane may meet the call that is in doubt.
                let mut outcome = self.results.skipped(self.task(on).row, end == End::Doubt);
                let mut end = end;
                // Begun by an earlier run, in which the row before it was not tried: it is not known to be untried.
                if let Some(history) = self.histories.remove(task).filter(|it| it.maybe_done) {
                    outcome = self.results.left_open(&history, "a row before it did not succeed");
                    end = End::Doubt;
                }
                self.gate.count(outcome.status);
                commands.push(Command::Record(Entry::Result { task, outcome }));
                over.push((task, end));
            }
            let Some((task, end)) = over.pop() else { return };
            lost = self.queue.finish(task, end);
        }
    }

    /// A task whose intent is recorded is not to be sent.
    pub(super) fn turn_away(&mut self, task: u32, why: &'static str, commands: &mut Vec<Command>) {
        let history = self.histories.remove(task);
        let outcome = match &history {
            Some(history) => self.results.left_open(history, why),
            None => self.results.not_sent(why),
        };
        if history.is_some_and(|it| it.calls > 0) {
            self.settle(task, outcome, commands);
        } else {
            self.settle_unbegun(task, outcome, commands);
        }
    }

    /// An update of yesterday whose fate nobody knows.
    pub(super) fn tell_of_age(&mut self, task: u32, commands: &mut Vec<Command>) {
        self.histories.remove(task);
        let outcome = self.results.aged();
        self.settle_unbegun(task, outcome, commands);
    }

    fn settle_unbegun(&mut self, task: u32, outcome: Outcome, commands: &mut Vec<Command>) {
        self.gate.count(outcome.status);
        self.tell(task, outcome, commands);
    }

    fn tell(&mut self, task: u32, outcome: Outcome, commands: &mut Vec<Command>) {
        let status = outcome.status;
        commands.push(Command::Record(Entry::Result { task, outcome }));
        let lost = self.queue.finish(task, End::of(status));
        self.lose(lost, commands);
    }

    /// What was under way was broken off.
    pub(super) fn abandoned(&mut self, now: Duration, commands: &mut Vec<Command>) {
        let mut subjects: Vec<_> = self.in_flight.drain().map(|it| it.0).collect();
        subjects.sort_unstable();
        for subject in subjects {
            self.left(subject, now);
            let Subject::Task(task) = subject else { continue };
            let history = self.histories.remove(task).unwrap_or_default();
            let outcome = self.results.abandoned(self.settings.kind, &history);
            if self.settings.kind == Kind::Rehearsal {
                commands.push(Command::Record(Entry::Withdrawn { task }));
            }
            commands.push(Command::LeaveOpen { task, outcome });
        }
    }

    /// The run ends before a task has its result: the next one finds out, or sends it if no call of it was carried out.
    pub(super) fn leave_open(&mut self, task: u32, why: &str, commands: &mut Vec<Command>) {
        let history = self.histories.remove(task).unwrap_or_default();
        if !history.maybe_done {
            commands.push(Command::Record(Entry::Withdrawn { task }));
        }
        if history.maybe_done || history.calls > 0 {
            let outcome = self.results.left_open(&history, why);
            commands.push(Command::LeaveOpen { task, outcome });
        }
    }

    /// After a stop: what was begun is awaited, what was tried and put back is left for the next run.
    pub(super) fn wind_up(&mut self, commands: &mut Vec<Command>) {
        if !self.in_flight.is_empty() || !self.recording.is_empty() {
            return;
        }
        let mut open: Vec<u32> = self.histories.tasks().collect();
        open.extend(self.recovering.drain(..).chain(self.fresh.drain(..)));
        open.sort_unstable();
        open.dedup();
        let why = self.stop.map_or("the run ended", Stop::as_str);
        for task in open {
            self.leave_open(task, why, commands);
        }
        self.finish(commands);
    }

    /// The row that a task hangs on: one that must succeed before one that must only be over.
    pub(super) fn depends_on(&self, task: u32) -> RowIndex {
        let on = self.waits_of(task).max_by_key(|it| (it.needs == Needs::Success, Reverse(it.on)));
        self.task(on.map_or(task, |it| it.on)).row
    }

    /// Whether an earlier row may make the very mailbox of a task: it is then not told from what was there before.
    pub(super) fn follows_a_create(&self, task: u32) -> bool {
        let lane = self.task(task).lane;
        let makes_it = |on: &Task| on.lane == lane && on.action == Action::Create;
        self.waits_of(task).any(|it| makes_it(self.task(it.on)))
    }

    fn waits_of(&self, task: u32) -> impl Iterator<Item = &Dependency> {
        let first = self.plan.dependencies.partition_point(|it| it.task < task);
        self.plan.dependencies[first..].iter().take_while(move |it| it.task == task)
    }
}
