//! The form body of a row's call.

use crate::model::Action;
use crate::model::Call;
use crate::model::Function;
use crate::model::Kind;
use crate::model::Secret;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::parameters::SENT;
use crate::resources::mailbox::parameters::Taken;
use crate::resources::mailbox::reading::Reading;
use crate::resources::mailbox::values::Value;

/// Most bodies are about 400 bytes.
const BODY_CAPACITY: usize = 512;

/// A parameter that no look-up may be held against: it is not shown, or only says where the mailbox is.
const UNCOMPARED: [Name; 4] = [Name::Mailbox, Name::Pin, Name::CopyPin, Name::Customer];

/// What a call about a row is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// What the row asks for.
    Act(Action, Kind),
    /// Whether its mailbox is there, and as the row would have it (mailboxes/get).
    LookUp,
    /// That its mailbox has its PIN (mailboxes/update).
    AssertPin,
    /// That its mailbox has all that the row gives and an update takes (mailboxes/update).
    AssertAll,
}

impl Purpose {
    fn function(self) -> Function {
        match self {
            Self::Act(Action::Create, _) => Function::Create,
            Self::Act(Action::Update, _) | Self::AssertPin | Self::AssertAll => Function::Update,
            Self::LookUp => Function::Get,
        }
    }

    /// Whether the call has a parameter that the row gives.
    fn takes(self, name: Name) -> bool {
        let is_place = matches!(name, Name::Mailbox | Name::Customer);
        match self {
            Self::Act(..) => true,
            Self::LookUp => is_place,
            Self::AssertPin => is_place || name == Name::Pin,
            Self::AssertAll => name.parameter().update != Taken::No,
        }
    }
}

/// The call of a row without problems. What the row does not give is not in it.
pub fn call(reading: &Reading<'_>, purpose: Purpose) -> Call {
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(BODY_CAPACITY));
    let mut secrets = Vec::new();
    let mut expected = Vec::new();
    for name in SENT {
        let Some(value) = reading.value(name) else { continue };
        if let Value::Pin(pin) = value {
            secrets.push(Secret::new(pin.expose()));
        }
        if purpose == Purpose::LookUp && !UNCOMPARED.contains(&name) {
            expected.push((name.as_str(), value.wire().into_owned()));
        }
        // A copied PIN wins over one that is given, and cannot be asserted.
        let is_overruled = name == Name::Pin && reading.copy_pin().is_some();
        if purpose.takes(name) && !(purpose == Purpose::AssertAll && is_overruled) {
            form.append_pair(name.as_str(), &value.wire());
        }
    }
    if let Purpose::Act(_, Kind::Rehearsal) = purpose {
        form.append_pair(Name::Validation.as_str(), "1");
    }
    Call { function: purpose.function(), body: form.finish().into_bytes(), secrets, expected }
}

/// The call that lists the mailboxes of a customer; of nobody, the login's own (mailboxes/list).
pub fn list_call(customer: Option<u32>) -> Call {
    let mut form = form_urlencoded::Serializer::new(String::new());
    if let Some(customer) = customer {
        form.append_pair(Name::Customer.as_str(), &customer.to_string());
    }
    let body = form.finish().into_bytes();
    Call { function: Function::List, body, secrets: Vec::new(), expected: Vec::new() }
}

/// All that a row asks for but its PIN, and the PIN apart: what it is recognised by. Different rows never give the same
/// bytes, since lengths stand before texts.
pub fn identity(reading: &Reading<'_>) -> (Vec<u8>, Option<Secret>) {
    let mut content = Vec::with_capacity(BODY_CAPACITY);
    let mut pin = None;
    for name in SENT {
        match reading.value(name) {
            Some(Value::Pin(it)) => pin = Some(Secret::new(it.expose())),
            Some(value) => {
                let text = value.wire();
                content.extend_from_slice(name.as_str().as_bytes());
                content.push(b'=');
                content.extend_from_slice(&(text.len() as u64).to_be_bytes());
                content.extend_from_slice(text.as_bytes());
            }
            None => {}
        }
    }
    (content, pin)
}
