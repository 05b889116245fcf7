//! `boxlift columns`: every column, its values and defaults, for people and programs.

use clap::ValueEnum;

use crate::cli::Failure;
use crate::cli::rows::parse_version;
use crate::cli::screen;
use crate::resources::Version;
use crate::resources::mailbox;
use crate::resources::mailbox::Listing;

/// Options of `boxlift columns`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Form of the listing
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Version of the switch's API
    #[arg(long, value_name = "VERSION", default_value = "3.14", value_parser = parse_version)]
    api: Version,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Aligned text
    Text,
    /// A Markdown table
    Markdown,
    /// A header line to start a file with
    Csv,
    /// JSON Schema of one line of JSONL
    JsonSchema,
}

/// Prints the listing.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Args { format, api } = args;
    let listing = match format {
        Format::Text => Listing::Text,
        Format::Markdown => Listing::Markdown,
        Format::Csv => Listing::Csv,
        Format::JsonSchema => Listing::JsonSchema,
    };
    screen::data(&mailbox::list(listing, *api))
}
