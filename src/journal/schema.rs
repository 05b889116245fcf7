//! The tables of a journal, plain enough for a person with `sqlite3`, and the view that is the report.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::params;

use crate::journal::JournalError;
use crate::journal::error;

/// How long SQLite waits for a reader that is just rebuilding the index of the log.
const BUSY_MS: u64 = 5000;

/// Memory for pages, in KiB: a run appends, and goes through what an earlier one left in its order.
const CACHE_KIB: i64 = 4 << 10;

/// The same for the index that `begin` looks earlier rows up in, in any order.
const INDEX_CACHE_KIB: i64 = 16 << 10;

/// Marks a file as a journal: `boxj` in ASCII.
const APPLICATION_ID: i32 = 0x626f_786a;

/// Counts the changes to the tables and to what stands in them.
pub(super) const SCHEMA_VERSION: i32 = 4;

/// Times are milliseconds since 1970 UTC; rows are counted from 0, in the view from 1. `previous` is the job that a job
/// went on with, where that one or those before it know rows which this one does not. What is of a row has the number
/// `job << 32 | row`: SQLite appends to such a table at half the price of one whose key has two columns.
/// `told` has what a run said of rows without a result, and of rows that it left out whatever is known of them, for its
/// report alone: no later run goes by it.
const TABLES: &str = "
    CREATE TABLE journal (salt BLOB NOT NULL, holder TEXT) STRICT;
    CREATE TABLE job (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, input TEXT NOT NULL, digest BLOB NOT NULL,
        url TEXT NOT NULL, username TEXT NOT NULL, verifier BLOB NOT NULL, options TEXT NOT NULL,
        began INTEGER NOT NULL, ended INTEGER, ending TEXT, finished INTEGER NOT NULL DEFAULT 0,
        rows INTEGER NOT NULL DEFAULT 0, previous INTEGER
    ) STRICT;
    CREATE TABLE row (
        id INTEGER PRIMARY KEY, job INTEGER AS (id >> 32), row INTEGER AS (id & 0xffffffff),
        line INTEGER NOT NULL, action TEXT, customer INTEGER, mailbox TEXT, nth INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE call (
        id INTEGER PRIMARY KEY, job INTEGER AS (id >> 32), row INTEGER AS (id & 0xffffffff),
        at INTEGER NOT NULL, latest INTEGER, evidence TEXT NOT NULL, content INTEGER NOT NULL,
        secret INTEGER, withdrawn INTEGER NOT NULL, carried INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE result (
        id INTEGER PRIMARY KEY, job INTEGER AS (id >> 32), row INTEGER AS (id & 0xffffffff),
        status TEXT NOT NULL, code TEXT, key TEXT, message TEXT, attempts INTEGER NOT NULL,
        http_status INTEGER, elapsed_ms INTEGER, finished_at INTEGER, carried INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE refused (
        url TEXT NOT NULL, username TEXT NOT NULL, verifier BLOB NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (url, username, verifier)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE told (
        id INTEGER PRIMARY KEY, job INTEGER AS (id >> 32), row INTEGER AS (id & 0xffffffff),
        status TEXT NOT NULL, code TEXT, key TEXT, message TEXT, attempts INTEGER NOT NULL,
        http_status INTEGER, elapsed_ms INTEGER, finished_at INTEGER
    ) STRICT;
    CREATE VIEW report AS
    SELECT w.row + 1 AS row, w.line AS line, w.action AS action, w.customer AS customer,
        w.mailbox AS mailbox,
        CASE WHEN r.id IS NOT NULL THEN r.status WHEN t.id IS NOT NULL THEN t.status
             WHEN c.withdrawn = 0 AND j.kind <> 'dry run' THEN 'in_doubt' ELSE 'not_sent'
             END AS status,
        iif(r.id IS NULL, t.code, r.code) AS code, iif(r.id IS NULL, t.key, r.key) AS key,
        CASE WHEN r.id IS NOT NULL THEN r.message WHEN t.id IS NOT NULL THEN t.message
             WHEN c.withdrawn = 0 AND j.kind <> 'dry run'
             THEN 'its call may have been carried out; the same command with --resume settles it'
             WHEN j.ended IS NOT NULL THEN 'not sent: ' || j.ending
             WHEN c.id IS NULL OR c.withdrawn AND c.carried THEN 'not tried: the job did not come to it'
             ELSE 'no result: the job did not come to it, or it was turned away' END AS message,
        coalesce(r.attempts, t.attempts, 0) AS attempts,
        iif(r.id IS NULL, t.http_status, r.http_status) AS http_status,
        iif(r.id IS NULL, t.elapsed_ms, r.elapsed_ms) AS elapsed_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', iif(r.id IS NULL, t.finished_at, r.finished_at) / 1000.0,
            'unixepoch') AS finished_at
    FROM row AS w
    JOIN job AS j ON j.id = w.job
    LEFT JOIN call AS c ON c.id = w.id
    LEFT JOIN told AS t ON t.id = w.id
    LEFT JOIN result AS r ON r.id = w.id AND t.status IS NOT 'excluded'
    WHERE w.id >= (SELECT max(id) FROM job) << 32
    ORDER BY w.id;
";

/// Makes nothing in a file run that somebody else put there, and waits for others a little.
pub(super) fn guard(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(BUSY_MS))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(Some("temp"), "cache_size", -INDEX_CACHE_KIB)?;
    Ok(())
}

/// The version of a journal, or nothing for a file that is empty yet. Changes nothing, least of all a foreign file.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<Option<i32>, JournalError> {
    let wrong = |it| error::of_sql(path, &it);
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let ids = (number("application_id").map_err(wrong)?, number("user_version").map_err(wrong)?);
    let path = path.display().to_string();
    match ids {
        (0, 0) if is_empty(connection).map_err(wrong)? => Ok(None),
        (APPLICATION_ID, SCHEMA_VERSION) => Ok(Some(SCHEMA_VERSION)),
        (APPLICATION_ID, version @ 1..SCHEMA_VERSION) => {
            Err(JournalError::Older { path, version, known: SCHEMA_VERSION })
        }
        (APPLICATION_ID, version @ 1..) => {
            Err(JournalError::Newer { path, version, known: SCHEMA_VERSION })
        }
        _foreign => Err(JournalError::NotAJournal { path }),
    }
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

/// Makes the tables for who holds the journal, all or none.
pub(super) fn make(connection: &Connection, salt: &[u8; 16], holder: &str) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction
        .execute("INSERT INTO journal (salt, holder) VALUES (?1, ?2)", params![salt, holder])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()
}
