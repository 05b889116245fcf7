//! A record of the input as it was read: cells with their place, nothing judged but its form.

use std::borrow::Cow;
use std::fmt;

use crate::model::Problem;

/// Stands in a cell whose formula has no value: the program that wrote the spreadsheet did not work it out.
pub const FORMULA_WITHOUT_VALUE: &str = "#NO_VALUE!";

/// Position of a row in its file, counted from 0; people see it plus one.
pub type RowIndex = u32;

/// Where a record stands in the input's bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// Bytes before the record.
    pub offset: u64,
    /// Bytes of the record without its line end.
    pub length: u32,
    /// Physical line on which the record begins, counted from 1.
    pub line: u32,
    /// Keyed hash of the bytes, to see that a second reading meets the same record; 0 where none is to come.
    pub digest: u64,
}

/// One value as the file gives it. May be a PIN: its `Debug` tells what it is, not what it says.
#[derive(Clone, Default, Eq, PartialEq)]
pub enum Cell<'a> {
    /// No such column, a blank CSV cell, or JSON `null`: not sent.
    #[default]
    Absent,
    /// The empty token, or `""` in JSON: an empty string is to be sent.
    Empty,
    /// Text, never empty.
    Text(Cow<'a, str>),
    /// A JSON number that is an integer of at most 2^53 either way.
    Integer(i64),
    /// A JSON `true` or `false`.
    Boolean(bool),
    /// A spreadsheet's number: its digits as it keeps them.
    Number(Cow<'a, str>),
    /// A spreadsheet's date or time of day.
    Date(Cow<'a, str>),
}

impl Cell<'_> {
    /// Whether it says more than that something is to be empty.
    pub fn is_given(&self) -> bool {
        match self {
            Self::Absent | Self::Empty | Self::Boolean(_) => false,
            Self::Text(_) | Self::Integer(_) | Self::Number(_) | Self::Date(_) => true,
        }
    }

    /// What it says, which is nobody's to see where the column is secret; nothing for one that is not there.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Absent => None,
            Self::Empty => Some(Cow::Borrowed("")),
            Self::Text(text) | Self::Number(text) | Self::Date(text) => Some(Cow::Borrowed(text)),
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            Self::Boolean(it) => Some(Cow::Borrowed(if *it { "true" } else { "false" })),
        }
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Empty => "Empty",
            Self::Text(_) => "Text(…)",
            Self::Integer(_) => "Integer(…)",
            Self::Boolean(_) => "Boolean(…)",
            Self::Number(_) => "Number(…)",
            Self::Date(_) => "Date(…)",
        })
    }
}

/// A record with a cell for every known column.
///
/// A record that could not be read as cells has all of them absent and says why in `problems`.
#[derive(Debug)]
pub struct RawRow<'a> {
    /// Where it stands.
    pub span: Span,
    /// One cell a column, in the order of [`ColumnNames::known`](crate::model::ColumnNames::known).
    pub cells: &'a [Cell<'a>],
    /// What is wrong with its form. A row with any is invalid, whatever its cells say.
    pub problems: &'a [Problem],
    /// The cells can be trusted to stand in their own columns.
    pub readable: bool,
    /// Why the source means it to be left out, such as a person without voicemail.
    pub excluded: Option<&'a str>,
}
