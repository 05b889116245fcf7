//! Why a spreadsheet cannot be read, and what to do about it.
//!
//! Refuses to repeat a cell; names of sheets are shown.

use crate::input::sheet::Kind;
use crate::input::sheet::archive::ENTRIES_MAX;
use crate::input::sheet::archive::INFLATED_MAX;
use crate::input::sheet::archive::PACKED_MAX;
use crate::input::sheet::grid::CELLS_MAX;
use crate::input::sheet::xml::EVENT_LENGTH_MAX;

/// A spreadsheet that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SheetError {
    /// Text, or anything else.
    #[error("the input is no spreadsheet: it does not begin as a zip archive does")]
    NotAnArchive,
    /// Needs a password.
    #[error("the spreadsheet is protected by a password")]
    Protected,
    /// The format of Excel up to 2003.
    #[error("the spreadsheet is in the old format of Excel (.xls)")]
    Old,
    /// The binary format of Excel.
    #[error("the spreadsheet is in the binary format of Excel (.xlsb)")]
    Binary,
    /// The archive holds something else.
    #[error("the archive has no part `{part}`, as .{} files have", kind.extension())]
    Incomplete {
        /// What is missing.
        part: &'static str,
        /// What it was taken for.
        kind: Kind,
    },
    /// Cannot be unpacked, or is no XML.
    #[error("the spreadsheet is damaged: {what}")]
    Damaged {
        /// What was met.
        what: &'static str,
    },
    /// The file itself is too long.
    #[error("the spreadsheet is longer than {PACKED_MAX} bytes")]
    TooLong,
    /// What it unpacks to is too long.
    #[error("the spreadsheet unpacks to more than {INFLATED_MAX} bytes")]
    InflatesTooFar,
    /// More files than any spreadsheet has.
    #[error("the spreadsheet has more than {ENTRIES_MAX} parts")]
    TooManyParts,
    /// One text or tag that is too long.
    #[error("a text in the spreadsheet is longer than {EVENT_LENGTH_MAX} bytes")]
    TextTooLong,
    /// More texts or styles than find room in memory.
    #[error("the spreadsheet has more different texts or styles than are read")]
    TooMuchToKeep,
    /// More cells than are read.
    #[error("the sheet has more than {CELLS_MAX} cells")]
    TooManyCells,
    /// Beyond the last row or column that there is.
    #[error("a cell stands outside the sheet")]
    Outside,
    /// No sheet at all.
    #[error("the spreadsheet has no sheet")]
    Empty,
    /// The option names none.
    #[error("there is no sheet `{named}`, only {sheets}")]
    NoSuchSheet {
        /// As it was given.
        named: String,
        /// What there is.
        sheets: String,
    },
}

impl SheetError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAnArchive => "give the format that it has, as in `--format csv`",
            Self::Protected => "take the password off, or save the sheet as CSV",
            Self::Old | Self::Binary => "save it as .xlsx or as CSV",
            Self::Incomplete { kind: Kind::Xlsx, .. } => {
                "save it as .xlsx or as CSV; an Open Document needs `--format ods`"
            }
            Self::Incomplete { kind: Kind::Ods, .. } => {
                "save it as .ods or as CSV; one of Excel needs `--format xlsx`"
            }
            Self::Damaged { .. } => "open it in the program that made it, and save it again",
            Self::TooLong
            | Self::InflatesTooFar
            | Self::TooManyParts
            | Self::TextTooLong
            | Self::TooMuchToKeep
            | Self::TooManyCells
            | Self::Outside => "save the sheet as CSV",
            Self::Empty => "add a sheet with the column names in its first row",
            Self::NoSuchSheet { .. } => "name one of these with --sheet",
        }
    }
}
