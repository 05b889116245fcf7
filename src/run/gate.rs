//! When enough rows went wrong: never more than `--max-errors`, and not far beyond the first rows if all are refused.
//!
//! Exact under concurrency: a call that is under way may go wrong, and counts as if it had.

use crate::model::Status;
use crate::run::Stop;

/// Counts rows that went wrong, and those that still may.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Rows that may go wrong; none: as many as like.
    errors_max: Option<u64>,
    errors: u64,
    /// Rows that are sent before the first one succeeded; 0: all.
    canaries: u64,
    refused: u64,
    succeeded: bool,
    /// Rows that were sent and have no result.
    begun: u64,
}

impl Gate {
    pub(super) fn new(errors_max: Option<u64>, canaries: u64, succeeded: bool) -> Self {
        Self { errors_max, canaries, succeeded, ..Self::default() }
    }

    /// Whether one more row may be begun.
    pub(super) fn admits(&self) -> bool {
        let by_errors = self.errors_max.is_none_or(|it| self.errors + self.begun < it);
        by_errors && (self.canaries_are_over() || self.refused + self.begun < self.canaries)
    }

    /// Why no further row will ever be admitted, if so.
    pub(super) fn closed(&self) -> Option<Stop> {
        if self.errors_max.is_some_and(|it| self.errors >= it) {
            return Some(Stop::Errors);
        }
        let all_refused = !self.canaries_are_over() && self.refused >= self.canaries;
        all_refused.then_some(Stop::Canary)
    }

    /// A row is begun.
    pub(super) fn begin(&mut self) {
        self.begun += 1;
    }

    /// A row that was begun has its result.
    pub(super) fn settle(&mut self, status: Status) {
        self.begun = self.begun.saturating_sub(1);
        self.count(status);
    }

    /// A row has its result, be it one that was not begun in this run.
    pub(super) fn count(&mut self, status: Status) {
        match status {
            Status::Created | Status::Updated | Status::Accepted => self.succeeded = true,
            Status::Rejected => {
                self.errors += 1;
                self.refused += 1;
            }
            Status::Failed | Status::InDoubt | Status::Conflict => self.errors += 1,
            Status::Excluded | Status::Invalid | Status::Skipped | Status::NotSent => {}
        }
    }

    fn canaries_are_over(&self) -> bool {
        self.succeeded || self.canaries == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_counts_as_if_it_had_gone_wrong() {
        let mut gate = Gate::new(Some(3), 0, false);
        for _ in 0..3 {
            assert!(gate.admits());
            gate.begin();
        }
        assert!(!gate.admits());
        gate.settle(Status::Created);
        assert!(gate.admits());
        gate.begin();
        for status in [Status::Rejected, Status::Failed, Status::InDoubt] {
            assert_eq!(gate.closed(), None);
            gate.settle(status);
        }
        assert_eq!((gate.admits(), gate.closed()), (false, Some(Stop::Errors)));
    }

    #[test]
    fn one_row_that_succeeds_ends_the_watch_over_the_first_ones() {
        let mut gate = Gate::new(None, 2, false);
        gate.begin();
        gate.begin();
        assert!(!gate.admits());
        gate.settle(Status::Rejected);
        assert!(!gate.admits());
        gate.settle(Status::Updated);
        assert!(gate.admits());
        gate.begin();
        gate.settle(Status::Rejected);
        assert_eq!(gate.closed(), None);
    }

    #[test]
    fn first_rows_that_are_all_refused_close_it() {
        let mut gate = Gate::new(None, 1, false);
        gate.begin();
        gate.settle(Status::Rejected);
        assert_eq!(gate.closed(), Some(Stop::Canary));
    }
}
