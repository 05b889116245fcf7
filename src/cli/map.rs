//! `boxlift map`: a first draft of a file for `--map`, on stdout. Shows names of columns, never a cell.

use std::path::PathBuf;

use crate::cli::Failure;
use crate::cli::check;
use crate::cli::rows;
use crate::cli::screen;
use crate::input;
use crate::resources::mailbox;

/// Options of `boxlift map`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File whose columns are looked at; `-` is standard input
    input: PathBuf,

    /// Format of the input, where its name does not say it
    #[arg(long, value_name = "csv|tsv|jsonl|xlsx|ods", value_parser = rows::parse_format)]
    format: Option<input::Format>,

    /// Encoding of an input that is not UTF-8, as in `windows-1252`; a byte order mark goes first
    #[arg(long, value_name = "NAME", value_parser = rows::parse_encoding)]
    encoding: Option<input::Encoding>,

    /// Sheet of a spreadsheet; the first where it is not given
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,

    /// Character between cells; found from the header where it is not given
    #[arg(long, value_name = "CHAR|tab", value_parser = rows::parse_delimiter)]
    delimiter: Option<u8>,
}

/// Prints the draft.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Args { input, format, encoding, sheet, delimiter } = args;
    let length_max = input::Limits::default().input;
    let (format, encoding, sheet) = (*format, *encoding, sheet.clone());
    let bytes = input::Bytes { format, encoding, sheet, length_max };
    let (source, format) = check::open_source(input, &bytes)?;
    let settings = input::Settings::new(mailbox::columns(&[]));
    let settings = input::Settings { delimiter: *delimiter, ..settings };
    screen::data(&input::draft(source, format, settings)?)
}
