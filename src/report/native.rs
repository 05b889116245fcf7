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
    reader: Reader,
}

/// What the file is read with again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reader {
    /// What a cell of CSV says where an empty string is to be sent.
    pub empty_token: String,
    /// The longest record in bytes.
    pub record_max: usize,
    /// Most lines of a record.
    pub record_lines_max: u32,
}

#[derive(Debug)]
enum Form {
    Csv(Box<csv::Writer<Output>>),
    Jsonl(Output),
}

impl NativeRows {
    /// Begins with these columns.
    pub fn begin(
        format: Format,
        output: Output,
        columns: Vec<Cow<'static, str>>,
        reader: Reader,
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
        Ok(Self { form, columns, reader })
    }

    /// Whether a row reads again as what it is.
    pub fn can_say(&self, cells: &[Cell<'_>]) -> bool {
        let Reader { empty_token, record_max, record_lines_max } = &self.reader;
        let (length, lines) = match &self.form {
            Form::Csv(_) => {
                let texts = cells.iter().map(|it| text(it, empty_token));
                texts.fold((0, 0), |sum, it| (sum.0 + written_length(&it), sum.1 + line_ends(&it)))
            }
            Form::Jsonl(_) => (object(&self.columns, cells).len(), 0),
        };
        length <= *record_max
            && lines < *record_lines_max as usize
            && cells.iter().all(|it| self.can_say_cell(it))
    }

    fn can_say_cell(&self, cell: &Cell<'_>) -> bool {
        match (cell, &self.form) {
            (Cell::Text(text), Form::Csv(_)) => {
                !text.trim_ascii().is_empty() && **text != self.reader.empty_token
            }
            // What a spreadsheet keeps as a number or a date where text belongs would read as if it were right.
            (Cell::Number(_) | Cell::Date(_), Form::Csv(_) | Form::Jsonl(_)) => false,
            (Cell::Absent | Cell::Empty | Cell::Integer(_) | Cell::Boolean(_), Form::Csv(_))
            | (_, Form::Jsonl(_)) => true,
        }
    }

    /// Adds a row: a cell for each column.
    pub fn add(&mut self, cells: &[Cell<'_>]) -> Result<(), OutputError> {
        let Self { form, columns, reader } = self;
        match form {
            Form::Csv(writer) => {
                let texts = cells.iter().map(|it| text(it, &reader.empty_token));
                let texts: Vec<_> = texts.collect();
                let written = writer.write_record(texts.iter().map(AsRef::as_ref));
                checked(writer, written)
            }
            Form::Jsonl(output) => {
                let line = object(columns, cells) + "\n";
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

/// A row as a JSON object.
fn object(columns: &[Cow<'static, str>], cells: &[Cell<'_>]) -> String {
    let entries = columns.iter().zip(cells).filter_map(|(name, cell)| {
        Some(format!("{}:{}", Value::from(name.as_ref()), value(cell)?))
    });
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

/// Most bytes that a text takes as a cell of CSV, with its quotes and the delimiter behind it.
fn written_length(text: &str) -> usize {
    text.len() + text.matches('"').count() + "\"\",".len()
}

/// Line ends in a text: LF, CRLF and lone CR.
fn line_ends(text: &str) -> usize {
    text.matches(['\n', '\r']).count() - text.matches("\r\n").count()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn can_say(format: Format, cell: Cell<'_>) -> bool {
        let output = Output::given("rows", Box::new(Vec::new()));
        let reader =
            Reader { empty_token: "<empty>".to_owned(), record_max: 110, record_lines_max: 50 };
        let columns = vec![Cow::Borrowed("description")];
        NativeRows::begin(format, output, columns, reader).unwrap().can_say(&[cell])
    }

    #[test]
    fn a_text_that_csv_would_read_as_something_else_is_not_said() {
        let lines = ["\n", "\r", "\na"].map(|it| format!("a{}", it.repeat(50)));
        for text in [" ", "<empty>", &lines[0], &lines[1], &lines[2], &"\"".repeat(54)] {
            assert!(!can_say(Format::Csv, Cell::Text(text.into())), "{text:?}");
        }
        for text in ["x", &format!("a{}", "\r\n".repeat(30)), &format!("a{}", "\n".repeat(49))] {
            assert!(can_say(Format::Csv, Cell::Text(text.into())), "{text:?}");
        }
        assert!(can_say(Format::Jsonl, Cell::Text(" ".into())));
    }

    #[test]
    fn a_row_is_not_longer_than_a_record_may_be() {
        for (format, most) in [(Format::Csv, 107), (Format::Jsonl, 92)] {
            assert!(can_say(format, Cell::Text("x".repeat(most).into())));
            assert!(!can_say(format, Cell::Text("x".repeat(most + 1).into())));
        }
    }
}
