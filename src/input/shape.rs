//! How bytes are cut into records and records into cells: what is found once and then holds for the whole input.
//!
//! Refuses to look at bytes itself; `split` and `fields` go by it.

use crate::model::RowIndex;

/// How records are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// Cells with a delimiter between them.
    Delimited(Dialect),
    /// One JSON object a line.
    Objects,
    /// One row of a spreadsheet a line, as a JSON list.
    Lists,
}

/// How cells are told apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dialect {
    /// Stands between cells.
    pub delimiter: u8,
    /// Stands around a cell that holds a delimiter, a line end or a quote; none where quotes are text like any other.
    pub quote: Option<u8>,
}

impl Default for Dialect {
    /// RFC 4180: commas and double quotes.
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"') }
    }
}

impl Dialect {
    /// Whether a byte is the quote.
    pub(super) fn is_quote(self, byte: u8) -> bool {
        self.quote == Some(byte)
    }

    /// Whether some bytes are a blank line: blanks alone, of which none stands between cells.
    pub(super) fn is_blank(self, record: &[u8]) -> bool {
        record.iter().all(|it| it.is_ascii_whitespace() && *it != self.delimiter)
    }
}

impl Shape {
    /// Whether a record is a blank line, which is no row.
    pub(super) fn is_blank(self, record: &[u8]) -> bool {
        match self {
            Self::Delimited(dialect) => dialect.is_blank(record),
            Self::Objects | Self::Lists => record.trim_ascii().is_empty(),
        }
    }
}

/// How much of an input is read at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Longest record in bytes, at most [`Limits::RECORD_MAX`]; a mailbox has a few hundred.
    pub record: usize,
    /// Most rows.
    pub rows: RowIndex,
    /// Most bytes of the whole input, counted as they are read.
    pub input: u64,
}

impl Limits {
    /// What the longest record can be set to: a few of them must find room in memory.
    pub const RECORD_MAX: usize = 16 << 20;

    /// What the number of rows can be set to.
    pub const ROWS_MAX: RowIndex = 100_000_000;
}

impl Default for Limits {
    fn default() -> Self {
        Self { record: 64 << 10, rows: 10_000_000, input: 16 << 30 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_delimiters_is_a_row_and_a_line_of_blanks_is_none() {
        let tabs = Dialect { delimiter: b'\t', ..Dialect::default() };
        assert!(!tabs.is_blank(b"\t\t") && tabs.is_blank(b"  "));
        assert!(Dialect::default().is_blank(b"\t ") && !Dialect::default().is_blank(b",,"));
    }
}
