//! Why an input cannot be read at all, and what to do about it; trouble of single rows is a `Problem`.
//!
//! Refuses to repeat a text of the file: the first line may be a row with a PIN.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::input::ConfTrouble;
use crate::input::Try;
use crate::input::decode::Encoding;
use crate::input::sheet::SEVERAL_HELP;
use crate::input::sheet::SheetError;
use crate::input::unpack::PackedError;
use crate::model::RowIndex;

/// An input that cannot be read as rows.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Nothing there.
    #[error("there is no file `{}`", path.display())]
    Missing {
        /// As it was given.
        path: PathBuf,
    },
    /// A folder.
    #[error("`{}` is a directory", path.display())]
    Directory {
        /// As it was given.
        path: PathBuf,
    },
    /// No permission.
    #[error("`{}` may not be read by this user", path.display())]
    Forbidden {
        /// As it was given.
        path: PathBuf,
    },
    /// Any other reason for which it does not open.
    #[error("`{}` cannot be opened: {reason}", path.display())]
    Open {
        /// As it was given.
        path: PathBuf,
        /// The system's word.
        reason: io::Error,
    },
    /// A read failed.
    #[error("the input cannot be read to its end: {reason}")]
    Read {
        /// The system's word.
        reason: io::Error,
    },
    /// The private copy of a pipe cannot be written.
    #[error("the private copy of the input cannot be written: {reason}")]
    Spool {
        /// The system's word.
        reason: io::Error,
    },
    /// The rejects cannot be written.
    #[error("the rejected rows cannot be written: {reason}")]
    Rejects {
        /// The system's word.
        reason: io::Error,
    },
    /// Somebody wrote the file in the meantime.
    #[error("the input changed while it was read")]
    ChangedWhileRead,
    /// A record is not the one that was read before.
    #[error("the record on line {line} changed since it was read first")]
    Changed {
        /// Where it stood.
        line: u32,
    },
    /// The name does not tell the format.
    #[error("the extension `.{extension}` does not say which format the input has")]
    UnknownExtension {
        /// Without its dot.
        extension: String,
    },
    /// The name is that of a format of Excel that is not read.
    #[error("the extension `.{extension}` is that of a format of Excel that is not read")]
    OtherExcel {
        /// Without its dot.
        extension: String,
    },
    /// Compressed data that cannot be read.
    #[error(transparent)]
    Packed(#[from] PackedError),
    /// A spreadsheet that cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The sheet that is read is none, and there are others.
    #[error("{reason}; {others}")]
    OtherSheet {
        /// What is the matter with the one.
        reason: Box<Self>,
        /// Which is read, and which are not.
        others: String,
    },
    /// A sheet is named, and the input has none.
    #[error("a sheet is named, and the input is no spreadsheet")]
    NoSheets,
    /// An encoding is named, and spreadsheets say theirs themselves.
    #[error("an encoding is named, and the input is a spreadsheet")]
    NoEncoding,
    /// An option says how CSV is written, and the input is none.
    #[error("{} is given, and the input is {input}", option.as_str())]
    NotDelimited {
        /// Which option.
        option: CsvOption,
        /// What the input is.
        input: &'static str,
    },
    /// A spreadsheet whose name does not say so.
    #[error("the input is a zip archive, as spreadsheets are")]
    Archive,
    /// Two bytes a character, and no mark that says in which order.
    #[error("the input looks like {} and has no byte order mark", encoding.as_str())]
    Unmarked {
        /// What it looks like.
        encoding: Encoding,
    },
    /// Four bytes a character.
    #[error("the input is UTF-32, which is not read")]
    Utf32,
    /// No header and no rows.
    #[error("the input is empty: it has no header line")]
    Empty,
    /// The first line is a row, or the header of something else.
    #[error("the first line names no column `{key}` (line {line}){}", told(tried))]
    NoHeader {
        /// The column that every header has.
        key: Cow<'static, str>,
        /// Physical line.
        line: u32,
        /// The delimiters that were tried; none where one was given.
        tried: Vec<Try>,
        /// What may have gone wrong.
        hint: HeaderHint,
    },
    /// The header's quote runs on and on.
    #[error("a quote is opened in the header and not closed (line {line})")]
    HeaderUnclosed {
        /// Physical line.
        line: u32,
    },
    /// The columns that an option names cannot be those of a mailbox file.
    #[error("--columns names no column `{key}`")]
    NoKeyGiven {
        /// The column that every input has.
        key: Cow<'static, str>,
    },
    /// More than a record may have.
    #[error("the header is longer than {record_max} bytes (line {line})")]
    HeaderTooLong {
        /// Physical line.
        line: u32,
        /// What is taken.
        record_max: usize,
    },
    /// A voicemail.conf that cannot be read line by line.
    #[error("line {line}: {}", trouble.as_str())]
    Conf {
        /// Physical line.
        line: u32,
        /// What is in the way.
        trouble: ConfTrouble,
    },
    /// No map can be drafted.
    #[error("the input has no line that looks like names of columns")]
    NoDraft,
    /// A map that reads what the file does not have.
    #[error("the map reads the column `{column}`, and the file has none of that name")]
    NoMapColumn {
        /// As the map writes it.
        column: Cow<'static, str>,
    },
    /// More rows than are taken.
    #[error("the input has more than {rows_max} row{}", if *rows_max == 1 { "" } else { "s" })]
    TooManyRows {
        /// What is taken.
        rows_max: RowIndex,
    },
    /// More bytes than are taken.
    #[error("the input is longer than {length_max} bytes")]
    TooLong {
        /// What is taken.
        length_max: u64,
    },
    /// More lines than can be counted.
    #[error("the input has more lines than can be counted ({})", u32::MAX)]
    TooManyLines,
    /// A line that cannot even be passed over.
    #[error("line {line} is longer than {} bytes", u32::MAX)]
    LineBeyondCounting {
        /// Physical line.
        line: u32,
    },
}

/// An option that says how CSV is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CsvOption {
    /// What stands between cells.
    Delimiter,
    /// What stands around them.
    Quote,
    /// The names of the columns do not stand in the file.
    NoHeader,
}

impl CsvOption {
    fn as_str(self) -> &'static str {
        match self {
            Self::Delimiter => "--delimiter",
            Self::Quote => "--quote",
            Self::NoHeader => "--no-header",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Delimiter | Self::Quote => "leave it out: only CSV has delimiters and quotes",
            Self::NoHeader => {
                "leave it out: only CSV can be without names; a spreadsheet has them in its first row"
            }
        }
    }
}

/// What may be the matter with a first line that is no header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeaderHint {
    /// Nothing in particular.
    Nothing,
    /// The column is there, with capitals.
    Capitals,
    /// The column is there, beside other text.
    Delimiter,
}

/// What kind of trouble an error is, for the exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Called wrongly.
    Usage,
    /// There, but not rows.
    NotRows,
    /// Not there, or not for this user.
    Unavailable,
    /// A file could not be written, or read to its end.
    File,
}

impl InputError {
    /// Where it belongs among the exit codes.
    pub fn fault(&self) -> Fault {
        match self {
            Self::OtherSheet { reason, .. } => reason.fault(),
            Self::UnknownExtension { .. }
            | Self::OtherExcel { .. }
            | Self::NoKeyGiven { .. }
            | Self::NoSheets
            | Self::NoEncoding
            | Self::NotDelimited { .. }
            | Self::Sheet(SheetError::NoSuchSheet { .. }) => Fault::Usage,
            Self::Missing { .. }
            | Self::Directory { .. }
            | Self::Forbidden { .. }
            | Self::Open { .. } => Fault::Unavailable,
            Self::Read { .. }
            | Self::Spool { .. }
            | Self::Rejects { .. }
            | Self::ChangedWhileRead
            | Self::Changed { .. } => Fault::File,
            Self::Packed(_)
            | Self::Archive
            | Self::Sheet(_)
            | Self::Unmarked { .. }
            | Self::Utf32
            | Self::Empty
            | Self::NoHeader { .. }
            | Self::Conf { .. }
            | Self::NoDraft
            | Self::NoMapColumn { .. }
            | Self::HeaderUnclosed { .. }
            | Self::HeaderTooLong { .. }
            | Self::TooManyRows { .. }
            | Self::TooLong { .. }
            | Self::TooManyLines
            | Self::LineBeyondCounting { .. } => Fault::NotRows,
        }
    }

    /// Whether its text has the path of the input.
    pub fn names_its_file(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::Directory { .. }
                | Self::Forbidden { .. }
                | Self::Open { .. }
        )
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "give the path of a file, as in `rows.csv`, or `-` for stdin",
            Self::Directory { .. } => "give the path of a file in it, as in `mailboxes/rows.csv`",
            Self::Forbidden { .. } => "let this user read it, as in `chmod u+r rows.csv`",
            Self::Open { .. } => "look at the path, and whether the disk is there",
            Self::Read { .. } => {
                "look at the disk or the program before the pipe, then start again"
            }
            Self::Spool { .. } => {
                "make room in the directory for temporary files, or name another: `TMPDIR=/var/tmp`"
            }
            Self::Rejects { .. } => "make room on the disk, or name another file",
            Self::ChangedWhileRead | Self::Changed { .. } => {
                "let nothing write the file during the run, then start again"
            }
            Self::UnknownExtension { .. } => {
                "name it `.csv`, `.jsonl`, `.xlsx` or `.ods`, or give its format, as in `--format csv`"
            }
            Self::OtherExcel { .. } => "save it as .xlsx or as CSV in the program that opens it",
            Self::Packed(error) => error.help(),
            Self::Sheet(error) => error.help(),
            Self::OtherSheet { .. } => SEVERAL_HELP,
            Self::NoSheets => "leave --sheet out, or give a file that ends in `.xlsx` or `.ods`",
            Self::NoEncoding => "leave --encoding out",
            Self::NotDelimited { option, .. } => option.help(),
            Self::Archive => "say which format it has, as in `--format xlsx`",
            Self::Unmarked { encoding } if *encoding == Encoding::UTF_16BE => {
                "name its encoding: `--encoding utf-16be`"
            }
            Self::Unmarked { .. } => "name its encoding: `--encoding utf-16le`",
            Self::Utf32 => "save it as UTF-8, as in `iconv -f UTF-32 -t UTF-8 old.csv > rows.csv`",
            Self::Empty => "begin the file with the column names, as in `mailbox,pin`",
            Self::NoHeader { hint, .. } => hint.help(),
            Self::Conf { trouble, .. } => trouble.help(),
            Self::NoDraft => {
                "write the map by hand, as in `[mailbox]` and `column = \"Phone\"`: docs/maps.md"
            }
            Self::NoMapColumn { .. } => {
                "write it in the map as it stands in the file; capitals do not matter"
            }
            Self::HeaderUnclosed { .. } => "column names need no quotes: write `mailbox,pin`",
            Self::NoKeyGiven { .. } => {
                "name the columns in their order, as in `--columns mailbox,pin`"
            }
            Self::TooManyRows { .. } => "split the file, or give --max-rows",
            Self::TooLong { .. } => "split the file, or give --max-input",
            Self::TooManyLines => "split the file",
            Self::HeaderTooLong { .. } => {
                "look for line ends that are missing, or give --max-record"
            }
            Self::LineBeyondCounting { .. } => "look for line ends that are missing",
        }
    }
}

impl HeaderHint {
    fn help(self) -> &'static str {
        match self {
            Self::Nothing => "begin the file with the column names, as in `mailbox,pin`",
            Self::Capitals => "write the column names in small letters, as in `mailbox,pin`",
            Self::Delimiter => "say what stands between the columns, as in `--delimiter :`",
        }
    }
}

/// What was tried, behind the message.
fn told(tried: &[Try]) -> String {
    if tried.is_empty() {
        return String::new();
    }
    let tried: Vec<_> = tried.iter().map(ToString::to_string).collect();
    format!("; tried {}", tried.join(", "))
}
