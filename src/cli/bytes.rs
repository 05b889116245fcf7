//! Options that say how the bytes of an input are to be taken; the same for every command that reads one.

use crate::input;

/// Options about bytes.
#[derive(Debug, clap::Args)]
pub(super) struct BytesArgs {
    /// Format of the input, where its name does not say it
    #[arg(long, value_name = "csv|tsv|jsonl|xlsx|ods", value_parser = parse_format)]
    format: Option<input::Format>,

    /// Encoding of an input that is not UTF-8, as in `windows-1252`; a byte order mark goes first
    #[arg(long, value_name = "NAME", value_parser = parse_encoding)]
    encoding: Option<input::Encoding>,

    /// Sheet of a spreadsheet; the first where it is not given
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,

    /// Character between cells; found from the header where it is not given
    #[arg(long, value_name = "CHAR|tab", value_parser = parse_delimiter)]
    pub delimiter: Option<u8>,
}

impl BytesArgs {
    /// How the bytes are made ready. `likely` is the format where no option says it.
    pub(super) fn bytes(
        &self,
        likely: Option<input::Format>,
        limits: input::Limits,
    ) -> input::Bytes {
        let Self { format, encoding, sheet, delimiter: _ } = self;
        let (format, sheet) = (format.or(likely), sheet.clone());
        input::Bytes { format, encoding: *encoding, sheet, limits }
    }
}

fn parse_format(text: &str) -> Result<input::Format, String> {
    input::Format::parse(text).ok_or_else(|| "give csv, tsv, jsonl, xlsx or ods".to_owned())
}

fn parse_encoding(text: &str) -> Result<input::Encoding, String> {
    input::Encoding::parse(text).ok_or_else(|| {
        "give a name of the WHATWG list, as in `windows-1252` or `utf-16le`".to_owned()
    })
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [it] if input::may_delimit(*it) => Ok(*it),
        _ => Err("give one character, as in `;`, or the word tab".to_owned()),
    }
}
