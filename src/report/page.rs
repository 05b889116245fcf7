//! Some lines of a report as they will stand in the file, put together in memory on any thread.

use std::io;

use serde::Serialize;

use super::Format;

/// What stands in a line of a report, under the columns of its kind.
pub trait Line: Serialize {
    /// The columns' names, in their order: those of the keys in JSON.
    const COLUMNS: &'static [&'static str];

    /// The line as cells, of which none starts a formula.
    fn cells(&self) -> impl Serialize;
}

/// Lines that are put together.
#[derive(Debug)]
pub struct Page(Form);

#[derive(Debug)]
enum Form {
    Csv(Box<csv::Writer<Vec<u8>>>),
    Jsonl(Vec<u8>),
}

impl Page {
    /// A page without a line.
    pub fn blank(format: Format) -> Self {
        let csv = || csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        Self(match format {
            Format::Csv => Form::Csv(Box::new(csv())),
            Format::Jsonl => Form::Jsonl(Vec::new()),
        })
    }

    /// Adds a line.
    pub fn note(&mut self, line: &impl Line) {
        let noted = match &mut self.0 {
            Form::Csv(writer) => writer.serialize(line.cells()).is_ok(),
            Form::Jsonl(bytes) => {
                let noted = serde_json::to_writer(&mut *bytes, line).is_ok();
                bytes.push(b'\n');
                noted
            }
        };
        assert!(noted, "memory takes whatever is written, and texts are always JSON");
    }

    pub(super) fn into_bytes(self) -> io::Result<Vec<u8>> {
        match self.0 {
            Form::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            Form::Jsonl(bytes) => Ok(bytes),
        }
    }
}
