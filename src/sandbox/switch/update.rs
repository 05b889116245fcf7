//! Changes a mailbox: what is given replaces, what is absent stays. Never makes one.

use crate::sandbox::answer::Answer;
use crate::sandbox::fields::defaults;
use crate::sandbox::form::Taken;
use crate::sandbox::rules;
use crate::sandbox::store::mailboxes;
use crate::sandbox::store::mailboxes::Stored;
use crate::sandbox::store::world::Customer;
use crate::sandbox::store::world::ZONE;
use crate::sandbox::switch::call::Call;
use crate::sandbox::switch::call::Complaints;
use crate::sandbox::switch::call::Extent;
use crate::sandbox::switch::call::Place;
use crate::sandbox::switch::call::Purpose;

pub(super) fn update(call: &Call<'_>) -> rusqlite::Result<Answer> {
    let mut complaints = Complaints::default();
    let mailbox = call.mailbox(&mut complaints);
    let customer = match call.place()? {
        Place::Seen(customer) => Some(customer),
        Place::Hidden => return Ok(Answer::Missing),
        Place::Wrong(why) => complaints.keep("customer", Err(why)),
    };
    let found = match (&customer, mailbox) {
        (Some(customer), Some(mailbox)) => match call.find(customer, mailbox)? {
            Some(stored) => Some((customer, stored)),
            None => return Ok(Answer::Missing),
        },
        // Without knowing which mailbox is meant, the other values can still be looked at.
        (None, _) | (_, None) => None,
    };
    change(call, found, complaints)
}

fn change(
    call: &Call<'_>,
    found: Option<(&Customer, Stored)>,
    mut complaints: Complaints,
) -> rusqlite::Result<Answer> {
    let pin = new_pin(call, &mut complaints);
    let extent = call.extent(&mut complaints);
    let Some((customer, stored)) = found else {
        call.change(defaults(call.version, ZONE), Purpose::Update, &mut complaints);
        return Ok(complaints.into_answer().unwrap_or(Answer::Missing));
    };
    let old_owner = stored.owner().clone();
    let settings = call.change(stored.settings, Purpose::Update, &mut complaints);
    let changed = Stored { settings, pin: pin.unwrap_or(stored.pin), ..stored };
    // An owner who has gone since stays, as long as nobody touches it.
    if *changed.owner() != old_owner {
        call.check_owner(&changed.settings, customer, &mut complaints)?;
    }
    if let Some(answer) = complaints.into_answer() {
        return Ok(answer);
    }
    match (customer.mailboxes_max, extent) {
        // The plan has no mailboxes at all.
        (0, _) => Ok(Answer::PlanForbids),
        (_, Extent::CheckOnly) => Ok(Answer::Good),
        (_, Extent::Full) => mailboxes::replace(call.db, &changed).map(|()| Answer::Done),
    }
}

/// The PIN given; an empty one keeps the old.
fn new_pin(call: &Call<'_>, complaints: &mut Complaints) -> Option<String> {
    let given = match call.parameters.take("pin") {
        Taken::Absent | Taken::Text("") => return None,
        Taken::Unusable(why) => Err(why.to_owned()),
        Taken::Text(text) => rules::pin(text).map(|()| text.to_owned()),
    };
    complaints.keep("pin", given)
}
