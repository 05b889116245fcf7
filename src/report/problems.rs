//! The list of problems: every single one, a record each, in the order of the file. Safe to open in a spreadsheet.
//!
//! Holds nothing but what is written at once. Refuses to know which values may be shown: it is given those alone.

use std::borrow::Cow;
use std::io;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::Format;
use super::csv::guarded;
use super::output::Output;
use super::output::OutputError;

/// The columns, in their order; the names are those of the fields.
const COLUMNS: [&str; 8] =
    ["row", "line", "column", "code", "severity", "value", "message", "help"];

/// One problem.
#[derive(Clone, Debug, Serialize)]
pub struct Finding<'f> {
    /// Which record of the input, from 1; none for what is about the header or the whole file.
    pub row: Option<u64>,
    /// The physical line, from 1.
    pub line: u32,
    /// The column or key.
    pub column: Option<&'f str>,
    /// The rule's code.
    pub code: &'static str,
    /// How it counts in this run.
    pub severity: &'static str,
    /// The cell's text, where it could be read and is no secret.
    pub value: Option<Cow<'f, str>>,
    /// What is the case.
    pub message: &'f str,
    /// What to do about it.
    pub help: &'f str,
}

/// A list that is being written.
#[derive(Debug)]
pub struct Problems {
    format: Format,
    output: Output,
}

impl Problems {
    /// Begins a list in `output`.
    pub fn begin(format: Format, output: Output) -> Result<Self, OutputError> {
        let mut problems = Self { format, output };
        match format {
            Format::Csv => problems.write(format!("{}\n", COLUMNS.join(",")).as_bytes())?,
            Format::Jsonl => {}
        }
        Ok(problems)
    }

    /// A page for problems that are put together on any thread.
    pub fn page(format: Format) -> Page {
        match format {
            Format::Csv => Page::Csv(Box::new(csv::Writer::from_writer(Vec::new()))),
            Format::Jsonl => Page::Jsonl(Vec::new()),
        }
    }

    /// Its form.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Adds the problems of a page.
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

/// Problems as they will stand in the file, in memory.
#[derive(Debug)]
pub enum Page {
    /// As CSV.
    Csv(Box<csv::Writer<Vec<u8>>>),
    /// As JSONL.
    Jsonl(Vec<u8>),
}

impl Page {
    /// Adds a problem.
    pub fn note(&mut self, finding: &Finding<'_>) {
        let noted = match self {
            Self::Csv(writer) => {
                writer.write_record(cells(finding).iter().map(AsRef::as_ref)).is_ok()
            }
            Self::Jsonl(bytes) => {
                let noted = serde_json::to_writer(&mut *bytes, finding).is_ok();
                bytes.push(b'\n');
                noted
            }
        };
        assert!(noted, "memory takes whatever is written, and texts are always JSON");
    }

    fn into_bytes(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            Self::Jsonl(bytes) => Ok(bytes),
        }
    }
}

fn cells<'c>(finding: &'c Finding<'_>) -> [Cow<'c, str>; 8] {
    let Finding { row, line, column, code, severity, value, message, help } = finding;
    [
        row.map_or(Cow::Borrowed(""), |it| Cow::Owned(it.to_string())),
        Cow::Owned(line.to_string()),
        guarded(column.unwrap_or_default()),
        Cow::Borrowed(code),
        Cow::Borrowed(severity),
        guarded(value.as_deref().unwrap_or_default()),
        guarded(message),
        guarded(help),
    ]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn written(format: Format, value: Option<&str>) -> String {
        let finding = Finding {
            row: Some(7),
            line: 9,
            column: Some("owner"),
            code: "integer-form",
            severity: "error",
            value: value.map(Cow::Borrowed),
            message: "`=1,2` is no number",
            help: "give the id in digits",
        };
        let mut page = Problems::page(format);
        page.note(&finding);
        page.note(&Finding { row: None, column: None, ..finding });
        String::from_utf8(page.into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn no_value_starts_a_formula() {
        expect![[r#"
            7,9,owner,integer-form,error,"'=1,2","`=1,2` is no number",give the id in digits
            ,9,,integer-form,error,"'=1,2","`=1,2` is no number",give the id in digits
        "#]]
        .assert_eq(&written(Format::Csv, Some("=1,2")));
    }

    #[test]
    fn what_is_absent_is_null_in_json() {
        let shown = written(Format::Jsonl, None);
        expect![[r#"
            {"row":7,"line":9,"column":"owner","code":"integer-form","severity":"error","value":null,"message":"`=1,2` is no number","help":"give the id in digits"}
            {"row":null,"line":9,"column":null,"code":"integer-form","severity":"error","value":null,"message":"`=1,2` is no number","help":"give the id in digits"}
        "#]]
        .assert_eq(&shown);
    }
}
