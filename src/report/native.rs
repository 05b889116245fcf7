//! Rows with our own columns, as an input again.
//!
//! Holds PINs, so it is nobody else's to read. Refuses a row that the form cannot say as it is.

use std::borrow::Cow;
use std::io::Write;

use serde_json::Value;

use crate::model::Cell;
use crate::report::Format;
use crate::report::Output;
use crate::report::OutputError;
use crate::report::csv::checked;
use crate::report::csv::into_output;

/// A file of rows that is being written.
#[derive(Debug)]
pub struct NativeRows {
    form: Form,
    columns: Vec<Cow<'static, str>>,
    empty_token: String,
}

#[derive(Debug)]
enum Form {
    Csv(Box<csv::Writer<Output>>),
    Jsonl(Output),
}

impl NativeRows {
    /// Begins with these columns. `empty_token` is what a cell of CSV says where an empty string is to be sent.
    pub fn begin(
        format: Format,
        output: Output,
        columns: Vec<Cow<'static, str>>,
        empty_token: &str,
    ) -> Result<Self, OutputError> {
        let form = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(output);
                let header = writer.write_record(columns.iter().map(AsRef::as_ref));
                checked(&writer, header)?;
                Form::Csv(Box::new(writer))
            }
            Format::Jsonl => Form::Jsonl(output),
        };
        Ok(Self { form, columns, empty_token: empty_token.to_owned() })
    }

    /// Whether a cell reads again as what it is.
    pub fn can_say(&self, cell: &Cell<'_>) -> bool {
        match (&self.form, cell) {
            (Form::Csv(_), Cell::Text(text)) => {
                !text.trim_ascii().is_empty() && **text != self.empty_token
            }
            // What a spreadsheet keeps as a number or a date where text belongs would read as if it were right.
            (Form::Csv(_) | Form::Jsonl(_), Cell::Number(_) | Cell::Date(_)) => false,
            (Form::Csv(_) | Form::Jsonl(_), _) => true,
        }
    }

    /// Adds a row: a cell for each column.
    pub fn add(&mut self, cells: &[Cell<'_>]) -> Result<(), OutputError> {
        match &mut self.form {
            Form::Csv(writer) => {
                let texts = cells.iter().map(|it| text(it, &self.empty_token));
                let texts: Vec<_> = texts.collect();
                let written = writer.write_record(texts.iter().map(AsRef::as_ref));
                checked(writer, written)
            }
            Form::Jsonl(output) => {
                let entries = self.columns.iter().zip(cells).filter_map(|(name, cell)| {
                    Some(format!("{}:{}", Value::from(name.as_ref()), value(cell)?))
                });
                let line = format!("{{{}}}\n", entries.collect::<Vec<_>>().join(","));
                output.write_all(line.as_bytes()).map_err(|error| output.failed(error))
            }
        }
    }

    /// Puts the finished file in its place.
    pub fn put_in_place(self) -> Result<(), OutputError> {
        match self.form {
            Form::Csv(writer) => into_output(*writer)?.put_in_place(),
            Form::Jsonl(output) => output.put_in_place(),
        }
    }
}

fn text<'c>(cell: &'c Cell<'_>, empty_token: &'c str) -> Cow<'c, str> {
    match cell {
        Cell::Absent => Cow::Borrowed(""),
        Cell::Empty => Cow::Borrowed(empty_token),
        Cell::Text(text) | Cell::Number(text) | Cell::Date(text) => Cow::Borrowed(text),
        Cell::Integer(number) => Cow::Owned(number.to_string()),
        Cell::Boolean(value) => Cow::Borrowed(if *value { "1" } else { "0" }),
    }
}

fn value(cell: &Cell<'_>) -> Option<Value> {
    match cell {
        Cell::Absent => None,
        Cell::Empty => Some("".into()),
        Cell::Text(text) | Cell::Number(text) | Cell::Date(text) => Some(text.as_ref().into()),
        Cell::Integer(number) => Some((*number).into()),
        Cell::Boolean(value) => Some((*value).into()),
    }
}
