//! Some lines of a report as they will stand in the file, put together in memory on any thread.
//!
//! Refuses lines of another kind than its own, and to touch a file.

use std::fmt::Debug;
use std::io;
use std::marker::PhantomData;

use serde::Serialize;

use super::Format;

/// What a report is of.
pub trait Kind: Debug {
    /// What stands in a line.
    type Line<'l>: Line;

    /// The columns' names, in their order: those of the keys in JSON.
    const COLUMNS: &'static [&'static str];
}

/// A line of a report.
pub trait Line: Serialize {
    /// The same as cells, of which none starts a formula.
    fn cells(&self) -> impl Serialize;
}

/// Lines that are put together.
#[derive(Debug)]
pub struct Page<K: Kind> {
    form: Form,
    lines: usize,
    kind: PhantomData<K>,
}

#[derive(Debug)]
enum Form {
    Csv(Box<csv::Writer<Vec<u8>>>),
    Jsonl(Vec<u8>),
}

impl<K: Kind> Page<K> {
    /// Lines of which a page is full: enough to be worth a thread.
    pub const LINES: usize = 1024;

    /// Bytes of which it is full, with fewer lines where those are long.
    const BYTES: usize = 256 << 10;

    /// A page without a line.
    pub fn blank(format: Format) -> Self {
        let csv = || csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        let form = match format {
            Format::Csv => Form::Csv(Box::new(csv())),
            Format::Jsonl => Form::Jsonl(Vec::new()),
        };
        Self { form, lines: 0, kind: PhantomData }
    }

    /// Adds a line.
    pub fn note(&mut self, line: &K::Line<'_>) {
        let noted = match &mut self.form {
            Form::Csv(writer) => writer.serialize(line.cells()).is_ok(),
            Form::Jsonl(bytes) => {
                let noted = serde_json::to_writer(&mut *bytes, line).is_ok();
                bytes.push(b'\n');
                noted
            }
        };
        assert!(noted, "memory takes whatever is written, and texts are always JSON");
        self.lines += 1;
    }

    /// Whether it has as many lines or bytes as a page is to have.
    pub fn is_full(&self) -> bool {
        let bytes = match &self.form {
            Form::Csv(writer) => writer.get_ref(),
            Form::Jsonl(bytes) => bytes,
        };
        self.lines >= Self::LINES || bytes.len() >= Self::BYTES
    }

    pub(super) fn into_bytes(self) -> io::Result<Vec<u8>> {
        match self.form {
            Form::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            Form::Jsonl(bytes) => Ok(bytes),
        }
    }
}
