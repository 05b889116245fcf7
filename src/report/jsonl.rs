//! The report as JSON, an object a line: numbers are numbers, what is absent is null.

use std::io;
use std::io::Write;

use super::output::Output;
use super::record::Record;

pub(super) fn add(record: &Record<'_>, output: &mut Output) -> io::Result<()> {
    serde_json::to_writer(&mut *output, record)?;
    output.write_all(b"\n")
}
