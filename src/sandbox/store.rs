//! Opens the SQLite database that holds the sandbox's state, in memory or in a file of mode 0600.
//! Refuses a file that it did not write, or that another sandbox has open.

pub(super) mod mailboxes;
pub(super) mod world;

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use rusqlite::Connection;

use crate::sandbox::error::SandboxError;

/// Marks a file as a sandbox's: `boxl` in ASCII.
const APPLICATION_ID: i32 = 0x626f_786c;
/// Counts the changes to the tables.
const SCHEMA_VERSION: i32 = 1;
/// How many prepared statements are kept.
const STATEMENTS_MAX: usize = 64;

const TABLES: &str = "
    CREATE TABLE customers (
        id INTEGER PRIMARY KEY, parent INTEGER, name TEXT NOT NULL, timezone TEXT NOT NULL,
        mailboxes_max INTEGER NOT NULL, deleted INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE people (
        id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, username TEXT UNIQUE,
        password TEXT, role TEXT NOT NULL
    ) STRICT;
    CREATE TABLE mailboxes (
        customer INTEGER NOT NULL, mailbox TEXT NOT NULL, pin TEXT NOT NULL,
        callerid TEXT NOT NULL, description TEXT NOT NULL, dtype TEXT NOT NULL,
        dnumber TEXT NOT NULL, envelope INTEGER NOT NULL, notify_dnumber TEXT NOT NULL,
        notify_email TEXT NOT NULL, notify_for TEXT NOT NULL, notify_ltype TEXT NOT NULL,
        notify_message TEXT NOT NULL, notify_only INTEGER NOT NULL, owner INTEGER NOT NULL,
        pager TEXT NOT NULL, pager_attach INTEGER NOT NULL, panel INTEGER NOT NULL,
        play TEXT NOT NULL, saycid INTEGER NOT NULL, sayduration INTEGER NOT NULL,
        temporary_active INTEGER NOT NULL, timezone TEXT NOT NULL, transcribe INTEGER NOT NULL,
        PRIMARY KEY (customer, mailbox)
    ) STRICT, WITHOUT ROWID;
";

/// A database in memory, with empty tables.
pub(super) fn in_memory() -> Result<Connection, SandboxError> {
    let connection = Connection::open_in_memory()?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    make_tables(&connection)?;
    Ok(connection)
}

/// The database in a file, made where there is none.
pub(super) fn in_file(path: &Path) -> Result<Connection, SandboxError> {
    let wrong = |what: String| SandboxError::Data { path: path.to_owned(), what };
    make_private(path).map_err(|it| wrong(it.to_string()))?;
    let connection = Connection::open(path).map_err(|it| wrong(it.to_string()))?;
    prepare(&connection).map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy) => wrong("another program uses it".to_owned()),
        Some(rusqlite::ErrorCode::NotADatabase) => wrong("it is not a database".to_owned()),
        _other => wrong(error.to_string()),
    })?;
    let ids = (number(&connection, "application_id")?, number(&connection, "user_version")?);
    match ids {
        (0, 0) if is_empty(&connection)? => make_tables(&connection)?,
        (APPLICATION_ID, SCHEMA_VERSION) => {}
        (APPLICATION_ID, version) => {
            return Err(wrong(format!("it is of version {version}, not {SCHEMA_VERSION}")));
        }
        _foreign => return Err(wrong("it is not a sandbox's data".to_owned())),
    }
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Takes the lock now rather than at the first call.
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")
}

fn make_tables(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

/// Makes the file for this user alone; SQLite gives its companions the same mode.
fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|it| restrict(&it))
}

#[cfg(unix)]
fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "not a database, though long enough to be looked at").unwrap();
        let error = in_file(&path).unwrap_err().to_string();
        assert_eq!(error, format!("data file `{}`: it is not a database", path.display()));
        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let error = in_file(&other).unwrap_err().to_string();
        assert_eq!(error, format!("data file `{}`: it is not a sandbox's data", other.display()));
    }

    #[test]
    fn a_file_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        in_file(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
        let error = in_file(&path).unwrap_err().to_string();
        assert_eq!(error, format!("data file `{}`: it is of version 9, not 1", path.display()));
    }

    #[test]
    fn two_sandboxes_do_not_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let _first = in_file(&path).unwrap();
        let error = in_file(&path).unwrap_err().to_string();
        assert_eq!(error, format!("data file `{}`: another program uses it", path.display()));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let _open = in_file(&path).unwrap();
        let modes: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|it| it.unwrap().metadata().unwrap().permissions().mode() & 0o777)
            .collect();
        assert!(modes.iter().all(|it| *it == 0o600), "{modes:?}");
    }
}
