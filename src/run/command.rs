//! The words between the core and whoever carries out what it says: what happened, and what to do.

use std::time::Duration;

use crate::model::Ask;
use crate::model::Evidence;
use crate::model::Outcome;
use crate::model::Reply;

/// What a call is about. A task is named by its place in the plan, a survey by its place among the plan's surveys.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Subject {
    /// A list of a customer's mailboxes.
    Survey(u32),
    /// Whether the switch answers again: a look-up of that task's mailbox, of which only that counts.
    Probe(u32),
    /// A row.
    Task(u32),
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// Time has passed; also the first event of a run.
    Tick,
    /// A task's intent is recorded.
    Durable {
        /// The task.
        task: u32,
    },
    /// A call that was sent has left, later than it was asked for if a connection had to be opened.
    Left {
        /// What it is about.
        subject: Subject,
        /// When.
        at: Duration,
    },
    /// A call is over.
    Replied(CallEnd),
    /// All calls under way were broken off by the shell; they may have been carried out.
    Abandoned,
    /// A task's row could not be read again; its call was not sent.
    Unreadable {
        /// The task.
        task: u32,
    },
    /// The operator wants no further calls.
    Interrupted,
    /// Nothing more can be recorded, or soon no more: intents that are not durable by now will not be.
    JournalFailed,
}

/// What came of one call.
#[derive(Debug)]
pub struct CallEnd {
    /// What it was about.
    pub subject: Subject,
    /// The switch's answer, or why there is none.
    pub reply: Reply,
    /// Tasks whose mailbox a survey did not show.
    pub absent: Vec<u32>,
    /// From its sending to now.
    pub elapsed: Duration,
    /// The time of day in milliseconds since 1970 UTC.
    pub finished_ms: i64,
}

/// What is worth keeping.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// A call is about to be sent.
    Intent {
        /// The task.
        task: u32,
        /// What was seen of its mailbox up to now.
        evidence: Evidence,
    },
    /// No call of a task whose intent was recorded was carried out.
    Withdrawn {
        /// The task.
        task: u32,
    },
    /// A task has its one result.
    Result {
        /// The task.
        task: u32,
        /// The result.
        outcome: Outcome,
    },
}

/// What to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// Keep this; an intent is answered by [`Event::Durable`].
    Record(Entry),
    /// Send a call now; answered by [`Event::Replied`].
    Call {
        /// What it is about.
        subject: Subject,
        /// What it is for.
        ask: Ask,
    },
    /// The run ends before a task has a result: this is what can be said of it until the next run.
    LeaveOpen {
        /// The task.
        task: u32,
        /// What is said.
        outcome: Outcome,
    },
    /// Unless something happens before, come back with [`Event::Tick`] at that time.
    WaitUntil(Duration),
    /// All is over. Tasks without a result were not tried.
    Finish,
}
