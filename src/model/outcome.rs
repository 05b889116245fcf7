//! The one result of a row, and the count of them.

use std::sync::Arc;

/// What became of a row. The names are those of the report.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Status {
    /// Made, and known to be made.
    Created,
    /// Changed, and known to be changed.
    Updated,
    /// The switch would take it, or it can only be judged once an earlier row is really done.
    Accepted,
    /// Left out, by options or by the source; nothing was sent.
    Excluded,
    /// A local rule is broken; nothing was sent.
    Invalid,
    /// The switch refused it; nothing changed.
    Rejected,
    /// Given up; known not to be done.
    Failed,
    /// May or may not be done; a person must look.
    InDoubt,
    /// After a lost answer: the mailbox is there and is not what the row would make; nothing changed.
    Conflict,
    /// Not tried: the row it depends on did not succeed.
    Skipped,
    /// Not tried: the run stopped first, or nothing was to be sent.
    NotSent,
}

impl Status {
    /// Every status, in the order of the summary.
    pub const ALL: [Self; 11] = [
        Self::Created,
        Self::Updated,
        Self::Accepted,
        Self::Excluded,
        Self::Invalid,
        Self::Rejected,
        Self::Failed,
        Self::InDoubt,
        Self::Conflict,
        Self::Skipped,
        Self::NotSent,
    ];

    /// Reads the word of a report.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Accepted => "accepted",
            Self::Excluded => "excluded",
            Self::Invalid => "invalid",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Conflict => "conflict",
            Self::Skipped => "skipped",
            Self::NotSent => "not_sent",
        }
    }

    /// Whether nothing is left to do for such a row.
    pub fn is_done(self) -> bool {
        match self {
            Self::Created | Self::Updated | Self::Accepted | Self::Excluded => true,
            Self::Invalid
            | Self::Rejected
            | Self::Failed
            | Self::InDoubt
            | Self::Conflict
            | Self::Skipped
            | Self::NotSent => false,
        }
    }
}

/// `code`, `key` and `message` of a report line.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Detail {
    /// A rule's code, or the API's.
    pub code: String,
    /// A column or parameter.
    pub key: String,
    /// Text for people.
    pub message: String,
}

/// A row's one result. Small, since a run keeps one for every row until the reports are written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// What became of it.
    pub status: Status,
    /// Calls made for it, rehearsals of an earlier pass not counted.
    pub attempts: u16,
    /// HTTP status of the last call.
    pub http_status: Option<u16>,
    /// From the last call's sending to its answer.
    pub elapsed_ms: Option<u32>,
    /// When the result was known, in milliseconds since 1970 UTC.
    pub finished_ms: Option<i64>,
    /// Shared, because most rows have the same.
    pub detail: Option<Arc<Detail>>,
}

impl Outcome {
    /// A result that no call led to.
    pub fn without_call(status: Status, detail: Option<Arc<Detail>>) -> Self {
        Self { status, attempts: 0, http_status: None, elapsed_ms: None, finished_ms: None, detail }
    }
}

/// How many rows have which status.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    counts: [u64; Status::ALL.len()],
}

impl Totals {
    /// Counts one more row.
    pub fn note(&mut self, status: Status) {
        self.counts[status as usize] += 1;
    }

    /// Rows with this status.
    pub fn of(&self, status: Status) -> u64 {
        self.counts[status as usize]
    }

    /// Rows with any status.
    pub fn sum(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows that are done.
    pub fn done(&self) -> u64 {
        Status::ALL.into_iter().filter(|it| it.is_done()).map(|it| self.of(it)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_status_at_its_own_place() {
        for (place, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, place);
        }
    }
}
