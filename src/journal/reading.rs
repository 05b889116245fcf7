//! Reads a journal that is finished, dead or just being written, without holding it and without changing it.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::Row;

use crate::journal::Identity;
use crate::journal::Job;
use crate::journal::JobKind;
use crate::journal::JournalError;
use crate::journal::Known;
use crate::journal::Salt;
use crate::journal::begin;
use crate::journal::error;
use crate::journal::file;
use crate::journal::queries;
use crate::journal::rows;
use crate::journal::schema;
use crate::model::Action;
use crate::model::Status;

const REPORT: &str = "
    SELECT row, line, action, customer, mailbox, status, code, key, message, attempts, http_status,
        elapsed_ms, finished_at
    FROM report";

/// A journal as it stood when it was opened, whatever is written to it meanwhile.
#[derive(Debug)]
pub struct Reading {
    connection: Connection,
    path: PathBuf,
    holder: Option<String>,
    /// Keeps writers away where SQLite takes no locks.
    _lock: Option<File>,
}

/// A row as the view `report` has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reported {
    /// Which record of the input, from 1.
    pub row: u64,
    /// The physical line on which it begins, from 1.
    pub line: u32,
    /// What it asked for, if that could be told.
    pub action: Option<Action>,
    /// The customer it named.
    pub customer: Option<u32>,
    /// Its mailbox, if it named a good one.
    pub mailbox: Option<String>,
    /// What became of it.
    pub status: Status,
    /// The rule's code, or the API's.
    pub code: Option<String>,
    /// The column or parameter.
    pub key: Option<String>,
    /// Text for people.
    pub message: Option<String>,
    /// Calls made for it.
    pub attempts: u16,
    /// HTTP status of the last call.
    pub http_status: Option<u16>,
    /// Time that the last call took.
    pub elapsed_ms: Option<u32>,
    /// When the result was known: RFC 3339, UTC.
    pub finished_at: Option<String>,
}

impl Reading {
    /// Opens a journal to look at it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let unreadable =
            |source| JournalError::Unreadable { path: path.display().to_string(), source };
        if file::is_missing(path) {
            return Err(JournalError::Missing { path: path.display().to_string() });
        }
        let real = path.canonicalize().map_err(unreadable)?;
        let metadata = real.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
        }
        if !metadata.is_file() {
            return Err(JournalError::NotAJournal { path: path.display().to_string() });
        }
        // Before SQLite opens the file: closing any other handle of it would end SQLite's own locks.
        let is_held = file::is_held(&real).map_err(unreadable)?;
        let connected = connect(&real).map(|it| (it, None)).or_else(|it| match unchanging(&real) {
            Some((connection, lock)) => Ok((connection, Some(lock))),
            None => Err(error::of_sql(path, &it)),
        });
        let (connection, lock) = connected?;
        let mut reading = Self { connection, path: path.to_owned(), holder: None, _lock: lock };
        if schema::recognise(&reading.connection, path)?.is_none() {
            return Err(JournalError::NotAJournal { path: path.display().to_string() });
        }
        let is_open = queries::is_open(&reading.connection);
        // One that began meanwhile has its log by now.
        if reading.told(is_open)? && !is_held && !file::has_log(&real) {
            return Err(JournalError::LogMissing { path: path.display().to_string() });
        }
        if is_held {
            let sql = "SELECT coalesce(holder, 'another process') FROM journal";
            let holder = reading.connection.query_row(sql, [], |row| row.get(0));
            reading.holder = Some(reading.told(holder)?);
        }
        Ok(reading)
    }

    /// Who holds a journal, as far as it can be told.
    pub(super) fn holder_of(path: &Path) -> Option<String> {
        let connection = connect(&file::real(path).ok()?).ok()?;
        connection.query_row("SELECT holder FROM journal", [], |row| row.get(0)).ok()?
    }

    /// Who is writing it.
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// The last job, which is the one that the report is about.
    pub fn job(&self) -> Result<Option<Job>, JournalError> {
        self.told(queries::latest(&self.connection, None))
    }

    /// The last job of a kind.
    pub fn latest(&self, kind: JobKind) -> Result<Option<Job>, JournalError> {
        self.told(queries::latest(&self.connection, Some(kind)))
    }

    /// Made once with the file; keys hang on it.
    pub fn salt(&self) -> Result<Salt, JournalError> {
        let salt = self.connection.query_row("SELECT salt FROM journal", [], |row| row.get(0));
        self.told(salt).map(Salt)
    }

    /// Shows what a job knows of rows as one that goes on with it would be shown it. No job is begun.
    pub fn recall(
        &self,
        job: i64,
        rows: &mut dyn Iterator<Item = Identity>,
        seen: &mut dyn FnMut(&Known),
    ) -> Result<(), JournalError> {
        // Earlier rows are looked up in an index of this connection alone, which is made for that.
        self.told(self.connection.pragma_update(None, "query_only", false))?;
        let recalled = begin::recall(&self.connection, job, rows, seen);
        self.told(self.connection.pragma_update(None, "query_only", true))?;
        self.told(recalled)
    }

    /// How many rows have which status, those that are there in the order of the summary.
    pub fn totals(&self) -> Result<Vec<(Status, u64)>, JournalError> {
        self.told(self.count())
    }

    fn count(&self) -> rusqlite::Result<Vec<(Status, u64)>> {
        let sql = "SELECT status, count(*) FROM report GROUP BY status";
        let mut statement = self.connection.prepare(sql)?;
        let found = statement.query_map([], |row| {
            Ok((rows::word(row, 0, Status::parse)?, queries::count(row, 1)?))
        })?;
        let mut totals = found.collect::<rusqlite::Result<Vec<_>>>()?;
        totals.sort_unstable();
        Ok(totals)
    }

    /// Shows every row of the report, in its order.
    pub fn visit(&self, mut seen: impl FnMut(&Reported)) -> Result<(), JournalError> {
        let mut statement = self.told(self.connection.prepare(REPORT))?;
        let mut found = self.told(statement.query([]))?;
        while let Some(row) = self.told(found.next())? {
            seen(&self.told(reported(row))?);
        }
        Ok(())
    }

    fn told<T>(&self, result: rusqlite::Result<T>) -> Result<T, JournalError> {
        result.map_err(|error| error::of_sql(&self.path, &error))
    }
}

fn reported(row: &Row<'_>) -> rusqlite::Result<Reported> {
    Ok(Reported {
        row: queries::count(row, 0)?,
        line: row.get(1)?,
        action: rows::word_or_none(row, 2, Action::parse)?,
        customer: row.get(3)?,
        mailbox: row.get(4)?,
        status: rows::word(row, 5, Status::parse)?,
        code: row.get(6)?,
        key: row.get(7)?,
        message: row.get(8)?,
        attempts: row.get(9)?,
        http_status: row.get(10)?,
        elapsed_ms: row.get(11)?,
        finished_at: row.get(12)?,
    })
}

/// One snapshot for all that is asked.
///
/// Where there is no log, SQLite must make one to look at the file, and takes it away again only if it may write.
fn connect(real: &Path) -> rusqlite::Result<Connection> {
    let access = if file::log(real).exists() {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    };
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    look(real, access | flags).or_else(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly) => {
            look(real, OpenFlags::SQLITE_OPEN_READ_ONLY | flags)
        }
        _other => Err(error),
    })
}

/// A journal without a log that nobody holds, where nothing may be written: SQLite takes it for one that cannot change.
fn unchanging(real: &Path) -> Option<(Connection, File)> {
    let lock = file::still(real).ok()??;
    if file::log(real).exists() {
        return None;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let encoded = real.as_os_str().as_encoded_bytes().iter().map(|it| match *it {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    });
    let uri = format!("file:{}?immutable=1", encoded.collect::<String>());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Some((look(Path::new(&uri), flags).ok()?, lock))
}

fn look(real: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(real, flags)?;
    schema::guard(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}
