//! Customers and people in the database, and the small world of a sandbox that was told nothing.
//! Decides nothing about who may see whom, except how to tell what lies below a customer.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::types::Type;

use crate::sandbox::roles::Role;

/// The time zone of a customer about whom nothing was said.
pub(crate) const ZONE: &str = "Etc/UTC";
/// How many mailboxes mean that there is no bound.
pub(crate) const UNBOUNDED: i64 = -1;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Customer {
    pub(crate) id: i64,
    pub(crate) parent: Option<i64>,
    pub(crate) name: String,
    pub(crate) timezone: String,
    /// How many mailboxes the rate plan allows, or `UNBOUNDED`.
    pub(crate) mailboxes_max: i64,
    pub(crate) deleted: bool,
}

/// Has no `Debug`: it holds a password.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) customer: i64,
    /// Nobody logs in without a name and a password.
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) role: Role,
}

impl Customer {
    pub(crate) fn new(id: i64, parent: Option<i64>) -> Self {
        Self {
            id,
            parent,
            name: format!("customer {id}"),
            timezone: ZONE.to_owned(),
            mailboxes_max: UNBOUNDED,
            deleted: false,
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            parent: row.get(1)?,
            name: row.get(2)?,
            timezone: row.get(3)?,
            mailboxes_max: row.get(4)?,
            deleted: row.get(5)?,
        })
    }
}

impl Person {
    /// Somebody who owns mailboxes but never logs in.
    pub(crate) fn owner(id: i64, customer: i64) -> Self {
        Self { id, customer, username: None, password: None, role: Role::User }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let role: String = row.get(4)?;
        let role = Role::named(&role)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(4, "role".to_owned(), Type::Text))?;
        Ok(Self {
            id: row.get(0)?,
            customer: row.get(1)?,
            username: row.get(2)?,
            password: row.get(3)?,
            role,
        })
    }
}

/// Customer 1 is the system; 2 and 3 are below it. Persons 21 to 23 belong to customer 2, persons
/// 31 to 33 to customer 3; they own mailboxes and do not log in.
pub(crate) fn fill_with_defaults(db: &Connection) -> rusqlite::Result<()> {
    put_customer(db, &Customer { name: "system".to_owned(), ..Customer::new(1, None) })?;
    for id in [2, 3] {
        put_customer(db, &Customer::new(id, Some(1)))?;
        for person in 1..=3 {
            put_person(db, &Person::owner(id * 10 + person, id))?;
        }
    }
    Ok(())
}

pub(crate) fn customer(db: &Connection, id: i64) -> rusqlite::Result<Option<Customer>> {
    db.prepare_cached(
        "SELECT id, parent, name, timezone, mailboxes_max, deleted FROM customers WHERE id = ?1",
    )?
    .query_row([id], Customer::read)
    .optional()
}

/// The customer at the top: the lowest without a parent.
pub(crate) fn root(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.query_row("SELECT min(id) FROM customers WHERE parent IS NULL", [], |row| row.get(0))
}

/// Makes or changes a customer.
pub(crate) fn put_customer(db: &Connection, customer: &Customer) -> rusqlite::Result<()> {
    let Customer { id, parent, name, timezone, mailboxes_max, deleted } = customer;
    db.prepare_cached("REPLACE INTO customers VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((id, parent, name, timezone, mailboxes_max, deleted))
        .map(drop)
}

/// Whether `id` is `above` or lies somewhere below it.
pub(crate) fn is_at_or_below(db: &Connection, id: i64, above: i64) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "WITH RECURSIVE line(id) AS (
             SELECT ?1 UNION SELECT parent FROM customers JOIN line USING (id)
         ) SELECT 1 FROM line WHERE id = ?2",
    )?
    .exists([id, above])
}

/// The first customer whose line of parents does not end at the top, if any.
pub(crate) fn lost_customer(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.query_row(
        "WITH RECURSIVE reached(id) AS (
             SELECT id FROM customers WHERE parent IS NULL
             UNION SELECT below.id FROM customers below JOIN reached ON below.parent = reached.id
         ) SELECT min(id) FROM customers WHERE id NOT IN (SELECT id FROM reached)",
        [],
        |row| row.get(0),
    )
}

const PERSON: &str = "SELECT id, customer, username, password, role FROM people";

pub(crate) fn person_named(db: &Connection, username: &str) -> rusqlite::Result<Option<Person>> {
    db.prepare_cached(&format!("{PERSON} WHERE username = ?1"))?
        .query_row([username], Person::read)
        .optional()
}

pub(crate) fn person(db: &Connection, id: i64) -> rusqlite::Result<Option<Person>> {
    db.prepare_cached(&format!("{PERSON} WHERE id = ?1"))?.query_row([id], Person::read).optional()
}

/// The first number that no person has.
pub(crate) fn next_person(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("SELECT coalesce(max(id), 0) + 1 FROM people", [], |row| row.get(0))
}

/// Makes or changes a person. A name that another person has is an error.
pub(crate) fn put_person(db: &Connection, person: &Person) -> rusqlite::Result<()> {
    let Person { id, customer, username, password, role } = person;
    db.prepare_cached(
        "INSERT INTO people VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET
             customer = ?2, username = ?3, password = ?4, role = ?5",
    )?
    .execute((id, customer, username, password, role.name()))
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::in_memory;

    #[test]
    fn a_line_of_parents_is_followed_to_its_end() {
        let db = in_memory().unwrap();
        for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))] {
            put_customer(&db, &Customer::new(id, parent)).unwrap();
        }
        let below_2 = [1, 2, 3, 4, 5].map(|it| is_at_or_below(&db, it, 2).unwrap());
        assert_eq!(below_2, [false, true, true, false, false]);
        assert_eq!(lost_customer(&db).unwrap(), None);
    }

    #[test]
    fn customers_in_a_ring_are_lost() {
        let db = in_memory().unwrap();
        for (id, parent) in [(1, None), (2, Some(3)), (3, Some(2))] {
            put_customer(&db, &Customer::new(id, parent)).unwrap();
        }
        assert_eq!(lost_customer(&db).unwrap(), Some(2));
        assert!(!is_at_or_below(&db, 3, 1).unwrap());
    }
}
