//! One record of a report, whatever its form.

use serde::Serialize;

use super::csv::guarded;
use super::page::Kind;
use super::page::Line;

/// The columns of a report, in their order; the names are those of the fields.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Record<'r> {
    /// Which record of the input, from 1.
    pub row: u64,
    /// The physical line on which it begins, from 1.
    pub line: u32,
    /// What it asked for, if that could be told.
    pub action: Option<&'static str>,
    /// The customer it named.
    pub customer: Option<u32>,
    /// Its mailbox, if it named a good one.
    pub mailbox: Option<&'r str>,
    /// What became of it.
    pub status: &'static str,
    /// The rule's code, or the API's.
    pub code: Option<&'r str>,
    /// The column or parameter.
    pub key: Option<&'r str>,
    /// Text for people.
    pub message: Option<&'r str>,
    /// Calls made for it.
    pub attempts: u16,
    /// HTTP status of the last call.
    pub http_status: Option<u16>,
    /// Time that the last call took.
    pub elapsed_ms: Option<u32>,
    /// When the result was known: RFC 3339, UTC.
    pub finished_at: Option<&'r str>,
}

/// Rows, and what became of them.
#[derive(Debug)]
pub enum Rows {}

impl Kind for Rows {
    type Line<'l> = Record<'l>;

    const COLUMNS: &'static [&'static str] = &[
        "row",
        "line",
        "action",
        "customer",
        "mailbox",
        "status",
        "code",
        "key",
        "message",
        "attempts",
        "http_status",
        "elapsed_ms",
        "finished_at",
    ];
}

impl Line for Record<'_> {
    fn cells(&self) -> impl Serialize {
        // Every column by its name: whether it is to be guarded is a choice.
        let Self {
            row,
            line,
            action,
            customer,
            mailbox,
            status,
            code,
            key,
            message,
            attempts,
            http_status,
            elapsed_ms,
            finished_at,
        } = *self;
        let [code, key, message] = [code, key, message].map(|it| it.map(guarded));
        let what = (row, line, action, customer, mailbox, status);
        (what, code, key, message, attempts, http_status, elapsed_ms, finished_at)
    }
}

/// A time of day as reports write it.
pub fn time_of_day(milliseconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    Some(format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_to_the_millisecond() {
        assert_eq!(time_of_day(1_700_000_000_120).as_deref(), Some("2023-11-14T22:13:20.120Z"));
    }
}
