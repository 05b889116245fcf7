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
    #[arg(long, value_name = "csv|jsonl", value_parser = rows::parse_format)]
    format: Option<input::Format>,

    /// Character between cells; found from the header where it is not given
    #[arg(long, value_name = "CHAR|tab", value_parser = rows::parse_delimiter)]
    delimiter: Option<u8>,
}

/// Prints the draft.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Args { input, format, delimiter } = args;
    let (source, format) = check::open_source(input, *format)?;
    let settings = input::Settings::new(mailbox::columns(&[]));
    let settings = input::Settings { delimiter: *delimiter, ..settings };
    screen::data(&input::draft(source, format, settings)?)
}
