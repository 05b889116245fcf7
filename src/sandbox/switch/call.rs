//! One call to the switch and the questions all functions ask about it. Changes nothing but the
//! customers and people that an open sandbox invents.

use rusqlite::Connection;

use crate::sandbox::answer::Answer;
use crate::sandbox::answer::Complaint;
use crate::sandbox::fields::FIELDS;
use crate::sandbox::fields::OWNER;
use crate::sandbox::fields::Setting;
use crate::sandbox::form::Parameters;
use crate::sandbox::form::Taken;
use crate::sandbox::options::Version;
use crate::sandbox::roles::Reach;
use crate::sandbox::roles::Role;
use crate::sandbox::rules;
use crate::sandbox::rules::Wrong;
use crate::sandbox::store::mailboxes;
use crate::sandbox::store::mailboxes::Stored;
use crate::sandbox::store::world;
use crate::sandbox::store::world::Customer;
use crate::sandbox::store::world::Person;

/// Every parameter, in the order in which complaints about it are told.
const ORDER: [&str; 26] = [
    "mailbox",
    "pin",
    "callerid",
    "copy_pin",
    "customer",
    "description",
    "dtype",
    "dnumber",
    "envelope",
    "notify_dnumber",
    "notify_email",
    "notify_for",
    "notify_ltype",
    "notify_message",
    "notify_only",
    "owner",
    "pager",
    "pager_attach",
    "panel",
    "play",
    "saycid",
    "sayduration",
    "temporary_active",
    "timezone",
    "transcribe",
    "validation",
];

/// One call by somebody who may make it.
pub(super) struct Call<'a> {
    pub(super) db: &'a Connection,
    pub(super) person: &'a Person,
    pub(super) parameters: &'a Parameters,
    pub(super) version: Version,
    pub(super) open: bool,
}

/// The customer a call is about.
pub(super) enum Place {
    Seen(Customer),
    /// It does not exist, or not for this caller.
    Hidden,
    /// It is not named by a number.
    Wrong(Wrong),
}

/// Which parameters count.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Create,
    Update,
}

/// Whether a call is to be carried out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Extent {
    Full,
    CheckOnly,
}

/// What is wrong with a call so far.
#[derive(Default)]
pub(super) struct Complaints(Vec<Complaint>);

impl Complaints {
    pub(super) fn add(&mut self, key: &'static str, message: impl Into<String>) {
        self.0.push(Complaint { key, message: message.into() });
    }

    /// The value, or nothing and a complaint.
    pub(super) fn keep<T>(&mut self, key: &'static str, value: Result<T, Wrong>) -> Option<T> {
        value.map_err(|it| self.add(key, it)).ok()
    }

    /// The answer that tells them all, if there are any.
    pub(super) fn into_answer(mut self) -> Option<Answer> {
        self.0.sort_by_key(|complaint| ORDER.iter().position(|it| *it == complaint.key));
        (!self.0.is_empty()).then_some(Answer::Invalid(self.0))
    }
}

impl<'a> Call<'a> {
    /// The customer named, or else the caller's own.
    pub(super) fn place(&self) -> rusqlite::Result<Place> {
        let id = match self.parameters.take("customer") {
            Taken::Absent => self.person.customer,
            Taken::Unusable(why) => return Ok(Place::Wrong(why.to_owned())),
            Taken::Text(text) => match rules::whole(text) {
                Ok(id) => id,
                Err(wrong) => return Ok(Place::Wrong(wrong)),
            },
        };
        Ok(self.visible(id)?.map_or(Place::Hidden, Place::Seen))
    }

    fn visible(&self, id: i64) -> rusqlite::Result<Option<Customer>> {
        let within = match self.person.role.reach() {
            Reach::All => true,
            Reach::Below => world::is_at_or_below(self.db, id, self.person.customer)?,
            Reach::Own => id == self.person.customer,
        };
        if !within {
            return Ok(None);
        }
        let known = world::customer(self.db, id)?;
        if known.is_none() && self.may_invent() && id > 0 {
            let invented = Customer::new(id, Some(self.person.customer));
            world::put_customer(self.db, &invented)?;
            return Ok(Some(invented));
        }
        Ok(known.filter(|it| !it.deleted))
    }

    fn may_invent(&self) -> bool {
        self.open && self.person.role == Role::SystemOwner
    }

    /// Complains unless the owner is nobody or a person of the customer.
    pub(super) fn check_owner(
        &self,
        settings: &[Setting],
        customer: &Customer,
        complaints: &mut Complaints,
    ) -> rusqlite::Result<()> {
        if let Setting::Integer(owner) = settings[OWNER]
            && owner != 0
            && !self.person_exists(owner, customer.id)?
        {
            complaints.add("owner", "no such person at this customer");
        }
        Ok(())
    }

    fn person_exists(&self, id: i64, customer: i64) -> rusqlite::Result<bool> {
        match world::person(self.db, id)? {
            Some(person) => Ok(person.customer == customer || self.may_invent()),
            None if self.may_invent() => {
                world::put_person(self.db, &Person::owner(id, customer)).map(|()| true)
            }
            None => Ok(false),
        }
    }

    /// The mailbox named, if it is named well.
    pub(super) fn mailbox(&self, complaints: &mut Complaints) -> Option<&'a str> {
        let named = match self.parameters.take("mailbox") {
            Taken::Absent => Err("is required".to_owned()),
            Taken::Unusable(why) => Err(why.to_owned()),
            Taken::Text(text) => rules::mailbox(text).map(|()| text),
        };
        complaints.keep("mailbox", named)
    }

    /// The mailbox named, if there is one that the caller may see.
    pub(super) fn find(
        &self,
        customer: &Customer,
        mailbox: &str,
    ) -> rusqlite::Result<Option<Stored>> {
        let found = mailboxes::find(self.db, customer.id, mailbox)?;
        Ok(found.filter(|it| self.sees(it)))
    }

    pub(super) fn sees(&self, stored: &Stored) -> bool {
        !self.person.role.own_mailboxes_only()
            || *stored.owner() == Setting::Integer(self.person.id)
    }

    /// `settings` with what the call says about them.
    pub(super) fn change(
        &self,
        mut settings: Vec<Setting>,
        purpose: Purpose,
        complaints: &mut Complaints,
    ) -> Vec<Setting> {
        for (field, setting) in FIELDS.iter().zip(&mut settings) {
            let counts = match purpose {
                Purpose::Create => field.since <= self.version,
                Purpose::Update => field.updatable,
            };
            if !counts {
                continue;
            }
            let given = match self.parameters.take(field.name) {
                Taken::Absent => continue,
                Taken::Unusable(why) => Err(why.to_owned()),
                Taken::Text(text) => rules::setting(field.kind, text, self.version),
            };
            if let Some(given) = complaints.keep(field.name, given) {
                *setting = given;
            }
        }
        settings
    }

    /// Whether the call is to be carried out, or checked only.
    pub(super) fn extent(&self, complaints: &mut Complaints) -> Extent {
        let flag = match self.parameters.take("validation") {
            Taken::Absent => Ok(0),
            Taken::Unusable(why) => Err(why.to_owned()),
            Taken::Text(text) => rules::flag(text),
        };
        match complaints.keep("validation", flag) {
            Some(1) => Extent::CheckOnly,
            Some(_) | None => Extent::Full,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_place_in_the_order_of_complaints() {
        let settings: Vec<&str> = FIELDS.iter().map(|it| it.name).collect();
        let others = ["mailbox", "pin", "copy_pin", "customer", "validation"];
        let told: Vec<&str> = ORDER.into_iter().filter(|it| !others.contains(it)).collect();
        assert_eq!(told, settings);
    }
}
