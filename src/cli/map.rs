//! `boxlift map`: a first draft of a file for `--map`, on stdout. Shows names of columns, never a cell.

use std::path::PathBuf;

use crate::cli::Failure;
use crate::cli::bytes::BytesArgs;
use crate::cli::check;
use crate::cli::screen;
use crate::input;
use crate::resources::mailbox;

/// Options of `boxlift map`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File whose columns are looked at; `-` is standard input
    input: PathBuf,

    #[command(flatten)]
    bytes: BytesArgs,
}

/// Prints the draft.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Args { input, bytes } = args;
    let limits = input::Limits::default();
    let (source, format) = check::open_source(input, &bytes.bytes(None, limits))?;
    let settings = input::Settings::new(mailbox::columns(&[]));
    let settings = input::Settings { delimiter: bytes.delimiter, ..settings };
    let draft = input::draft(source, format, settings);
    screen::data(&draft.map_err(|it| Failure::about(&check::name_of(input), it))?)
}
