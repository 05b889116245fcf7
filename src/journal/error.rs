//! Why a journal cannot be used, in words, with a remedy.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why a journal cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has it.
    #[error("`{path}` is held by {holder}")]
    Held {
        /// The journal.
        path: String,
        /// Who has it, as it said itself.
        holder: String,
    },
    /// There is nothing to read.
    #[error("`{path}` cannot be read: {source}")]
    Unreadable {
        /// The journal.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The name is a link, which is not followed.
    #[error("`{path}` is a link")]
    Link {
        /// The journal.
        path: String,
    },
    /// Something else has this name.
    #[error("`{path}` is not a journal of boxlift")]
    NotAJournal {
        /// The file.
        path: String,
    },
    /// Its last job did not end, and the log that holds what it did is not there.
    #[error("`{path}-wal` is missing: it belongs to `{path}`, and holds what its last run did")]
    LogMissing {
        /// The journal.
        path: String,
    },
    /// Its log is there, and it is not.
    #[error("`{path}` is missing: `{path}-wal` belongs to it, and holds what its last run did")]
    Missing {
        /// The journal.
        path: String,
    },
    /// It was taken away, or another file has its name.
    #[error(
        "`{path}` is not the journal of this run any more: it was removed or replaced meanwhile"
    )]
    Gone {
        /// Where the journal was.
        path: String,
    },
    /// A later boxlift wrote it.
    #[error(
        "`{path}` was written by a newer boxlift: its version is {version}, at most {known} is known here"
    )]
    Newer {
        /// The journal.
        path: String,
        /// Its version.
        version: i32,
        /// The newest that is known.
        known: i32,
    },
    /// Made by a version of the program that wrote other tables.
    #[error(
        "`{path}` was written by an older boxlift: its version is {version}, and {known} is what is known here"
    )]
    Older {
        /// The journal.
        path: String,
        /// Its version.
        version: i32,
        /// The one that is known.
        known: i32,
    },
    /// Parts of it are gone or wrong.
    #[error("`{path}` is damaged: {what}")]
    Damaged {
        /// The journal.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// It cannot be opened or made.
    #[error("`{path}` cannot be opened: {source}")]
    Open {
        /// The journal.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The disk is full.
    #[error("`{path}` cannot be written: the disk is full")]
    Full {
        /// The journal.
        path: String,
    },
    /// The disk has no room for results. Known before the first call.
    #[error("`{path}` cannot be written: the disk is full")]
    NoRoom {
        /// The journal.
        path: String,
        /// The room that they may need, beside what the journal itself takes.
        bytes: u64,
    },
    /// A write or a sync failed. What is on the disk is not known any more.
    #[error("`{path}` cannot be written: {what}")]
    Io {
        /// The journal.
        path: String,
        /// What SQLite says.
        what: String,
    },
    /// A place where SQLite cannot keep its log beside the file.
    #[error("`{path}` cannot be a journal: SQLite cannot keep its log there as it must (`{mode}`)")]
    NoLog {
        /// The journal.
        path: String,
        /// How the log would have to be kept.
        mode: String,
    },
    /// Anything else that SQLite says.
    #[error("`{path}` cannot be used: {what}")]
    Unusable {
        /// The journal.
        path: String,
        /// What SQLite says.
        what: String,
    },
    /// Its thread ended before its time.
    #[error("the writer of the journal broke off")]
    BrokeOff,
    /// The machine gives no random numbers, or no memory for keys.
    #[error("the keys of the journal cannot be made: {what}")]
    Keys {
        /// What went wrong.
        what: String,
    },
}

/// Whose fault it is, for the exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Another run has the journal.
    Held,
    /// There is no such journal to read, or it may not be read.
    Unavailable,
    /// A file cannot be used or written.
    File,
}

impl JournalError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Held { .. } => Fault::Held,
            Self::Unreadable { .. } => Fault::Unavailable,
            Self::Link { .. }
            | Self::NotAJournal { .. }
            | Self::LogMissing { .. }
            | Self::Missing { .. }
            | Self::Gone { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Damaged { .. }
            | Self::Open { .. }
            | Self::Full { .. }
            | Self::NoRoom { .. }
            | Self::Io { .. }
            | Self::NoLog { .. }
            | Self::Unusable { .. }
            | Self::BrokeOff
            | Self::Keys { .. } => Fault::File,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Held { path, holder: _ } => {
                format!("wait until it has ended; `boxlift status {path}` tells how far it is")
            }
            Self::Unreadable { .. } => {
                "name a journal that you may read, as in `boxlift status mailboxes.boxlift`".into()
            }
            Self::Link { .. } => "name the file that the link means".into(),
            Self::NotAJournal { .. } | Self::Open { .. } => {
                "name another place, as in `--journal mailboxes.boxlift`".into()
            }
            Self::LogMissing { path } => {
                format!(
                    "put it beside `{path}`, under that name; if an SQLite program took it into the file, say so with `sqlite3 {path} \"UPDATE job SET ended = began, ending = 'it was killed' WHERE ended IS NULL\"`; --restart gives that run up"
                )
            }
            Self::Missing { path } => {
                format!("put it back as `{path}`; --restart gives that run up")
            }
            Self::Gone { .. } => {
                "put it back if it was moved; the report of this run is all that else knows what it did"
                    .into()
            }
            Self::Newer { .. } => "use the boxlift that wrote it".into(),
            Self::Older { path, .. } => {
                format!(
                    "go on with it by the boxlift that wrote it until its `boxlift status {path}` says `finished`; only then name another journal, which knows nothing of what was sent"
                )
            }
            Self::Damaged { .. } => {
                "put it back from a copy, or name another journal; the switch knows what was done"
                    .into()
            }
            Self::Full { .. } => "make room on the disk, then go on".into(),
            Self::NoRoom { bytes, .. } => {
                format!("make room for at least {} MiB on the disk, then go on", (bytes >> 20) + 1)
            }
            Self::Io { .. } => {
                "make room if the disk is full, see whether `ulimit -f` allows its files, and look at its health: what it took last is not known"
                    .into()
            }
            Self::NoLog { .. } => {
                "name a place on a local disk, as in `--journal /var/tmp/mailboxes.boxlift`".into()
            }
            Self::Unusable { .. } => {
                "make room if the disk is full, see that you may write there, then try again".into()
            }
            Self::BrokeOff => "try again".into(),
            Self::Keys { .. } => "free some memory, or wait until the system has started fully, then try again".into(),
        }
    }

    /// Whether it is known that nothing of the failed group was kept, and that all before it is safe.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// An error of SQLite in the words of the house.
pub(super) fn of_sql(path: &Path, error: &rusqlite::Error) -> JournalError {
    let is_unopened = error.sqlite_error_code() == Some(ErrorCode::CannotOpen);
    if let Some(source) = too_long(path).filter(|_| is_unopened) {
        return of_io(path, source);
    }
    let path = shown(path);
    let what = error.to_string();
    let Some(cause) = error.sqlite_error() else {
        // A value that no journal holds, or none where there must be one.
        return JournalError::Damaged { path, what };
    };
    match cause.code {
        ErrorCode::DiskFull => JournalError::Full { path },
        // Room for the index of the log: nothing was written that could be half there.
        ErrorCode::SystemIoFailure if cause.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
            JournalError::Full { path }
        }
        ErrorCode::SystemIoFailure => JournalError::Io { path, what },
        ErrorCode::NotADatabase => JournalError::NotAJournal { path },
        ErrorCode::DatabaseCorrupt => JournalError::Damaged { path, what },
        _other => JournalError::Unusable { path, what },
    }
}

/// What the system says of a name that is too long for the files beside a journal.
fn too_long(path: &Path) -> Option<io::Error> {
    let mut companion = path.as_os_str().to_owned();
    companion.push("-journal");
    let said = Path::new(&companion).metadata().err();
    said.filter(|it| it.kind() == io::ErrorKind::InvalidFilename)
}

/// An error of the file system with a file beside a journal.
pub(super) fn of_reserve(path: &Path, source: io::Error) -> JournalError {
    match of_io(path, source) {
        JournalError::Open { path, source } => JournalError::Io { path, what: source.to_string() },
        full => full,
    }
}

/// The same while so much room for results is taken.
pub(super) fn of_room(path: &Path, bytes: u64, source: io::Error) -> JournalError {
    match of_reserve(path, source) {
        JournalError::Full { path } => JournalError::NoRoom { path, bytes },
        other => other,
    }
}

/// An error of the file system while a journal is opened.
pub(super) fn of_io(path: &Path, source: io::Error) -> JournalError {
    let is_full =
        matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let path = shown(path);
    if is_full { JournalError::Full { path } } else { JournalError::Open { path, source } }
}
