//! Opens a journal in two steps: first it is locked and found good, then made where it is new. Its salt is known between them.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::OpenFlags;

use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Salt;
use crate::journal::error;
use crate::journal::file;
use crate::journal::keep_log_on_close;
use crate::journal::queries;
use crate::journal::schema;
use crate::model::RowIndex;

/// The log is cut to this size whenever it begins anew.
const LOG_BYTES_MAX: i64 = 16 << 20;

/// How many prepared statements are kept.
const STATEMENTS_MAX: usize = 16;

/// What a last job without an end asks of the journal that holds it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unended {
    /// To be whole.
    Whole,
    /// Nothing: it is given up.
    GivenUp,
}

/// A file that is a journal or is to become one, held until this is dropped or the process dies. Nothing was written to it.
#[derive(Debug)]
pub struct Claim {
    // In the order of `Journal`: closed before the lock is given up.
    connection: Connection,
    salt: Salt,
    is_new: bool,
    /// A job has no end: its log stays when the file is closed.
    keeps_log: bool,
    path: PathBuf,
    real: PathBuf,
    lock: File,
}

impl Claim {
    /// Takes a journal, or an empty file for this user alone, and finds it good.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Self::open_as(path, Unended::Whole)
    }

    /// The same for one whose last job is given up, so that it need not be whole.
    pub fn open_anew(path: &Path) -> Result<Self, JournalError> {
        Self::open_as(path, Unended::GivenUp)
    }

    fn open_as(path: &Path, unended: Unended) -> Result<Self, JournalError> {
        let missing = || JournalError::Missing { path: path.display().to_string() };
        // Looked at before a file is made, so that none is left where it is refused; what is there may be just being made.
        if unended == Unended::Whole && !path.exists() && file::is_missing(path) {
            return Err(missing());
        }
        let file::Opened { lock, real } = file::open(path)?;
        if unended == Unended::Whole && file::is_missing(&real) {
            return Err(missing());
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let wrong = |it| error::of_sql(path, &it);
        let connection = Connection::open_with_flags(&real, flags).map_err(wrong)?;
        // A log that is there stays as it is, whatever is found wrong from here on.
        keep_log_on_close(&connection, file::has_log(&real)).map_err(wrong)?;
        // At the first look into an empty file SQLite takes a log beside it away: there is none before a journal is made.
        let is_new = file::is_empty(&lock) || {
            schema::guard(&connection).map_err(wrong)?;
            schema::recognise(&connection, path)?.is_none()
        };
        file::restrict(&lock).map_err(|source| error::of_io(path, source))?;
        let is_open = !is_new && queries::is_open(&connection).map_err(wrong)?;
        let has_log = file::has_log(&real);
        if is_open && !has_log && unended == Unended::Whole {
            return Err(JournalError::LogMissing { path: path.display().to_string() });
        }
        let salt = if is_new {
            Salt::random()?
        } else {
            let salt = connection.query_row("SELECT salt FROM journal", [], |row| row.get(0));
            Salt(salt.map_err(wrong)?)
        };
        let (path, keeps_log) = (path.to_owned(), is_open && has_log);
        Ok(Self { connection, salt, is_new, keeps_log, path, real, lock })
    }

    /// Made once with the file; keys hang on it.
    pub fn salt(&self) -> &Salt {
        &self.salt
    }

    /// The journal, made where there was none, which says that this process holds it; with room for so many results where
    /// the disk gets full.
    pub fn journal(self, now_ms: i64, results_max: RowIndex) -> Result<Journal, JournalError> {
        let Self { connection, salt, is_new, keeps_log, path, real, lock } = self;
        // Put together first: whatever fails from here on, the file is closed before its lock is given up.
        let mut journal = Journal { connection, path, real, reserve: None, lock };
        let Journal { connection, path, real, .. } = &journal;
        let wrong = |it| error::of_sql(path, &it);
        let holder = file::holder(now_ms);
        if is_new {
            schema::guard(connection).map_err(wrong)?;
            // There is nothing yet that a log of this one change could bring back.
            set_mode(connection, path, "memory")?;
        }
        set_mode(connection, path, "wal")?;
        prepare(connection).map_err(wrong)?;
        if is_new {
            schema::make(connection, &salt.0, &holder).map_err(wrong)?;
            file::sync_directory(real).map_err(|source| error::of_io(path, source))?;
        } else {
            connection.execute("UPDATE journal SET holder = ?1", [holder]).map_err(wrong)?;
        }
        keep_log_on_close(connection, keeps_log).map_err(wrong)?;
        let reserve = file::nameless(real);
        let mut reserve = reserve.map_err(|source| error::of_reserve(path, source))?;
        let bytes = file::room_for(results_max);
        let taken = file::take_room(&mut reserve, bytes);
        taken.map_err(|source| error::of_room(path, bytes, source))?;
        journal.reserve = Some(reserve);
        Ok(journal)
    }
}

/// Has SQLite keep its log in one way, and no other.
fn set_mode(connection: &Connection, path: &Path, mode: &str) -> Result<(), JournalError> {
    let wrong = |it| error::of_sql(path, &it);
    let sql = format!("PRAGMA journal_mode={mode}");
    let mut statement = connection.prepare(&sql).map_err(wrong)?;
    let mut rows = statement.query([]).map_err(wrong)?;
    let mut kept = None;
    // To the end: SQLite says what the mode is before it writes it down.
    while let Some(row) = rows.next().map_err(wrong)? {
        kept = Some(row.get::<_, String>(0).map_err(wrong)?);
    }
    if kept.as_deref() == Some(mode) {
        return Ok(());
    }
    Err(JournalError::NoLog { path: path.display().to_string(), mode: mode.to_owned() })
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_MAX, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_cannot_be_kept_as_it_must_is_an_error() {
        let connection = Connection::open_in_memory().unwrap();
        let mode =
            |it| set_mode(&connection, Path::new("a.boxlift"), it).map_err(|it| it.to_string());
        assert_eq!(mode("memory"), Ok(()));
        let why =
            "`a.boxlift` cannot be a journal: SQLite cannot keep its log there as it must (`wal`)";
        assert_eq!(mode("wal"), Err(why.to_owned()));
    }
}
