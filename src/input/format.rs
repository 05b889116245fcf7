//! Which format an input has: by option, by the name's extension, else by its first byte.
//!
//! Refuses to guess where an extension says something else.

use std::path::Path;

use crate::input::InputError;
use crate::input::Source;
use crate::input::unpacked_name;

/// Bytes looked at to find the first one that is no blank.
const SNIFF_LENGTH_MAX: usize = 64 << 10;

/// UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A format that boxlift reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Cells with a delimiter between them, tabs among others; a header first.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A spreadsheet of Excel.
    Xlsx,
    /// A spreadsheet in the Open Document format.
    Ods,
}

impl Format {
    /// Every format, in the order in which help texts name them.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Jsonl, Self::Xlsx, Self::Ods];

    /// Reads the word of `--format`. The header tells tabs from commas.
    pub fn parse(word: &str) -> Option<Self> {
        let word = if word == "tsv" { "csv" } else { word };
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// What an input is, where options about CSV do not hold.
    pub(super) fn no_csv(self) -> Option<&'static str> {
        match self {
            Self::Csv => None,
            Self::Jsonl => Some("JSONL"),
            Self::Xlsx | Self::Ods => Some("a spreadsheet"),
        }
    }

    /// The word as users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
        }
    }

    /// The format in which rows that are not done are written: a spreadsheet's are CSV.
    #[must_use]
    pub fn of_rejects(self) -> Self {
        match self {
            Self::Csv | Self::Xlsx | Self::Ods => Self::Csv,
            Self::Jsonl => Self::Jsonl,
        }
    }

    /// What the extension says; nothing where there is none.
    pub fn of_path(path: &Path) -> Result<Option<Self>, InputError> {
        let extension = unpacked_name(path)
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_lowercase();
        match extension.as_str() {
            "" => Ok(None),
            "csv" | "tsv" => Ok(Some(Self::Csv)),
            "jsonl" | "ndjson" => Ok(Some(Self::Jsonl)),
            "xlsx" => Ok(Some(Self::Xlsx)),
            "ods" => Ok(Some(Self::Ods)),
            "xls" | "xlsb" => Err(InputError::OtherExcel { extension }),
            _ => Err(InputError::UnknownExtension { extension }),
        }
    }

    /// What the first byte says that is no blank: `{` begins JSON.
    pub fn of_bytes(source: &Source) -> Result<Self, InputError> {
        let mut bytes = Vec::new();
        source.append(0, SNIFF_LENGTH_MAX, &mut bytes)?;
        let bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes);
        match bytes.trim_ascii_start().first() {
            Some(b'{') => Ok(Self::Jsonl),
            Some(_) | None => Ok(Self::Csv),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_format_in_any_case() {
        let told = |path| Format::of_path(Path::new(path)).unwrap();
        assert_eq!((told("a.CSV"), told("a.TSV")), (Some(Format::Csv), Some(Format::Csv)));
        assert_eq!(told("a.b.jsonl"), Some(Format::Jsonl));
        assert_eq!(told("a.NdJson"), Some(Format::Jsonl));
        assert_eq!(told("/dev/fd/63"), None);
        assert_eq!(told("rows."), None);
        assert_eq!(told("rows.csv.gz"), Some(Format::Csv));
        assert_eq!(told("rows.JSONL.ZST"), Some(Format::Jsonl));
        assert_eq!(told("rows.gz"), None);
    }

    #[test]
    fn an_unknown_extension_is_an_error_that_names_the_option() {
        for (path, extension) in [("a.dat", "dat"), ("a.txt", "txt"), ("a.csv.bz2", "bz2")] {
            let error = Format::of_path(Path::new(path)).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the extension `.{extension}` does not say which format the input has")
            );
            assert!(error.help().contains("`--format csv`"));
        }
    }

    #[test]
    fn a_format_of_excel_that_is_not_read_is_not_called_another_by_the_help() {
        for extension in ["xls", "XLSB"] {
            let error = Format::of_path(Path::new(&format!("a.{extension}"))).unwrap_err();
            assert_eq!(error.help(), "save it as .xlsx or as CSV in the program that opens it");
        }
    }

    #[test]
    fn a_brace_begins_json_and_anything_else_csv() {
        let told = |text: &str| {
            Format::of_bytes(&Source::spool(text.as_bytes(), u64::MAX).unwrap()).unwrap()
        };
        assert_eq!(told("\u{FEFF} \r\n\t{\"mailbox\":\"1\"}"), Format::Jsonl);
        assert_eq!(told("mailbox\n{"), Format::Csv);
        assert_eq!(told(""), Format::Csv);
    }
}
