//! Jobs and their rows as they go into a journal and come out of it.

use crate::model::Action;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Mailbox;
use crate::model::Outcome;
use crate::model::RowIndex;

/// Kinds of jobs that never meet, though they share a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum JobKind {
    /// The switch acts.
    Real,
    /// The switch only judges.
    Rehearsal,
    /// The embedded switch.
    Sandbox,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Real, Self::Rehearsal, Self::Sandbox];

    /// The word in journals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Rehearsal => "dry run",
            Self::Sandbox => "sandbox",
        }
    }

    /// Reads the word of a journal.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// A job before its first call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewJob {
    /// Its kind.
    pub kind: JobKind,
    /// Absolute path of the input, or `stdin`.
    pub input: String,
    /// Keyed digest of the input's bytes.
    pub digest: [u8; 32],
    /// The switch.
    pub url: String,
    /// The login's user.
    pub username: String,
    /// Tells whether the password is the same one.
    pub verifier: [u8; 16],
    /// The command that was typed.
    pub options: String,
    /// When it began.
    pub began_ms: i64,
}

/// A job that a journal holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// Its number in the journal.
    pub id: i64,
    /// Its kind.
    pub kind: JobKind,
    /// Absolute path of the input, or `stdin`.
    pub input: String,
    /// Keyed digest of the input's bytes.
    pub digest: [u8; 32],
    /// The switch.
    pub url: String,
    /// The login's user.
    pub username: String,
    /// Tells whether the password is the same one.
    pub verifier: [u8; 16],
    /// The command that was typed.
    pub options: String,
    /// When it began.
    pub began_ms: i64,
    /// How it ended, if it said so.
    pub ended: Option<Ended>,
    /// Rows of the input.
    pub rows: u64,
    /// Rows that were called or may have been, by it or by the job that it goes on with.
    pub calls: u64,
}

impl Job {
    /// Whether nothing of it is left to be resumed.
    pub fn is_finished(&self) -> bool {
        self.ended.as_ref().is_some_and(|it| it.left == Left::Nothing)
    }
}

/// The end of a job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// When.
    pub at_ms: i64,
    /// How, for people.
    pub how: String,
    /// Whether it can be gone on with.
    pub left: Left,
}

/// What of a job is left to be resumed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Left {
    /// All rows that can be told of are told of.
    Nothing,
    /// Rows that it did not come to, or whose fate is not known.
    Something,
}

/// What tells a row from others, in every job of the same input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Which record.
    pub row: RowIndex,
    /// Physical line on which it begins.
    pub line: u32,
    /// What it asks for.
    pub action: Option<Action>,
    /// Whose mailbox.
    pub customer: Option<u32>,
    /// Which mailbox.
    pub mailbox: Option<Mailbox>,
    /// Which one of the rows with the same action, customer and mailbox.
    pub nth: u32,
}

/// What an earlier job knows of a row of a new one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Known {
    /// Its place in the new job.
    pub row: RowIndex,
    /// What it asked for then.
    pub fingerprint: Fingerprint,
    /// Tells whether the password was the same one then.
    pub verifier: [u8; 16],
    /// What became of it.
    pub state: KnownState,
}

/// How far an earlier job came with a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KnownState {
    /// Its call may have left; what came of it is not known.
    Open {
        /// When its first intent was recorded, those that were withdrawn not counted.
        at_ms: i64,
        /// What was seen before.
        evidence: Evidence,
    },
    /// It has its result.
    Settled(Outcome),
}

/// What a new job takes over of a row that an earlier one knows, and what the row is recognised by from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Carry {
    /// Intent and result.
    Keep(Fingerprint),
    /// The intent alone.
    Open(Fingerprint),
    /// Nothing.
    Drop,
}

/// Rows of an earlier job that have no place in a new one, and whose fate is not known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Orphans {
    /// How many.
    pub rows: u64,
    /// The mailboxes of the first of them.
    pub first: Vec<Mailbox>,
}

/// Calls that left lately, for the rate.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sends {
    /// When they left, as far as their answers tell; sorted.
    pub known_ms: Vec<i64>,
    /// Intents without a result, whose call may have left.
    pub open: usize,
}

/// Credentials that a switch refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The switch.
    pub url: String,
    /// The login's user.
    pub username: String,
    /// Tells whether the password is the same one.
    pub verifier: [u8; 16],
    /// When it was refused.
    pub at_ms: i64,
}
