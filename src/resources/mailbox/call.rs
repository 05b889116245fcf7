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

/// Shorter values of parameters that are not known, such as `1`, are no secrets: masked, they would take half of what
/// the switch says with them.
const EXTRA_MASKED_FROM: usize = 4;

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

    /// Whether the call has the parameters that are not known and that the row gives.
    fn takes_extras(self) -> bool {
        match self {
            Self::Act(..) | Self::AssertAll => true,
            Self::LookUp | Self::AssertPin => false,
        }
    }
}

/// A form body that is being written.
struct Form(String);

impl Form {
    /// Adds a parameter that is known: its name is letters and lines, which stand for themselves.
    fn add(&mut self, name: Name, value: &str) {
        self.begin();
        self.0.push_str(name.as_str());
        self.end(value);
    }

    /// Adds one that is not known.
    fn add_foreign(&mut self, name: &str, value: &str) {
        self.begin();
        self.0.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.end(value);
    }

    fn begin(&mut self) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
    }

    fn end(&mut self, value: &str) {
        self.0.push('=');
        self.0.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
}

/// The call of a row without problems. What the row does not give is not in it.
pub fn call(reading: &Reading<'_>, purpose: Purpose) -> Call {
    let mut form = Form(String::with_capacity(BODY_CAPACITY));
    let mut secrets = Vec::new();
    let mut expected = Vec::new();
    for name in SENT {
        let Some(value) = reading.value(name) else { continue };
        if let Value::Pin(pin) = value {
            secrets.push(Secret::new(pin.expose()));
        }
        if purpose == Purpose::LookUp && !UNCOMPARED.contains(&name) {
            expected.push((name.as_str(), value.show(str::to_owned)));
        }
        // A copied PIN wins over one that is given, and cannot be asserted.
        let is_overruled = name == Name::Pin && reading.copy_pin().is_some();
        if purpose.takes(name) && !(purpose == Purpose::AssertAll && is_overruled) {
            value.show(|text| form.add(name, text));
        }
    }
    for (name, text) in reading.extras() {
        // Nobody knows what it is: it may be a secret, and what a look-up should show of it.
        if text.len() >= EXTRA_MASKED_FROM {
            secrets.push(Secret::new(text.as_ref()));
        }
        if purpose.takes_extras() {
            form.add_foreign(name, text);
        }
    }
    if let Purpose::Act(_, Kind::Rehearsal) = purpose {
        form.add(Name::Validation, "1");
    }
    Call { function: purpose.function(), body: form.0.into_bytes(), secrets, expected }
}

/// The call that lists the mailboxes of a customer; of nobody, the login's own (mailboxes/list).
pub fn list_call(customer: Option<u32>) -> Call {
    let mut form = Form(String::new());
    if let Some(customer) = customer {
        form.add(Name::Customer, &customer.to_string());
    }
    let body = form.0.into_bytes();
    Call { function: Function::List, body, secrets: Vec::new(), expected: Vec::new() }
}

/// All that a row asks for but its PIN, and the PIN apart: what it is recognised by. Different rows never give the same
/// bytes, since lengths stand before texts. Values of parameters that are not known go with the PIN: they may be secrets.
pub fn identity(reading: &Reading<'_>) -> (Vec<u8>, Option<Secret>) {
    let mut content = Vec::with_capacity(BODY_CAPACITY);
    let mut pin = None;
    for name in SENT {
        match reading.value(name) {
            Some(Value::Pin(it)) => pin = Some(Secret::new(it.expose())),
            Some(value) => value.show(|text| {
                content.extend_from_slice(name.as_str().as_bytes());
                content.push(b'=');
                content.extend_from_slice(&(text.len() as u64).to_be_bytes());
                content.extend_from_slice(text.as_bytes());
            }),
            None => {}
        }
    }
    if reading.extras().is_empty() {
        return (content, pin);
    }
    let mut secrets = pin.map_or_else(String::new, |it| framed(Name::Pin.as_str(), it.expose()));
    for (name, text) in reading.extras() {
        content.extend_from_slice(name.as_bytes());
        content.push(b';');
        secrets.push_str(&framed(name, text));
    }
    (content, Some(Secret::new(secrets)))
}

fn framed(name: &str, text: &str) -> String {
    format!("{name}={}:{text}", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cell;
    use crate::model::RawRow;
    use crate::model::Span;
    use crate::resources::Version;
    use crate::resources::mailbox;
    use crate::resources::mailbox::Settings;

    fn reading_of<T>(
        (pin, extra): (&str, Option<&str>),
        show: impl FnOnce(&Reading<'_>) -> T,
    ) -> T {
        let settings = Settings {
            extras: vec!["code".to_owned()],
            ..Settings::new(Version::V3_14, Action::Create)
        };
        let mut cells = vec![Cell::Absent; mailbox::columns(&settings.extras).known.len()];
        cells[Name::Mailbox as usize] = Cell::Text("0201".into());
        cells[Name::Pin as usize] = Cell::Text(pin.into());
        *cells.last_mut().unwrap() =
            extra.map_or(Cell::Absent, |it| Cell::Text(it.to_owned().into()));
        let span = Span { offset: 0, length: 0, line: 2, digest: 0 };
        let row = RawRow { span, cells: &cells, problems: &[], readable: true, excluded: None };
        show(&mailbox::read(&row, &settings, &mut Vec::new()))
    }

    #[test]
    fn bodies_are_those_that_form_encoding_gives() {
        let texts = ["", "a b", "Müller & Söhne=1+1?", "*-._~%41\n\"'", "+49#*"];
        let names = SENT.into_iter().chain([Name::Validation]);
        for (name, text) in names.zip(texts.into_iter().cycle()) {
            let mut encoded = form_urlencoded::Serializer::new(String::new());
            encoded.append_pair(name.as_str(), text).append_pair("a b", text);
            let mut form = Form(String::new());
            form.add(name, text);
            form.add_foreign("a b", text);
            assert_eq!(form.0, encoded.finish());
        }
    }

    #[test]
    fn extras_are_asserted_and_never_compared() {
        reading_of(("480913", Some("0711")), |reading| {
            let body = |purpose| String::from_utf8(call(reading, purpose).body).unwrap();
            assert_eq!(body(Purpose::AssertAll), "mailbox=0201&pin=480913&code=0711");
            assert_eq!(body(Purpose::AssertPin), "mailbox=0201&pin=480913");
            assert_eq!(body(Purpose::LookUp), "mailbox=0201");
            let Call { secrets, expected, .. } = call(reading, Purpose::LookUp);
            assert!(secrets.iter().any(|it| it.expose() == "0711") && expected.is_empty());
        });
        reading_of(("480913", Some("1")), |reading| {
            assert_eq!(call(reading, Purpose::AssertAll).secrets.len(), 1);
        });
    }

    #[test]
    fn rows_that_differ_in_an_extra_alone_are_told_apart_by_what_no_key_reveals() {
        let identity = |given| {
            let (content, secret) = reading_of(given, identity);
            (content, secret.unwrap().expose().to_owned())
        };
        let [one, other] = ["1", "2"].map(|it| identity(("480913", Some(it))));
        assert!(one.0 == other.0 && one.1 != other.1);
        let without = identity(("480913", None));
        assert!(without.0 != one.0 && without.1 == "480913");
        assert_ne!(identity(("4", Some("13"))), identity(("41", Some("3"))));
    }
}
