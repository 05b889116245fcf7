//! Makes a mailbox. Looks at everything first, so that one answer names all that is wrong.

use crate::sandbox::answer::Answer;
use crate::sandbox::fields::defaults;
use crate::sandbox::form::Taken;
use crate::sandbox::rules;
use crate::sandbox::store::mailboxes;
use crate::sandbox::store::mailboxes::Stored;
use crate::sandbox::store::world::Customer;
use crate::sandbox::store::world::UNBOUNDED;
use crate::sandbox::store::world::ZONE;
use crate::sandbox::switch::call::Call;
use crate::sandbox::switch::call::Complaints;
use crate::sandbox::switch::call::Extent;
use crate::sandbox::switch::call::Place;
use crate::sandbox::switch::call::Purpose;

pub(super) fn create(call: &Call<'_>) -> rusqlite::Result<Answer> {
    let mut complaints = Complaints::default();
    let customer = customer(call, &mut complaints)?;
    let mailbox = free_mailbox(call, customer.as_ref(), &mut complaints)?;
    let pin = pin(call, customer.as_ref(), &mut complaints)?;
    let zone = customer.as_ref().map_or(ZONE, |it| &it.timezone);
    let settings = call.change(defaults(call.version, zone), Purpose::Create, &mut complaints);
    if let Some(customer) = &customer {
        call.check_owner(&settings, customer, &mut complaints)?;
    }
    let extent = call.extent(&mut complaints);
    if let Some(answer) = complaints.into_answer() {
        return Ok(answer);
    }
    let (Some(customer), Some(mailbox), Some(pin)) = (customer, mailbox, pin) else {
        unreachable!("whatever is missing was complained about");
    };
    if is_full(call, &customer)? {
        return Ok(Answer::PlanForbids);
    }
    if extent == Extent::CheckOnly {
        return Ok(Answer::Good);
    }
    let stored = Stored { customer: customer.id, mailbox: mailbox.to_owned(), pin, settings };
    mailboxes::insert(call.db, &stored).map(|()| Answer::Done)
}

fn customer(call: &Call<'_>, complaints: &mut Complaints) -> rusqlite::Result<Option<Customer>> {
    match call.place()? {
        Place::Seen(customer) => return Ok(Some(customer)),
        Place::Hidden => complaints.add("customer", "no such customer"),
        Place::Wrong(why) => complaints.add("customer", why),
    }
    Ok(None)
}

fn free_mailbox<'a>(
    call: &Call<'a>,
    customer: Option<&Customer>,
    complaints: &mut Complaints,
) -> rusqlite::Result<Option<&'a str>> {
    let mailbox = call.mailbox(complaints);
    if let (Some(mailbox), Some(customer)) = (mailbox, customer)
        && mailboxes::exists(call.db, customer.id, mailbox)?
    {
        complaints.add("mailbox", "exists already");
        return Ok(None);
    }
    Ok(mailbox)
}

/// The PIN of the mailbox to copy from, or else the one given.
fn pin(
    call: &Call<'_>,
    customer: Option<&Customer>,
    complaints: &mut Complaints,
) -> rusqlite::Result<Option<String>> {
    let source = match call.parameters.take("copy_pin") {
        Taken::Absent | Taken::Text("") => return Ok(given_pin(call, complaints)),
        Taken::Text(source) => source,
        Taken::Unusable(why) => {
            complaints.add("copy_pin", why);
            return Ok(None);
        }
    };
    let Some(customer) = customer else { return Ok(None) };
    let found = mailboxes::find(call.db, customer.id, source)?;
    if found.is_none() {
        complaints.add("copy_pin", "no such mailbox at this customer");
    }
    Ok(found.map(|it| it.pin))
}

fn given_pin(call: &Call<'_>, complaints: &mut Complaints) -> Option<String> {
    let given = match call.parameters.take("pin") {
        Taken::Absent => Err("is required".to_owned()),
        Taken::Unusable(why) => Err(why.to_owned()),
        Taken::Text(text) => rules::pin(text).map(|()| text.to_owned()),
    };
    complaints.keep("pin", given)
}

fn is_full(call: &Call<'_>, customer: &Customer) -> rusqlite::Result<bool> {
    match customer.mailboxes_max {
        UNBOUNDED => Ok(false),
        max => Ok(mailboxes::count(call.db, customer.id)? >= max),
    }
}
