//! Reads a seed file, a JSON object with customers, people and mailboxes, and puts it into the
//! database. Customers and people replace those of the same number; mailboxes that exist stay.
//! Refuses what it does not know, and never repeats a password or a PIN.

mod mailbox;

use std::path::Path;

use rusqlite::Connection;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde_json::Value;

use crate::sandbox::error::SandboxError;
use crate::sandbox::fields::Kind;
use crate::sandbox::fields::OWNER;
use crate::sandbox::fields::Setting;
use crate::sandbox::fields::defaults;
use crate::sandbox::options::Version;
use crate::sandbox::roles::Role;
use crate::sandbox::rules;
use crate::sandbox::seed::mailbox::SeedMailbox;
use crate::sandbox::store::mailboxes;
use crate::sandbox::store::mailboxes::Stored;
use crate::sandbox::store::world;
use crate::sandbox::store::world::Customer;
use crate::sandbox::store::world::Person;
use crate::sandbox::store::world::UNBOUNDED;
use crate::sandbox::store::world::ZONE;

/// The login that the sandbox makes for its caller at every start.
pub(super) const LOGIN: &str = "sandbox";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Seed {
    customers: Vec<SeedCustomer>,
    people: Vec<SeedPerson>,
    mailboxes: Vec<SeedMailbox>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedCustomer {
    id: i64,
    parent: Option<i64>,
    name: Option<String>,
    timezone: Option<String>,
    mailboxes_max: Option<i64>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedPerson {
    id: i64,
    customer: i64,
    username: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    password: Option<String>,
    role: Role,
}

/// Puts the file's content into the database, or nothing at all.
pub(super) fn apply(
    db: &mut Connection,
    path: &Path,
    version: Version,
) -> Result<(), SandboxError> {
    let failed = |at: String, what: String| SandboxError::Seed { path: path.to_owned(), at, what };
    let bytes = std::fs::read(path).map_err(|it| failed(String::new(), it.to_string()))?;
    let seed: Seed = serde_json::from_slice(&bytes).map_err(|it| {
        let place = format!(" at line {} column {}", it.line(), it.column());
        let what = it.to_string();
        let what = what.strip_suffix(&place).unwrap_or(&what).to_owned();
        failed(place.replacen(" at", "", 1), what)
    })?;
    let transaction = db.transaction()?;
    put(&transaction, seed, version).map_err(|it| match it {
        Mistake::Content(what) => failed(String::new(), what),
        Mistake::State(error) => SandboxError::State(error),
    })?;
    Ok(transaction.commit()?)
}

/// Why a seed cannot be put into the database.
enum Mistake {
    /// What is wrong with the content of the file.
    Content(String),
    /// The database is to blame.
    State(rusqlite::Error),
}

impl Mistake {
    /// The same with where it is in the file.
    fn within(self, list: &str, place: usize) -> Self {
        match self {
            Self::Content(what) => Self::Content(format!("{list}[{place}]: {what}")),
            Self::State(error) => Self::State(error),
        }
    }
}

impl From<rusqlite::Error> for Mistake {
    fn from(error: rusqlite::Error) -> Self {
        Self::State(error)
    }
}

fn wrong<T>(what: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake::Content(what.into()))
}

fn put(db: &Connection, seed: Seed, version: Version) -> Result<(), Mistake> {
    for (place, customer) in seed.customers.into_iter().enumerate() {
        let customer = customer.checked().map_err(|it| it.within("customers", place))?;
        world::put_customer(db, &customer)?;
    }
    if world::root(db)?.is_none() {
        return wrong("no customer without a `parent`, which would be the system");
    }
    if let Some(id) = world::lost_customer(db)? {
        return wrong(format!("customer `{id}`: its parents do not lead to the system"));
    }
    for (place, person) in seed.people.into_iter().enumerate() {
        let person = person.checked(db).map_err(|it| it.within("people", place))?;
        world::put_person(db, &person)?;
    }
    for (place, mailbox) in seed.mailboxes.into_iter().enumerate() {
        let stored = stored(mailbox, db, version).map_err(|it| it.within("mailboxes", place))?;
        mailboxes::insert_new(db, &stored)?;
    }
    Ok(())
}

impl SeedCustomer {
    fn checked(self) -> Result<Customer, Mistake> {
        let Self { id, parent, name, timezone, mailboxes_max, deleted } = self;
        let timezone = timezone.unwrap_or_else(|| ZONE.to_owned());
        let mailboxes_max = mailboxes_max.unwrap_or(UNBOUNDED);
        if id < 1 {
            return wrong("`id` must be 1 or more");
        }
        if mailboxes_max < UNBOUNDED {
            return wrong("`mailboxes_max` must be 0 or more, or -1 for no bound");
        }
        if let Err(what) = rules::setting(Kind::Zone, &timezone, Version::V4_4) {
            return wrong(format!("`timezone` {what}"));
        }
        let name = name.unwrap_or_else(|| format!("customer {id}"));
        Ok(Customer { id, parent, name, timezone, mailboxes_max, deleted })
    }
}

impl SeedPerson {
    fn checked(self, db: &Connection) -> Result<Person, Mistake> {
        let Self { id, customer, username, password, role } = self;
        if id < 1 {
            return wrong("`id` must be 1 or more");
        }
        if world::customer(db, customer)?.is_none() {
            return wrong(format!("customer `{customer}` does not exist"));
        }
        if let Some(name) = &username {
            if name == LOGIN {
                return wrong(format!("the username `{name}` is the sandbox's own"));
            }
            if world::person_named(db, name)?.is_some_and(|it| it.id != id) {
                return wrong(format!("the username `{name}` is taken"));
            }
        }
        Ok(Person { id, customer, username, password, role })
    }
}

fn stored(mailbox: SeedMailbox, db: &Connection, version: Version) -> Result<Stored, Mistake> {
    let SeedMailbox { customer, mailbox, pin, settings: given } = mailbox;
    let Some(known) = world::customer(db, customer)? else {
        return wrong(format!("customer `{customer}` does not exist"));
    };
    let mut settings = defaults(version, &known.timezone);
    for (place, setting) in given {
        settings[place] = setting;
    }
    if let Setting::Integer(owner) = settings[OWNER]
        && owner != 0
        && world::person(db, owner)?.is_none_or(|it| it.customer != customer)
    {
        return wrong(format!("owner `{owner}` is no person of the customer"));
    }
    Ok(Stored { customer, mailbox, pin, settings })
}

/// A text that no message may repeat.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if !text.is_empty() => Ok(Some(text)),
        _ => Err(Error::custom("a password must be a text in quotes that is not empty")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::in_memory;

    /// What is wrong with a seed file.
    fn wrong(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seed");
        std::fs::write(&path, text).unwrap();
        let mut db = in_memory().unwrap();
        match apply(&mut db, &path, Version::V3_14) {
            Err(SandboxError::Seed { at, what, .. }) => format!("{at}: {what}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_column() {
        assert_eq!(
            wrong("{\n  \"customer\": []\n}"),
            " line 2 column 12: unknown field `customer`, expected one of `customers`, `people`, \
             `mailboxes`"
        );
        assert_eq!(
            wrong("{\"mailboxes\":[\n{\"customer\":2,\"mailbox\":\"1\",\"saycid\":3}]}"),
            " line 2 column 39: `saycid` must be 0 or 1"
        );
        assert_eq!(wrong("{"), " line 1 column 1: EOF while parsing an object");
    }

    #[test]
    fn a_secret_of_the_wrong_kind_is_not_repeated() {
        assert_eq!(
            wrong(r#"{"mailboxes":[{"customer":2,"mailbox":"1","pin":987654}]}"#),
            " line 1 column 55: `pin` must be digits in quotes"
        );
        assert_eq!(
            wrong(r#"{"people":[{"password":987654}]}"#),
            " line 1 column 30: a password must be a text in quotes that is not empty"
        );
    }

    #[test]
    fn what_does_not_fit_together_is_told_by_its_place() {
        let system = r#""customers":[{"id":1},{"id":2,"parent":1}]"#;
        let person = |it: &str| wrong(&format!("{{{system},\"people\":[{it}]}}"));
        assert_eq!(
            [
                wrong("{}"),
                wrong(r#"{"customers":[{"id":1},{"id":2,"parent":7}]}"#),
                wrong(r#"{"customers":[{"id":0}]}"#),
                person(r#"{"id":1,"customer":9,"role":"user"}"#),
                person(r#"{"id":1,"customer":2,"role":"user","username":"sandbox"}"#),
            ],
            [
                ": no customer without a `parent`, which would be the system",
                ": customer `2`: its parents do not lead to the system",
                ": customers[0]: `id` must be 1 or more",
                ": people[0]: customer `9` does not exist",
                ": people[0]: the username `sandbox` is the sandbox's own",
            ]
        );
    }
}
