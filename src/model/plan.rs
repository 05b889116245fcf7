//! What is going to be done, as data: the tasks in their order, and who waits for whom.

use crate::model::Action;
use crate::model::Evidence;
use crate::model::RowIndex;
use crate::model::Status;

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
    /// Its PIN is another mailbox's, so that it cannot be set again.
    pub copies_pin: bool,
}

/// What an earlier run of the same job left of a task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Known {
    /// Its result; it is not called again.
    Settled(Status),
    /// A call for it may have been carried out, and may still take effect.
    Open(Carried),
}

/// What is known of a call whose answer an earlier run never saw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Carried {
    /// What was seen before that call.
    pub evidence: Evidence,
    /// So long ago that somebody else may have changed the mailbox meanwhile.
    pub aged: bool,
    /// The row asks for something else now than that call did.
    pub edited: bool,
}

/// The tasks in the order in which they become due, all waits pointing backwards.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    /// In order; file order but for sources of `copy_pin`, which come before their copiers.
    pub tasks: Vec<Task>,
    /// Sorted by `task`, then `on`.
    pub dependencies: Vec<Dependency>,
    /// What earlier runs left, sorted by task.
    pub known: Vec<(u32, Known)>,
    /// Customers whose mailboxes are listed before the first create: what is not there then is this run's later.
    pub surveys: Vec<Option<u32>>,
    /// What was seen of each task's mailbox; tasks beyond its end have no evidence.
    pub evidence: Vec<Evidence>,
}

impl Plan {
    /// The same, to be rehearsed: rows whose calls may have been carried out are not, since they would be refused.
    #[must_use]
    pub fn to_be_rehearsed(mut self) -> Self {
        for (_, known) in &mut self.known {
            if let Known::Open(_) = known {
                *known = Known::Settled(Status::Accepted);
            }
        }
        self.surveys.clear();
        self
    }

    /// How many tasks had their result before the run begins.
    pub fn known_results(&self) -> usize {
        let is_settled = |(_, known): &&(u32, Known)| matches!(known, Known::Settled(_));
        self.known.iter().filter(is_settled).count()
    }
}
