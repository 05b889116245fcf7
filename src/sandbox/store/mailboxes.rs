//! Mailboxes in the database: rows in and rows out. Decides nothing about who may see them.

use std::fmt::Write;
use std::sync::LazyLock;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::params_from_iter;
use rusqlite::types::ToSql;
use rusqlite::types::ToSqlOutput;
use rusqlite::types::Type;
use rusqlite::types::ValueRef;

use crate::sandbox::fields::FIELDS;
use crate::sandbox::fields::OWNER;
use crate::sandbox::fields::Setting;

/// One mailbox as it is stored. Has no `Debug`: it holds a PIN.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) customer: i64,
    pub(crate) mailbox: String,
    pub(crate) pin: String,
    /// One for each of `FIELDS`.
    pub(crate) settings: Vec<Setting>,
}

impl Stored {
    /// The person it belongs to, or 0.
    pub(crate) fn owner(&self) -> &Setting {
        &self.settings[OWNER]
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let setting = |place| match row.get_ref(place)? {
            ValueRef::Integer(number) => Ok(Setting::Integer(number)),
            ValueRef::Text(text) => Ok(Setting::Text(String::from_utf8_lossy(text).into_owned())),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => {
                Err(rusqlite::Error::InvalidColumnType(place, "setting".to_owned(), Type::Null))
            }
        };
        Ok(Self {
            customer: row.get(0)?,
            mailbox: row.get(1)?,
            pin: row.get(2)?,
            settings: (3..3 + FIELDS.len()).map(setting).collect::<rusqlite::Result<_>>()?,
        })
    }

    fn columns(&self) -> impl Iterator<Item = &dyn ToSql> {
        let key: [&dyn ToSql; 3] = [&self.customer, &self.mailbox, &self.pin];
        key.into_iter().chain(self.settings.iter().map(|it| -> &dyn ToSql { it }))
    }
}

impl ToSql for Setting {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Integer(number) => number.to_sql(),
        }
    }
}

static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    FIELDS.iter().fold("customer, mailbox, pin".to_owned(), |mut text, it| {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {}", it.name);
        text
    })
});

static WRITE: LazyLock<String> = LazyLock::new(|| {
    let marks = vec!["?"; 3 + FIELDS.len()].join(", ");
    format!("INTO mailboxes ({}) VALUES ({marks})", *COLUMNS)
});

static INSERT: LazyLock<String> = LazyLock::new(|| format!("INSERT {}", *WRITE));
static INSERT_NEW: LazyLock<String> = LazyLock::new(|| format!("INSERT OR IGNORE {}", *WRITE));
static REPLACE: LazyLock<String> = LazyLock::new(|| format!("REPLACE {}", *WRITE));
static SELECT: LazyLock<String> = LazyLock::new(|| format!("SELECT {} FROM mailboxes", *COLUMNS));
static SELECT_ONE: LazyLock<String> =
    LazyLock::new(|| format!("{} WHERE customer = ?1 AND mailbox = ?2", *SELECT));
static SELECT_CUSTOMER: LazyLock<String> =
    LazyLock::new(|| format!("{} WHERE customer = ?1 ORDER BY mailbox", *SELECT));
static SELECT_ALL: LazyLock<String> =
    LazyLock::new(|| format!("{} ORDER BY customer, mailbox", *SELECT));

pub(crate) fn insert(db: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    db.prepare_cached(&INSERT)?.execute(params_from_iter(stored.columns())).map(drop)
}

/// Inserts it unless there is such a mailbox already.
pub(crate) fn insert_new(db: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    db.prepare_cached(&INSERT_NEW)?.execute(params_from_iter(stored.columns())).map(drop)
}

pub(crate) fn replace(db: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    db.prepare_cached(&REPLACE)?.execute(params_from_iter(stored.columns())).map(drop)
}

pub(crate) fn find(
    db: &Connection,
    customer: i64,
    mailbox: &str,
) -> rusqlite::Result<Option<Stored>> {
    db.prepare_cached(&SELECT_ONE)?.query_row((customer, mailbox), Stored::read).optional()
}

pub(crate) fn exists(db: &Connection, customer: i64, mailbox: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM mailboxes WHERE customer = ?1 AND mailbox = ?2")?
        .exists((customer, mailbox))
}

/// The mailboxes of one customer, in the order of their names.
pub(crate) fn of_customer(db: &Connection, customer: i64) -> rusqlite::Result<Vec<Stored>> {
    db.prepare_cached(&SELECT_CUSTOMER)?.query_map([customer], Stored::read)?.collect()
}

pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<Stored>> {
    db.prepare_cached(&SELECT_ALL)?.query_map([], Stored::read)?.collect()
}

pub(crate) fn count(db: &Connection, customer: i64) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT count(*) FROM mailboxes WHERE customer = ?1")?
        .query_row([customer], |row| row.get(0))
}

pub(crate) fn delete(db: &Connection, customer: i64, mailbox: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM mailboxes WHERE customer = ?1 AND mailbox = ?2")?
        .execute((customer, mailbox))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::fields::defaults;
    use crate::sandbox::options::Version;
    use crate::sandbox::store::in_memory;

    #[test]
    fn a_mailbox_comes_back_as_it_was_stored() {
        let db = in_memory().unwrap();
        let settings: Vec<_> = FIELDS
            .iter()
            .zip(defaults(Version::V3_14, "Etc/UTC"))
            .map(|(field, default)| match default {
                Setting::Text(_) => Setting::from(field.name),
                Setting::Integer(number) => Setting::Integer(number + 7),
            })
            .collect();
        let stored = Stored {
            customer: 2,
            mailbox: "0012".to_owned(),
            pin: "0034".to_owned(),
            settings: settings.clone(),
        };
        insert(&db, &stored).unwrap();
        let back = find(&db, 2, "0012").unwrap().unwrap();
        assert_eq!((back.customer, back.mailbox.as_str(), back.pin.as_str()), (2, "0012", "0034"));
        assert_eq!(back.settings, settings);
        assert_eq!(back.owner(), &Setting::Integer(7));
        assert!(find(&db, 2, "12").unwrap().is_none());
    }
}
