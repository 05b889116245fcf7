//! The switch itself: who is calling, may they, and what comes of it. Knows parameters and the
//! database; knows nothing of HTTP or of faults.

mod call;
mod create;
mod read;
mod update;

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use rusqlite::Connection;

use crate::sandbox::answer::Answer;
use crate::sandbox::form::Parameters;
use crate::sandbox::form::Taken;
use crate::sandbox::options::Version;
use crate::sandbox::roles::Function;
use crate::sandbox::rules;
use crate::sandbox::store::world;
use crate::sandbox::store::world::Person;
use crate::sandbox::switch::call::Call;

/// The switch and its state.
pub(super) struct Switch {
    db: Mutex<Connection>,
    version: Version,
    open: bool,
}

/// An answer and the customer it is about.
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) customer: Option<i64>,
}

impl Switch {
    pub(super) fn new(db: Connection, version: Version, open: bool) -> Self {
        Self { db: Mutex::new(db), version, open }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries a call out. Nothing stays of it unless the answer says that it was done.
    pub(super) fn answer(&self, function: Option<Function>, parameters: &Parameters) -> Reply {
        self.carry_out(function, parameters)
            .unwrap_or(Reply { answer: Answer::Broken, customer: None })
    }

    fn carry_out(
        &self,
        function: Option<Function>,
        parameters: &Parameters,
    ) -> rusqlite::Result<Reply> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        let Some(person) = login(&transaction, parameters)? else {
            return Ok(Reply { answer: Answer::Unknown, customer: None });
        };
        let customer = asked_customer(parameters).unwrap_or(person.customer);
        let answer = match function {
            None => Answer::NoFunction,
            Some(function) if !person.role.may(function) => Answer::RoleForbids,
            Some(function) => {
                let (version, open) = (self.version, self.open);
                let call = Call { db: &transaction, person: &person, parameters, version, open };
                dispatch(function, &call)?
            }
        };
        if answer.keeps() {
            transaction.commit()?;
        }
        Ok(Reply { answer, customer: Some(customer) })
    }
}

fn dispatch(function: Function, call: &Call<'_>) -> rusqlite::Result<Answer> {
    match function {
        Function::Create => create::create(call),
        Function::Update => update::update(call),
        Function::Get => read::one(call),
        Function::List => read::many(call),
        Function::Delete => read::delete(call),
    }
}

/// The customer a request names, if it names one.
pub(super) fn asked_customer(parameters: &Parameters) -> Option<i64> {
    match parameters.take("customer") {
        Taken::Text(text) => rules::whole(text).ok(),
        Taken::Absent | Taken::Unusable(_) => None,
    }
}

/// The person that the credentials belong to.
fn login(db: &Connection, parameters: &Parameters) -> rusqlite::Result<Option<Person>> {
    let (Taken::Text(username), Taken::Text(password)) =
        (parameters.take("auth_username"), parameters.take("auth_password"))
    else {
        return Ok(None);
    };
    let person = world::person_named(db, username)?;
    let Some(known) = person.as_ref().and_then(|it| it.password.as_deref()) else {
        return Ok(None);
    };
    if !same(known.as_bytes(), password.as_bytes()) {
        return Ok(None);
    }
    let Some(person) = person else { return Ok(None) };
    let customer = world::customer(db, person.customer)?;
    Ok(customer.filter(|it| !it.deleted).map(|_| person))
}

/// Compares without telling by its time where the two begin to differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |seen, (a, b)| black_box(seen | (a ^ b)));
    one.len() == other.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::roles::Role;
    use crate::sandbox::store::in_memory;

    fn switch(version: Version, open: bool) -> Switch {
        let db = in_memory().unwrap();
        world::fill_with_defaults(&db).unwrap();
        let root = Person {
            id: 1,
            customer: 1,
            username: Some("root".to_owned()),
            password: Some("p".to_owned()),
            role: Role::SystemOwner,
        };
        world::put_person(&db, &root).unwrap();
        Switch::new(db, version, open)
    }

    /// The code and the keys of an answer to a call of the system owner.
    fn asked(switch: &Switch, function: Function, query: &str) -> (u16, Vec<&'static str>) {
        let text = format!("auth_username=root;auth_password=p;{query}");
        let parameters = Parameters::parse(text.as_bytes(), b"", 200).unwrap();
        let answer = switch.answer(Some(function), &parameters).answer;
        let keys = match &answer {
            Answer::Invalid(complaints) => complaints.iter().map(|it| it.key).collect(),
            _ => Vec::new(),
        };
        (answer.code(), keys)
    }

    #[test]
    fn a_password_is_the_same_only_as_a_whole() {
        let seen =
            ["secret", "secre", "secrets", "Secret", ""].map(|it| same(b"secret", it.as_bytes()));
        assert_eq!(seen, [true, false, false, false, false]);
    }

    #[test]
    fn wrong_or_missing_credentials_come_before_everything_else() {
        let switch = switch(Version::V3_14, false);
        for query in
            ["", "auth_username=root", "auth_username=root;auth_password=q", "auth_password=p"]
        {
            let parameters = Parameters::parse(query.as_bytes(), b"", 200).unwrap();
            assert_eq!(switch.answer(None, &parameters).answer.code(), 401, "{query}");
        }
    }

    #[test]
    fn several_wrong_values_are_told_in_the_order_of_the_documents() {
        let switch = switch(Version::V3_14, false);
        let query = "saycid=2;owner=999;customer=2;pin=x;mailbox=a;play=;validation=7";
        assert_eq!(
            asked(&switch, Function::Create, query),
            (400, vec!["mailbox", "pin", "owner", "play", "saycid", "validation"])
        );
    }

    #[test]
    fn a_check_finds_what_a_call_would_find_and_changes_nothing() {
        let switch = switch(Version::V3_14, false);
        let query = "mailbox=1;pin=1;customer=2";
        let check = format!("{query};validation=1");
        assert_eq!(asked(&switch, Function::Create, &check), (201, vec![]));
        assert_eq!(asked(&switch, Function::Create, &check), (201, vec![]));
        assert_eq!(asked(&switch, Function::Create, query), (204, vec![]));
        assert_eq!(asked(&switch, Function::Create, &check), (400, vec!["mailbox"]));
    }

    #[test]
    fn an_open_switch_knows_every_customer_and_owner_but_keeps_only_what_was_done() {
        let switch = switch(Version::V3_14, true);
        let query = "mailbox=1;pin=1;customer=77;owner=88";
        let count = |table: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            switch.db().query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        let before = (count("customers"), count("people"));
        assert_eq!(
            asked(&switch, Function::Create, &format!("{query};validation=1")),
            (201, vec![])
        );
        assert_eq!((count("customers"), count("people")), before);
        assert_eq!(asked(&switch, Function::Create, query), (204, vec![]));
        assert_eq!((count("customers"), count("people")), (before.0 + 1, before.1 + 1));
        assert_eq!(
            asked(&switch, Function::Create, "mailbox=2;pin=1;customer=2;owner=31"),
            (204, vec![])
        );
        assert_eq!(
            asked(&switch, Function::Create, "mailbox=2;pin=1;customer=0"),
            (400, vec!["customer"])
        );
    }

    #[test]
    fn a_closed_switch_knows_nobody_by_mere_asking() {
        let switch = switch(Version::V3_14, false);
        assert_eq!(
            asked(&switch, Function::Create, "mailbox=1;pin=1;customer=77"),
            (400, vec!["customer"])
        );
        assert_eq!(
            asked(&switch, Function::Create, "mailbox=1;pin=1;customer=2;owner=31"),
            (400, vec!["owner"])
        );
    }

    #[test]
    fn transcribe_is_no_parameter_of_3_13() {
        let query = "mailbox=1;pin=1;customer=2;transcribe=x";
        assert_eq!(asked(&switch(Version::V3_13, false), Function::Create, query), (204, vec![]));
        let seen = asked(&switch(Version::V3_14, false), Function::Create, query);
        assert_eq!(seen, (400, vec!["transcribe"]));
    }
}
