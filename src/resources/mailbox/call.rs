//! The form body of a row's call, and what a row is recognised by.

use std::iter;
use std::ops::Range;

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
    /// Adds a parameter that is known: its name is letters and lines, which stand for themselves. Tells where its value is.
    fn add(&mut self, name: Name, value: &str) -> Range<usize> {
        self.begin();
        self.0.push_str(name.as_str());
        self.end(value)
    }

    /// Adds one that is not known.
    fn add_foreign(&mut self, name: &str, value: &str) -> Range<usize> {
        self.begin();
        self.0.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.end(value)
    }

    fn begin(&mut self) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
    }

    fn end(&mut self, value: &str) -> Range<usize> {
        self.0.push('=');
        let start = self.0.len();
        self.0.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        start..self.0.len()
    }
}

/// The call of a row without problems, written down. What the row does not give is not in it.
pub struct CallDraft {
    purpose: Purpose,
    form: Form,
    /// Where values are that may be secrets, in their order.
    hidden: Vec<Range<usize>>,
    secrets: Vec<Secret>,
    expected: Vec<(&'static str, String)>,
}

impl CallDraft {
    /// Writes down what a row gives and the purpose takes.
    pub fn of(reading: &Reading<'_>, purpose: Purpose) -> Self {
        let mut form = Form(String::with_capacity(BODY_CAPACITY));
        let (mut hidden, mut secrets, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for name in SENT {
            let Some(value) = reading.value(name) else { continue };
            if purpose == Purpose::LookUp && !UNCOMPARED.contains(&name) {
                expected.push((name.as_str(), value.show(str::to_owned)));
            }
            // A copied PIN wins over one that is given, and cannot be asserted.
            let is_overruled = name == Name::Pin && reading.copy_pin().is_some();
            let is_taken = purpose.takes(name) && !(purpose == Purpose::AssertAll && is_overruled);
            let place = is_taken.then(|| value.show(|text| form.add(name, text)));
            if let Value::Pin(pin) = value {
                secrets.push(Secret::new(pin.expose()));
            }
            if name.parameter().is_secret() {
                hidden.extend(place);
            }
        }
        for (name, text) in reading.extras() {
            // Nobody knows what it is: it may be a secret, and what a look-up should show of it.
            if text.len() >= EXTRA_MASKED_FROM {
                secrets.push(Secret::new(text.as_ref()));
            }
            if purpose.takes_extras() {
                hidden.push(form.add_foreign(name, text));
            }
        }
        Self { purpose, form, hidden, secrets, expected }
    }

    /// The body without the values that may be secrets. Different bodies never give the same bytes here and in
    /// [`hidden`](Self::hidden): names stay, and no value holds what stands between parameters.
    pub fn shown(&self) -> impl Iterator<Item = &[u8]> {
        let body = self.form.0.as_bytes();
        let starts = iter::once(0).chain(self.hidden.iter().map(|it| it.end));
        let ends = self.hidden.iter().map(|it| it.start).chain([body.len()]);
        starts.zip(ends).filter_map(|(start, end)| body.get(start..end))
    }

    /// The values that may be secrets, as they stand in the body.
    pub fn hidden(&self) -> impl Iterator<Item = &[u8]> {
        self.hidden.iter().filter_map(|it| self.form.0.as_bytes().get(it.clone()))
    }

    /// The call itself.
    pub fn into_call(self) -> Call {
        let Self { purpose, mut form, hidden: _, secrets, expected } = self;
        if let Purpose::Act(_, Kind::Rehearsal) = purpose {
            form.add(Name::Validation, "1");
        }
        Call { function: purpose.function(), body: form.0.into_bytes(), secrets, expected }
    }
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

    fn call(reading: &Reading<'_>, purpose: Purpose) -> Call {
        CallDraft::of(reading, purpose).into_call()
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
    fn what_may_be_secret_is_told_apart_from_the_rest_of_a_body() {
        let parts = |given, kind| {
            let purpose = Purpose::Act(Action::Create, kind);
            let draft = reading_of(given, |reading| CallDraft::of(reading, purpose));
            let text = |it: &[u8]| String::from_utf8(it.to_vec()).unwrap();
            let shown: String = draft.shown().map(text).collect();
            (shown, draft.hidden().map(text).collect::<Vec<_>>())
        };
        let (shown, hidden) = parts(("48 9", Some("1&2")), Kind::Real);
        assert_eq!(shown, "mailbox=0201&pin=&code=");
        assert_eq!(hidden, ["48+9", "1%262"]);
        assert_eq!(parts(("48 9", Some("1&2")), Kind::Rehearsal), (shown, hidden));
        let (shown, hidden) = parts(("480913", None), Kind::Real);
        assert_eq!((shown.as_str(), hidden), ("mailbox=0201&pin=", vec!["480913".to_owned()]));
    }
}
