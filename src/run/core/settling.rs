//! How a task comes to its one result, and what that means for those that waited for it.

use std::cmp::Reverse;
use std::time::Duration;

use super::Command;
use super::Core;
use super::Entry;
use crate::model::Needs;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Status;
use crate::run::Stop;
use crate::run::queue::End;
use crate::run::queue::Lost;

impl Core<'_> {
    /// Gives a task its one result, and those that can no longer be tried because of it theirs.
    pub(super) fn settle(&mut self, task: u32, outcome: Outcome, commands: &mut Vec<Command>) {
        let end = match outcome.status {
            Status::Created | Status::Updated | Status::Accepted => End::Success,
            Status::InDoubt => End::Doubt,
            Status::Invalid
            | Status::Rejected
            | Status::Failed
            | Status::Conflict
            | Status::Skipped
            | Status::NotSent => End::Failure,
        };
        let mut settled = vec![(task, outcome, end)];
        while let Some((task, outcome, end)) = settled.pop() {
            commands.push(Command::Record(Entry::Result { task, outcome }));
            for Lost { task, on, end } in self.queue.finish(task, end) {
                let row = self.task(on).row;
                // Doubt is handed on: what follows in the lane may meet the call that is in doubt.
                settled.push((task, self.results.skipped(row, end == End::Doubt), end));
            }
        }
    }

    /// What was under way was broken off.
    pub(super) fn abandoned(&mut self, now: Duration, commands: &mut Vec<Command>) {
        let mut tasks: Vec<_> = self.in_flight.drain().collect();
        tasks.sort_unstable();
        for task in tasks {
            self.left(task, now);
            let history = self.histories.remove(&task).unwrap_or_default();
            let outcome = self.results.abandoned(self.settings.kind, history);
            self.settle(task, outcome, commands);
        }
    }

    /// After a stop: what was begun is awaited, what was tried and put back is given its result.
    pub(super) fn wind_up(&mut self, commands: &mut Vec<Command>) {
        if !self.in_flight.is_empty() || self.recording > 0 {
            return;
        }
        let mut open: Vec<u32> = self.queue.drain_put_back();
        open.extend(self.durable.drain(..));
        open.sort_unstable();
        for task in open {
            let Some(history) = self.histories.remove(&task) else { continue };
            let why = self.stop.map_or("the run ended", Stop::as_str);
            let outcome = self.results.left_open(history, why);
            commands.push(Command::Record(Entry::Result { task, outcome }));
        }
        self.finish(commands);
    }

    /// The row that a task hangs on: one that must succeed before one that must only be over.
    pub(super) fn depends_on(&self, task: u32) -> RowIndex {
        let first = self.plan.dependencies.partition_point(|it| it.task < task);
        let own = self.plan.dependencies[first..].iter().take_while(|it| it.task == task);
        let on = own.max_by_key(|it| (it.needs == Needs::Success, Reverse(it.on)));
        self.task(on.map_or(task, |it| it.on)).row
    }
}
