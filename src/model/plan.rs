//! What is going to be done, as data: the tasks in their order, and who waits for whom.

use crate::model::Action;
use crate::model::RowIndex;

/// What must have become of a row before a later one may be sent.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Needs {
    /// It is over, and not in doubt.
    Finished,
    /// It succeeded.
    Success,
}

/// A task waits for an earlier one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dependency {
    /// The task that waits, by its place in the plan.
    pub task: u32,
    /// The task waited for; always the smaller place.
    pub on: u32,
    /// What is waited for.
    pub needs: Needs,
}

/// One row that is to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Task {
    /// The row.
    pub row: RowIndex,
    /// What it asks for.
    pub action: Action,
    /// Tasks of one lane never overlap: they touch the same mailbox.
    pub lane: u32,
    /// Whose mailbox, where the row says so.
    pub customer: Option<u32>,
    /// Hangs on a mailbox that an earlier task makes: a rehearsal cannot judge it for good.
    pub judged_late: bool,
}

/// The tasks in the order in which they become due, all waits pointing backwards.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    /// In order; file order but for sources of `copy_pin`, which come before their copiers.
    pub tasks: Vec<Task>,
    /// Sorted by `task`, then `on`.
    pub dependencies: Vec<Dependency>,
}
