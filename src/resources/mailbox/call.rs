//! The form body of a row's call.

use crate::model::Action;
use crate::model::Call;
use crate::model::Function;
use crate::model::Kind;
use crate::model::Secret;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::parameters::SENT;
use crate::resources::mailbox::reading::Reading;
use crate::resources::mailbox::values::Value;

/// Most bodies are about 400 bytes.
const BODY_CAPACITY: usize = 512;

/// The call of a row without problems. What the row does not give is not in it.
pub fn call(reading: &Reading<'_>, action: Action, kind: Kind) -> Call {
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(BODY_CAPACITY));
    let mut secrets = Vec::new();
    for name in SENT {
        let Some(value) = reading.value(name) else { continue };
        if let Value::Pin(pin) = value {
            secrets.push(Secret::new(pin.expose()));
        }
        form.append_pair(name.as_str(), &value.wire());
    }
    match kind {
        Kind::Rehearsal => drop(form.append_pair(Name::Validation.as_str(), "1")),
        Kind::Real => {}
    }
    let function = match action {
        Action::Create => Function::Create,
        Action::Update => Function::Update,
    };
    Call { function, body: form.finish().into_bytes(), secrets }
}
