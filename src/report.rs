//! Stage 5: outcomes in, files out: one record for every input row, in input order.
//!
//! Knows the words and the order of a report, and that a file is replaced whole or not at all.

mod csv;
mod jsonl;
mod native;
mod output;
mod problems;
mod record;
pub mod text;

pub use native::NativeRows;
pub use native::Reader;
pub use output::Output;
pub use output::OutputError;
pub use problems::Finding;
pub use problems::Page;
pub use problems::Problems;
pub use record::Record;
pub use record::time_of_day;

use std::path::Path;

/// A form of the report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// A header line, then a line a row.
    Csv,
    /// A JSON object a row.
    Jsonl,
}

impl Format {
    /// The form that a file's extension asks for.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// A report that is being written.
#[derive(Debug)]
pub enum Report {
    /// As CSV.
    Csv(Box<csv::CsvReport>),
    /// As JSONL.
    Jsonl(Output),
}

impl Report {
    /// Begins a report in `output`.
    pub fn begin(format: Format, output: Output) -> Result<Self, OutputError> {
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(csv::CsvReport::begin(output)?)),
            Format::Jsonl => Self::Jsonl(output),
        })
    }

    /// Adds a row.
    pub fn add(&mut self, record: &Record<'_>) -> Result<(), OutputError> {
        match self {
            Self::Csv(report) => report.add(record),
            Self::Jsonl(output) => jsonl::add(record, output).map_err(|error| output.failed(error)),
        }
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        match self {
            Self::Csv(report) => report.path(),
            Self::Jsonl(output) => output.path(),
        }
    }

    /// Puts the finished report in its place.
    pub fn put_in_place(self) -> Result<(), OutputError> {
        match self {
            Self::Csv(report) => report.into_output()?.put_in_place(),
            Self::Jsonl(output) => output.put_in_place(),
        }
    }
}
