//! What is wrong with the operator's data, where, and how to put it right.

use std::borrow::Cow;

use crate::model::Rule;

/// A place in the input, counted as editors do: from one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Physical line.
    pub line: u32,
    /// Column by name; absent where a finding is about the whole record.
    pub column: Option<Cow<'static, str>>,
}

/// One finding. A value to be collected, never a panic and never `?`.
///
/// No text in it repeats a value of a secret column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The rule that is broken; gives code and severity.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// What is the case: lower case, no full stop.
    pub message: String,
    /// What to do about it, with an example where that helps.
    pub help: Cow<'static, str>,
}

impl Problem {
    /// A finding about one column's cell.
    pub fn in_column(
        rule: Rule,
        line: u32,
        column: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        let place = Place { line, column: Some(column.into()) };
        Self { rule, place, message: message.into(), help: help.into() }
    }

    /// A finding about a record as a whole.
    pub fn in_record(
        rule: Rule,
        line: u32,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        let place = Place { line, column: None };
        Self { rule, place, message: message.into(), help: help.into() }
    }
}
