//! What the tests of this stage share. Refuses to be part of the program.

use std::borrow::Cow;

use crate::input::Format;
use crate::input::Input;
use crate::input::InputError;
use crate::input::Settings;
use crate::input::Source;
use crate::model::Cell;
use crate::model::ColumnNames;
use crate::model::RawRow;
use crate::model::Rule;
use crate::model::Span;

/// A few columns.
pub(super) fn names() -> ColumnNames {
    ColumnNames {
        known: ["mailbox", "pin", "description", "max_length"].map(Cow::Borrowed).to_vec(),
        key: Cow::Borrowed("mailbox"),
        reserved: &["username", "password"],
        ignored: &["boxlift_reason"],
        secret: vec![Cow::Borrowed("pin")],
        loose: false,
        texts: vec![Cow::Borrowed("mailbox"), Cow::Borrowed("pin")],
    }
}

/// A row that outlives its chunk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Kept {
    pub(super) span: Span,
    pub(super) cells: Vec<Cell<'static>>,
    /// Rule, line, column and message of each finding.
    pub(super) problems: Vec<(Rule, u32, Option<String>, String)>,
    pub(super) readable: bool,
    pub(super) excluded: Option<String>,
}

impl Kept {
    pub(super) fn of(row: &RawRow<'_>) -> Self {
        let problems = row.problems.iter().map(|it| {
            let column = it.place.column.as_ref().map(ToString::to_string);
            (it.rule, it.place.line, column, it.message.clone())
        });
        Self {
            span: row.span,
            cells: row.cells.iter().map(own).collect(),
            problems: problems.collect(),
            readable: row.readable,
            excluded: row.excluded.map(str::to_owned),
        }
    }

    pub(super) fn rules(&self) -> Vec<Rule> {
        self.problems.iter().map(|it| it.0).collect()
    }
}

fn own(cell: &Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Absent => Cell::Absent,
        Cell::Empty => Cell::Empty,
        Cell::Text(text) => Cell::Text(text.clone().into_owned().into()),
        Cell::Integer(value) => Cell::Integer(*value),
        Cell::Boolean(value) => Cell::Boolean(*value),
        Cell::Number(digits) => Cell::Number(digits.clone().into_owned().into()),
        Cell::Date(date) => Cell::Date(date.clone().into_owned().into()),
    }
}

pub(super) fn text(text: &str) -> Cell<'static> {
    Cell::Text(text.to_owned().into())
}

pub(super) fn settings() -> Settings {
    Settings::new(names())
}

pub(super) fn open(format: Format, bytes: &[u8]) -> Result<Input, InputError> {
    Input::open(Source::spool(bytes, u64::MAX).unwrap(), format, settings())
}

/// Every row, read twice: the second reading must not differ.
pub(super) fn rows_of(input: &mut Input) -> Vec<Kept> {
    let mut rows = Vec::new();
    let layout = input.layout();
    while let Some(batch) = input.next_batch(4).unwrap() {
        for chunk in batch {
            assert_eq!(chunk.first_row() as usize, rows.len());
            chunk.visit(&layout, |row| rows.push(Kept::of(&row)));
        }
    }
    let mut records = input.records();
    for row in &rows {
        assert_eq!(records.read(row.span, |it| Kept::of(&it)).unwrap(), *row);
    }
    rows
}

pub(super) fn csv(bytes: impl AsRef<[u8]>) -> Vec<Kept> {
    rows_of(&mut open(Format::Csv, bytes.as_ref()).unwrap())
}

pub(super) fn jsonl(bytes: impl AsRef<[u8]>) -> Vec<Kept> {
    rows_of(&mut open(Format::Jsonl, bytes.as_ref()).unwrap())
}
