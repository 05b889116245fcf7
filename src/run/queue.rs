//! Which task is next: the first one in plan order that nothing holds back.
//!
//! Knows who waits for whom and what time a task is put off to; knows nothing of calls.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::HashMap;
use std::time::Duration;

use crate::model::Dependency;
use crate::model::Known;
use crate::model::Needs;
use crate::model::Plan;
use crate::model::Status;

/// A task's place in the plan.
pub(super) type TaskIndex = u32;

/// What became of a task, as far as tasks that wait for it are concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Success,
    Failure,
    Doubt,
}

impl End {
    /// How a task with this result ended.
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Created | Status::Updated | Status::Accepted => Self::Success,
            Status::InDoubt => Self::Doubt,
            Status::Excluded
            | Status::Invalid
            | Status::Rejected
            | Status::Failed
            | Status::Conflict
            | Status::Skipped
            | Status::NotSent => Self::Failure,
        }
    }
}

/// A task that can no longer be tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Lost {
    /// The task.
    pub(super) task: TaskIndex,
    /// The task that did not end as it needed.
    pub(super) on: TaskIndex,
    /// How that one ended.
    pub(super) end: End,
}

/// Which tasks may be taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whom {
    /// All of them.
    Any,
    /// Those that were begun.
    Begun,
}

/// What a task is put back for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Turn {
    /// It was not begun yet.
    First,
    /// It was begun, and goes on.
    Further,
}

/// What a task waits for.
#[derive(Default)]
struct Unmet {
    tasks: usize,
    /// One of them that did not end as needed. The others are still waited for: they may be in the same lane.
    doomed_by: Option<Lost>,
}

pub(super) struct Queue {
    /// The first task that was never looked at.
    cursor: TaskIndex,
    tasks: TaskIndex,
    /// Tasks behind the cursor that were not begun and wait for nobody any more.
    freed: BinaryHeap<Reverse<TaskIndex>>,
    /// Tasks that were begun and may go on now.
    put_back: BinaryHeap<Reverse<TaskIndex>>,
    /// Tasks that may go later.
    delayed: BinaryHeap<Reverse<(Duration, TaskIndex, Turn)>>,
    /// What a task still waits for. Tasks that wait for nothing are not in it.
    unmet: HashMap<TaskIndex, Unmet>,
    /// How many of those may still be tried.
    hopeful: usize,
    /// Who waits, by whom it waits for, sorted.
    waiting: Vec<(TaskIndex, TaskIndex, Needs)>,
    /// Tasks that had their result before the run began, sorted. They are over once those before them in their lane are.
    settled: Vec<(TaskIndex, End)>,
}

impl Queue {
    pub(super) fn new(plan: &Plan) -> Self {
        let settled: Vec<_> = plan.known.iter().copied().filter_map(settled).collect();
        let is_settled = |task: TaskIndex| settled.binary_search_by_key(&task, |it| it.0).is_ok();
        let lane_of = |task: TaskIndex| plan.tasks[task as usize].lane;
        // One that is not called again waits for those of its own lane alone, for the sake of those that follow there.
        let counts = |it: &&Dependency| !is_settled(it.task) || lane_of(it.task) == lane_of(it.on);
        let mut unmet = HashMap::<TaskIndex, Unmet>::new();
        let mut waiting = Vec::new();
        for Dependency { task, on, needs } in plan.dependencies.iter().filter(counts) {
            unmet.entry(*task).or_default().tasks += 1;
            waiting.push((*on, *task, *needs));
        }
        waiting.sort_unstable();
        let waits = |it: &&(TaskIndex, End)| unmet.contains_key(&it.0);
        let hopeful = unmet.len() - settled.iter().filter(waits).count();
        Self {
            cursor: 0,
            tasks: TaskIndex::try_from(plan.tasks.len()).unwrap_or(TaskIndex::MAX),
            freed: BinaryHeap::new(),
            put_back: BinaryHeap::new(),
            delayed: BinaryHeap::new(),
            hopeful,
            unmet,
            waiting,
            settled,
        }
    }

    /// Takes the next of those tasks that may go at `now`.
    pub(super) fn take(&mut self, now: Duration, whom: Whom) -> Option<TaskIndex> {
        while let Some(&Reverse((_, task, turn))) = self.delayed.peek().filter(|it| it.0.0 <= now) {
            self.delayed.pop();
            match turn {
                Turn::First => self.freed.push(Reverse(task)),
                Turn::Further => self.put_back.push(Reverse(task)),
            }
        }
        self.pass_over();
        let put_back = self.put_back.peek().map(|it| it.0);
        let [freed, fresh] = match whom {
            Whom::Begun => [None, None],
            Whom::Any => {
                let fresh = Some(self.cursor).filter(|it| *it < self.tasks);
                [self.freed.peek().map(|it| it.0), fresh]
            }
        };
        let next = [put_back, freed, fresh].into_iter().flatten().min()?;
        if put_back == Some(next) {
            self.put_back.pop();
        } else if freed == Some(next) {
            self.freed.pop();
        } else {
            self.cursor += 1;
        }
        Some(next)
    }

    /// Whether any task is left that may be taken, now or later.
    pub(super) fn has_work(&mut self) -> bool {
        self.pass_over();
        let may_go = !self.freed.is_empty() || !self.put_back.is_empty();
        let waits = self.hopeful > 0 || !self.delayed.is_empty();
        may_go || waits || self.cursor < self.tasks
    }

    /// Goes on to the next task that waits for nobody and has no result.
    fn pass_over(&mut self) {
        let is_passed = |it: &Self| it.unmet.contains_key(&it.cursor) || it.is_settled(it.cursor);
        while self.cursor < self.tasks && is_passed(self) {
            self.cursor += 1;
        }
    }

    fn is_settled(&self, task: TaskIndex) -> bool {
        self.settled_as(task).is_some()
    }

    /// How a task ended before the run began.
    fn settled_as(&self, task: TaskIndex) -> Option<End> {
        let found = self.settled.binary_search_by_key(&task, |it| it.0).ok()?;
        Some(self.settled[found].1)
    }

    /// Puts a task that was taken back until `at`.
    pub(super) fn delay(&mut self, task: TaskIndex, at: Duration, turn: Turn) {
        self.delayed.push(Reverse((at, task, turn)));
    }

    /// When the first delayed task may go.
    pub(super) fn next_delayed(&self) -> Option<Duration> {
        self.delayed.peek().map(|it| it.0.0)
    }

    /// Frees the tasks that waited for those which had their result before; those that can no longer be tried come back.
    pub(super) fn begin(&mut self) -> Vec<Lost> {
        let over = self.settled.iter().copied().filter(|it| !self.unmet.contains_key(&it.0));
        let over: Vec<_> = over.collect();
        over.into_iter().flat_map(|(task, end)| self.finish(task, end)).collect()
    }

    /// Frees the tasks that waited for `task`; those that can no longer be tried come back.
    pub(super) fn finish(&mut self, task: TaskIndex, end: End) -> Vec<Lost> {
        let mut lost = Vec::new();
        // Tasks that are over, each with the one whose end that is for those that wait.
        let mut over = Vec::new();
        let mut next = Some((task, task, end));
        while let Some((task, of, end)) = next {
            let start = self.waiting.partition_point(|(on, ..)| *on < task);
            for place in start..self.waiting.len() {
                let (on, waiter, needs) = self.waiting[place];
                if on != task {
                    break;
                }
                if !self.meet(Lost { task: waiter, on: of, end }, needs) {
                    continue;
                }
                let doom = self.unmet.get(&waiter).and_then(|it| it.doomed_by);
                match (self.settled_as(waiter), doom) {
                    // A doubt before it in the lane is one for those that follow it, too.
                    (Some(_), Some(Lost { on, end: End::Doubt, .. })) => {
                        over.push((waiter, on, End::Doubt));
                    }
                    (Some(end), _) => over.push((waiter, waiter, end)),
                    (None, Some(doom)) => {
                        // It stays among the unmet, where nobody takes it.
                        self.hopeful -= 1;
                        lost.push(doom);
                    }
                    (None, None) => self.release(waiter),
                }
            }
            next = over.pop();
        }
        lost
    }

    /// One of those that a task waits for is over; says whether it was the last.
    fn meet(&mut self, over: Lost, needs: Needs) -> bool {
        let met = match (over.end, needs) {
            (End::Success, _) | (End::Failure, Needs::Finished) => true,
            (End::Failure, Needs::Success) | (End::Doubt, _) => false,
        };
        let Some(unmet) = self.unmet.get_mut(&over.task) else { return false };
        unmet.tasks -= 1;
        // Doubt weighs more than failure: what follows must not be sent after it either.
        let is_first =
            unmet.doomed_by.is_none_or(|it| it.end != End::Doubt && over.end == End::Doubt);
        if !met && is_first {
            unmet.doomed_by = Some(over);
        }
        unmet.tasks == 0
    }

    fn release(&mut self, task: TaskIndex) {
        self.unmet.remove(&task);
        self.hopeful -= 1;
        if task < self.cursor {
            self.freed.push(Reverse(task));
        }
    }
}

fn settled((task, known): (u32, Known)) -> Option<(TaskIndex, End)> {
    match known {
        Known::Settled(status) => Some((task, End::of(status))),
        Known::Open(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use crate::model::Task;

    const NOW: Duration = Duration::ZERO;

    fn queue(tasks: u32, dependencies: &[(u32, u32, Needs)]) -> Queue {
        Queue::new(&plan(0..tasks, dependencies))
    }

    fn plan(lanes: impl IntoIterator<Item = u32>, dependencies: &[(u32, u32, Needs)]) -> Plan {
        let task = |(row, lane)| Task {
            row,
            action: Action::Update,
            lane,
            customer: None,
            judged_late: false,
            copies_pin: false,
        };
        let depends = |(task, on, needs): &(u32, u32, Needs)| Dependency {
            task: *task,
            on: *on,
            needs: *needs,
        };
        Plan {
            tasks: (0..).zip(lanes).map(task).collect(),
            dependencies: dependencies.iter().map(depends).collect(),
            ..Plan::default()
        }
    }

    /// Three tasks, each waiting for the one before it, of which the second was done before.
    fn chain(lanes: [u32; 3]) -> Queue {
        let waits = [(1, 0, Needs::Finished), (2, 1, Needs::Finished)];
        let known = vec![(1, Known::Settled(Status::Updated))];
        let mut queue = Queue::new(&Plan { known, ..plan(lanes, &waits) });
        assert_eq!(queue.begin(), []);
        queue
    }

    #[test]
    fn tasks_come_in_plan_order_and_those_that_wait_come_when_they_may() {
        let mut queue = queue(3, &[(1, 0, Needs::Finished)]);
        assert_eq!(
            [queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)],
            [Some(0), Some(2), None]
        );
        assert_eq!(queue.finish(0, End::Failure), []);
        assert_eq!([queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)], [Some(1), None]);
    }

    #[test]
    fn a_task_whose_condition_failed_is_lost_once_and_only_when_all_it_waits_for_is_over() {
        let needs = [(2, 0, Needs::Success), (2, 1, Needs::Success)];
        let mut queue = queue(3, &needs);
        assert_eq!(queue.finish(0, End::Failure), []);
        assert_eq!(queue.finish(1, End::Success), [Lost { task: 2, on: 0, end: End::Failure }]);
    }

    #[test]
    fn doubt_is_handed_on_though_something_failed_before() {
        let mut queue = queue(3, &[(2, 0, Needs::Success), (2, 1, Needs::Finished)]);
        assert_eq!(queue.finish(0, End::Failure), []);
        assert_eq!(queue.finish(1, End::Doubt), [Lost { task: 2, on: 1, end: End::Doubt }]);
    }

    #[test]
    fn a_task_that_was_settled_before_frees_nobody_until_those_before_it_are_over() {
        let mut queue = chain([0, 0, 0]);
        assert_eq!([queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)], [Some(0), None]);
        assert_eq!(queue.finish(0, End::Failure), []);
        assert_eq!([queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)], [Some(2), None]);
    }

    #[test]
    fn a_doubt_before_a_task_that_was_settled_before_is_one_for_those_that_follow_in_its_lane() {
        let doubt = Lost { task: 2, on: 0, end: End::Doubt };
        assert_eq!(chain([0, 0, 0]).finish(0, End::Doubt), [doubt]);
        let mut queue = chain([0, 1, 1]);
        assert_eq!([queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)], [Some(0), Some(2)]);
        assert_eq!(queue.finish(0, End::Doubt), []);
    }

    #[test]
    fn nothing_follows_on_doubt() {
        let mut queue = queue(2, &[(1, 0, Needs::Finished)]);
        assert_eq!(queue.finish(0, End::Doubt), [Lost { task: 1, on: 0, end: End::Doubt }]);
    }

    #[test]
    fn a_delayed_task_comes_before_later_ones_once_it_is_due() {
        let mut queue = queue(3, &[]);
        assert_eq!(queue.take(NOW, Whom::Any), Some(0));
        queue.delay(0, Duration::from_secs(1), Turn::Further);
        assert_eq!(queue.take(NOW, Whom::Any), Some(1));
        assert_eq!(queue.take(Duration::from_secs(1), Whom::Any), Some(0));
    }

    #[test]
    fn where_none_may_begin_only_those_that_were_begun_come() {
        let mut queue = queue(4, &[(1, 0, Needs::Success)]);
        let all = [queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)];
        assert_eq!(all, [Some(0), Some(2)]);
        queue.delay(2, NOW, Turn::Further);
        queue.delay(0, NOW, Turn::First);
        queue.finish(0, End::Success);
        assert_eq!([queue.take(NOW, Whom::Begun), queue.take(NOW, Whom::Begun)], [Some(2), None]);
        let rest = [queue.take(NOW, Whom::Any), queue.take(NOW, Whom::Any)];
        assert_eq!(rest, [Some(0), Some(1)]);
    }
}
