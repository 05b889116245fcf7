//! The outcomes of a million rows, packed: what is a row's alone is kept for each, what rows have in common once.
//!
//! Gives back what was put in, and knows nothing of what it means.

use std::sync::Arc;

use crate::model::Detail;
use crate::model::Outcome;
use crate::model::Status;

/// How many of the last kinds of outcomes a new one is held against; a run has few, a bad one may have a kind a row.
const KINDS_COMPARED_MAX: usize = 16;

/// For every row its outcome, or none yet.
#[derive(Debug)]
pub(super) struct Outcomes {
    rows: Vec<Packed>,
    kinds: Vec<Kind>,
}

/// What is a row's alone. Absent is what no call can come to.
#[derive(Clone, Copy, Debug)]
struct Packed {
    finished_ms: i64,
    elapsed_ms: u32,
    /// Its place among the kinds.
    kind: u32,
}

/// What rows have in common.
#[derive(Debug, Eq, PartialEq)]
struct Kind {
    status: Status,
    attempts: u16,
    http_status: Option<u16>,
    detail: Option<Arc<Detail>>,
}

const NEVER: i64 = i64::MIN;
const NO_TIME: u32 = u32::MAX;
const NO_KIND: u32 = u32::MAX;

impl Packed {
    const NONE: Self = Self { finished_ms: NEVER, elapsed_ms: NO_TIME, kind: NO_KIND };
}

impl Outcomes {
    /// So many rows, none with an outcome.
    pub(super) fn none(rows: usize) -> Self {
        Self { rows: vec![Packed::NONE; rows], kinds: Vec::new() }
    }

    pub(super) fn set(&mut self, row: usize, outcome: Outcome) {
        let Outcome { status, attempts, http_status, elapsed_ms, finished_ms, detail } = outcome;
        let kind = self.place_of(Kind { status, attempts, http_status, detail });
        self.rows[row] = Packed {
            finished_ms: finished_ms.unwrap_or(NEVER),
            elapsed_ms: elapsed_ms.unwrap_or(NO_TIME),
            kind,
        };
    }

    pub(super) fn clear(&mut self, row: usize) {
        self.rows[row] = Packed::NONE;
    }

    pub(super) fn get(&self, row: usize) -> Option<Outcome> {
        let Packed { finished_ms, elapsed_ms, kind: _ } = self.rows[row];
        let Kind { status, attempts, http_status, detail } = self.kind(row)?;
        Some(Outcome {
            status: *status,
            attempts: *attempts,
            http_status: *http_status,
            elapsed_ms: Some(elapsed_ms).filter(|it| *it != NO_TIME),
            finished_ms: Some(finished_ms).filter(|it| *it != NEVER),
            detail: detail.clone(),
        })
    }

    pub(super) fn status(&self, row: usize) -> Option<Status> {
        self.kind(row).map(|it| it.status)
    }

    pub(super) fn detail(&self, row: usize) -> Option<&Arc<Detail>> {
        self.kind(row)?.detail.as_ref()
    }

    pub(super) fn attempts(&self, row: usize) -> u16 {
        self.kind(row).map_or(0, |it| it.attempts)
    }

    /// All rows, whether they have an outcome or not.
    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        0..self.rows.len()
    }

    fn kind(&self, row: usize) -> Option<&Kind> {
        self.kinds.get(self.rows[row].kind as usize)
    }

    fn place_of(&mut self, kind: Kind) -> u32 {
        let first = self.kinds.len().saturating_sub(KINDS_COMPARED_MAX);
        let known = self.kinds[first..].iter().position(|it| *it == kind);
        let place = known.map_or(self.kinds.len(), |it| first + it);
        if known.is_none() {
            self.kinds.push(kind);
        }
        u32::try_from(place).unwrap_or(NO_KIND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_sixteen_bytes() {
        assert_eq!(size_of::<Packed>(), 16);
    }

    #[test]
    fn outcomes_come_back_as_they_were_however_many_kinds_there_are() {
        let outcome = |row: usize| Outcome {
            attempts: u16::try_from(row % 40).unwrap(),
            http_status: Some(200).filter(|_| row.is_multiple_of(2)),
            elapsed_ms: u32::try_from(row).ok().filter(|_| row.is_multiple_of(3)),
            finished_ms: i64::try_from(row).ok().filter(|_| row.is_multiple_of(5)),
            ..Outcome::without_call(Status::ALL[row % Status::ALL.len()], None)
        };
        let mut outcomes = Outcomes::none(101);
        for row in 0..100 {
            outcomes.set(row, outcome(row));
        }
        for row in 0..100 {
            assert_eq!(outcomes.get(row), Some(outcome(row)));
        }
        outcomes.clear(0);
        assert_eq!((outcomes.get(0), outcomes.get(100)), (None, None));
    }

    #[test]
    fn rows_that_came_to_the_same_share_it() {
        let mut outcomes = Outcomes::none(1000);
        for row in outcomes.rows() {
            let message = format!("reason {}", row % 7);
            let detail = Arc::new(Detail { message, ..Detail::default() });
            outcomes.set(row, Outcome::without_call(Status::Rejected, Some(detail)));
        }
        assert_eq!(outcomes.kinds.len(), 7);
    }
}
