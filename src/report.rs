//! Stage 5: outcomes in, files out: one record for every input row, in input order.
//!
//! Knows the words and the order of a report, and that a file is replaced whole or not at all.

mod csv;
mod native;
mod output;
mod page;
mod problems;
mod record;
pub mod text;

pub use native::NativeRows;
pub use native::Reader;
pub use output::Output;
pub use output::OutputError;
pub use page::Line;
pub use page::Page;
pub use problems::Finding;
pub use record::Record;
pub use record::time_of_day;

use std::io::Write;
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

/// A list that is being written: of rows and what became of them, or of problems.
#[derive(Debug)]
pub struct Report {
    format: Format,
    output: Output,
}

impl Report {
    /// Begins a list of such lines in `output`.
    pub fn begin<L: Line>(format: Format, output: Output) -> Result<Self, OutputError> {
        let mut report = Self { format, output };
        match format {
            Format::Csv => report.write(format!("{}\n", L::COLUMNS.join(",")).as_bytes())?,
            Format::Jsonl => {}
        }
        Ok(report)
    }

    /// Its form.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Adds the lines of a page.
    pub fn add(&mut self, page: Page) -> Result<(), OutputError> {
        let bytes = page.into_bytes().map_err(|error| self.output.failed(error))?;
        self.write(&bytes)
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        self.output.path()
    }

    /// Puts the finished list in its place.
    pub fn put_in_place(self) -> Result<(), OutputError> {
        self.output.put_in_place()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.output.write_all(bytes).map_err(|error| self.output.failed(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_without_room_is_told_as_such() {
        let output = Output::open(Path::new("/dev/full")).unwrap();
        let report = Report::begin::<Record<'_>>(Format::Csv, output);
        let error = report.and_then(Report::put_in_place).unwrap_err();
        assert_eq!(error.help(), "make room, or name another place");
    }
}
