//! Shows one mailbox or a customer's, and takes one away. What cannot be found is missing, however
//! it was named: these functions have no code for bad input, except for the customer of a list.

use crate::sandbox::answer::Answer;
use crate::sandbox::answer::Complaint;
use crate::sandbox::form::Taken;
use crate::sandbox::store::mailboxes;
use crate::sandbox::store::mailboxes::Stored;
use crate::sandbox::switch::call::Call;
use crate::sandbox::switch::call::Place;

pub(super) fn one(call: &Call<'_>) -> rusqlite::Result<Answer> {
    Ok(find(call)?.map_or(Answer::Missing, Answer::One))
}

pub(super) fn delete(call: &Call<'_>) -> rusqlite::Result<Answer> {
    let Some(stored) = find(call)? else { return Ok(Answer::Missing) };
    mailboxes::delete(call.db, stored.customer, &stored.mailbox).map(|()| Answer::Done)
}

pub(super) fn many(call: &Call<'_>) -> rusqlite::Result<Answer> {
    let message = match call.place()? {
        Place::Seen(customer) => {
            let mut all = mailboxes::of_customer(call.db, customer.id)?;
            all.retain(|it| call.sees(it));
            return Ok(Answer::Many(all));
        }
        Place::Hidden => "no such customer".to_owned(),
        Place::Wrong(why) => why,
    };
    Ok(Answer::Invalid(vec![Complaint { key: "customer", message }]))
}

fn find(call: &Call<'_>) -> rusqlite::Result<Option<Stored>> {
    match (call.place()?, call.parameters.take("mailbox")) {
        (Place::Seen(customer), Taken::Text(mailbox)) => call.find(&customer, mailbox),
        (Place::Hidden | Place::Wrong(_), _) | (_, Taken::Absent | Taken::Unusable(_)) => Ok(None),
    }
}
