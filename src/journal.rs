//! The journal: what a job set out to do and what came of it, in one SQLite file that outlives every crash.
//!
//! A row's intent is durable before its first byte leaves, its result before anybody is shown it. The only SQL of the
//! program but for the sandbox's. Holds no PIN, no password and no plain hash of one. Never prints, never reads a clock.

mod begin;
mod claim;
mod error;
mod file;
mod job;
mod keys;
mod queries;
mod reading;
mod rows;
mod schema;
mod scribe;
#[cfg(test)]
mod tests;
mod writer;

pub use claim::Claim;
pub use error::Fault;
pub use error::JournalError;
pub use job::Carry;
pub use job::Ended;
pub use job::Identity;
pub use job::Job;
pub use job::JobKind;
pub use job::Known;
pub use job::KnownState;
pub use job::Left;
pub use job::NewJob;
pub use job::Orphans;
pub use job::Refused;
pub use job::Sends;
pub use keys::Digest;
pub use keys::Keys;
pub use keys::Salt;
pub use reading::Reading;
pub use reading::Reported;
pub use writer::Complete;
pub use writer::Entry;
pub use writer::Kept;
pub use writer::Writer;

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::params;

use crate::model::Outcome;
use crate::model::RowIndex;

/// A journal that this process holds: nobody else can write it.
#[derive(Debug)]
pub struct Journal {
    // Closed before the lock is given up: closing any handle of a file ends SQLite's own locks on it.
    connection: Connection,
    path: PathBuf,
    /// Its name without links in it.
    real: PathBuf,
    /// Room on the disk; none once it was given up because there was no other.
    reserve: Option<File>,
    lock: File,
}

impl Journal {
    /// The file as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last job of a kind.
    pub fn latest(&self, kind: JobKind) -> Result<Option<Job>, JournalError> {
        self.told(queries::latest(&self.connection, Some(kind)))
    }

    /// Whether calls of real jobs for other switches than this one may have been carried out.
    pub fn may_have_acted_beside(&self, url: &str) -> Result<bool, JournalError> {
        self.told(queries::may_have_acted_beside(&self.connection, url))
    }

    /// Open intents of `previous` whose row is not in `job`.
    pub fn orphans(&self, job: i64, previous: i64) -> Result<Orphans, JournalError> {
        self.told(queries::orphans(&self.connection, job, previous))
    }

    /// When calls left, as far as the last job of a kind knows, and how many more may have.
    pub fn sends_since(&self, since_ms: i64, kind: JobKind) -> Result<Sends, JournalError> {
        self.told(queries::sends_since(&self.connection, since_ms, kind))
    }

    /// Remembers that the switch refused these credentials (401), until they are forgiven.
    pub fn refuse_credentials(&mut self, refused: &Refused) -> Result<(), JournalError> {
        self.told(queries::refuse(&self.connection, refused))
    }

    /// Whether the switch refused these very credentials before, in any job.
    pub fn is_refused(
        &self,
        url: &str,
        username: &str,
        verifier: &[u8; 16],
    ) -> Result<bool, JournalError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM refused
                   WHERE url = ?1 AND username = ?2 AND verifier = ?3)";
        let parameters = params![url, username, verifier];
        self.told(self.connection.query_row(sql, parameters, |row| row.get(0)))
    }

    /// Forgets that credentials of a user were refused.
    pub fn forgive(&mut self, url: &str, username: &str) -> Result<(), JournalError> {
        let sql = "DELETE FROM refused WHERE url = ?1 AND username = ?2";
        self.told(self.connection.execute(sql, [url, username]).map(drop))
    }

    /// Keeps results of rows that are not sent, all or none. Those that are left out are told, and no later run goes by it.
    pub fn settle_now(
        &mut self,
        job: i64,
        rows: &mut dyn Iterator<Item = (RowIndex, Outcome)>,
    ) -> Result<(), JournalError> {
        self.told(queries::settle(&self.connection, job, rows))
    }

    /// Keeps what a run said of rows, in their order, that have no result, for its report alone; all or none.
    pub fn tell(
        &mut self,
        job: i64,
        rows: &mut dyn Iterator<Item = (RowIndex, Outcome)>,
    ) -> Result<(), JournalError> {
        self.told(queries::tell(&self.connection, job, rows))
    }

    /// Moves the journal to a thread of its own, which completes what is recorded and keeps it in groups.
    pub fn writer(self, job: i64, complete: Complete) -> Result<Writer, JournalError> {
        Writer::start(self, job, complete)
    }

    /// Fails where the file that is held has its name no more: what it keeps is lost with this process.
    fn check_name(&self) -> Result<(), JournalError> {
        if file::is_named(&self.lock, &self.real) {
            return Ok(());
        }
        Err(JournalError::Gone { path: self.path.display().to_string() })
    }

    /// Says how a job ended, and brings its log home.
    pub fn end(&mut self, job: i64, ended: &Ended) -> Result<(), JournalError> {
        let Ended { at_ms, how, left } = ended;
        let sql = "UPDATE job SET ended = ?2, ending = ?3, finished = ?4 WHERE id = ?1";
        let ending = params![job, at_ms, how, *left == Left::Nothing];
        let said = self.told(self.connection.execute(sql, ending));
        if said.as_ref().is_err_and(JournalError::is_full) && self.reserve.take().is_some() {
            self.told(self.connection.execute(sql, ending))?;
        } else {
            said?;
        }
        self.check_name()?;
        self.keep_log_on_close(false)?;
        // All is durable in the log already. Where a reader keeps it from going home, the next job brings it.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }

    fn told<T>(&self, result: rusqlite::Result<T>) -> Result<T, JournalError> {
        result.map_err(|error| error::of_sql(&self.path, &error))
    }

    /// Leaves the file as it is when it is closed: after a failed write or sync nobody knows what is on the disk.
    fn touch_no_more(&self) {
        let _ = self.keep_log_on_close(true);
    }

    fn keep_log_on_close(&self, keeps: bool) -> Result<(), JournalError> {
        self.told(keep_log_on_close(&self.connection, keeps))
    }
}

/// Whether the log stays beside the file when it is closed. It does as long as a job has no end: where there is none, it was
/// lost.
fn keep_log_on_close(connection: &Connection, keeps: bool) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps).map(drop)
}
