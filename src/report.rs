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
mod unfinished;

pub use native::NativeRows;
pub use native::Reader;
pub use output::Output;
pub use output::OutputError;
pub use page::Kind;
pub use page::Line;
pub use page::Page;
pub use problems::Finding;
pub use problems::Problems;
pub use record::Record;
pub use record::Rows;
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

/// A report that is being written: of rows and what became of them, or of something else.
#[derive(Debug)]
pub struct Report<K: Kind = Rows> {
    format: Format,
    output: Output,
    /// Lines that were noted one by one, and stand before those of the next page that is added.
    noted: Page<K>,
}

impl<K: Kind> Report<K> {
    /// Begins a report in `output`.
    pub fn begin(format: Format, output: Output) -> Result<Self, OutputError> {
        let mut report = Self { format, output, noted: Page::blank(format) };
        match format {
            Format::Csv => report.write(format!("{}\n", K::COLUMNS.join(",")).as_bytes())?,
            Format::Jsonl => {}
        }
        Ok(report)
    }

    /// A page for lines of this report.
    pub fn page(&self) -> Page<K> {
        Page::blank(self.format)
    }

    /// Its form.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Adds a line.
    pub fn note(&mut self, line: &K::Line<'_>) -> Result<(), OutputError> {
        self.noted.note(line);
        if self.noted.is_full() { self.write_noted() } else { Ok(()) }
    }

    /// Adds the lines of a page.
    pub fn add(&mut self, page: Page<K>) -> Result<(), OutputError> {
        self.write_noted()?;
        self.write_page(page)
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        self.output.path()
    }

    /// Puts the finished report in its place.
    pub fn put_in_place(mut self) -> Result<(), OutputError> {
        self.write_noted()?;
        self.output.put_in_place()
    }

    fn write_noted(&mut self) -> Result<(), OutputError> {
        let blank = self.page();
        let noted = std::mem::replace(&mut self.noted, blank);
        self.write_page(noted)
    }

    fn write_page(&mut self, page: Page<K>) -> Result<(), OutputError> {
        let bytes = page.into_bytes().map_err(|error| self.output.failed(error))?;
        self.write(&bytes)
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
        let report = Report::<Rows>::begin(Format::Csv, output);
        let error = report.and_then(Report::put_in_place).unwrap_err();
        assert_eq!(error.help(), "make room, or name another place");
    }
}
