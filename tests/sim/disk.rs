//! The journal on a made-up disk: entries become durable in order, some time after they were written.

use boxlift::model::Evidence;
use boxlift::model::Status;

/// An entry as it stands on the disk. Rows are named by their number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Line {
    Intent { row: usize, evidence: Evidence, version: usize, at: u64 },
    Withdrawn { row: usize },
    Result { row: usize, status: Status },
}

impl Line {
    pub(crate) fn row(self) -> usize {
        match self {
            Self::Intent { row, .. } | Self::Withdrawn { row } | Self::Result { row, .. } => row,
        }
    }
}

/// The journal.
#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) lines: Vec<Line>,
    /// So many of them survive a crash for sure.
    pub(crate) durable: usize,
    /// A commit is under way for the lines up to this one.
    pub(crate) committing: Option<usize>,
    pub(crate) is_dead: bool,
}

impl Disk {
    /// What of the lines can be read after a crash: all that was durable, and perhaps more.
    pub(crate) fn crash(&mut self, dice: &mut fastrand::Rng) {
        let kept = dice.usize(self.durable..=self.lines.len());
        // A disk that failed keeps nothing that it did not promise.
        let kept = if self.is_dead { self.durable } else { kept };
        self.lines.truncate(kept);
        self.durable = kept;
        self.committing = None;
    }

    /// Whether the last durable word about a row is an intent.
    pub(crate) fn has_intent(&self, row: usize) -> bool {
        let last = self.lines[..self.durable].iter().rev().find(|it| it.row() == row);
        matches!(last, Some(Line::Intent { .. }))
    }
}
