//! A cell's text as the type that its parameter has. Holding a value is proof that its form was checked.
//!
//! Judges one text at a time; what cells mean together is the rules' business.

use memchr::memchr;
use memchr::memchr2_iter;

use crate::model::Mailbox;
use crate::resources::Version;
use crate::resources::mailbox::flaws;
use crate::resources::mailbox::flaws::Flaw;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::settings::Settings;
use crate::resources::mailbox::signs::Signs;
use crate::resources::mailbox::words::NotifyEmail;
use crate::resources::mailbox::words::NotifyFor;
use crate::resources::mailbox::words::NotifyLtype;
use crate::resources::mailbox::words::NotifyMessage;
use crate::resources::mailbox::words::Play;

/// Digits that are nobody's to see.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Pin<'a>(&'a str);

impl<'a> Pin<'a> {
    /// The digits themselves.
    pub fn expose(self) -> &'a str {
        self.0
    }
}

/// A checked value of one parameter.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Value<'a> {
    /// The empty string, where it has a meaning.
    Empty,
    /// `mailbox`, `copy_pin`.
    Mailbox(Mailbox),
    /// `pin`.
    Pin(Pin<'a>),
    /// `customer`, `owner`.
    Integer(u32),
    /// `envelope`, `notify_only`, `panel` and the other switches.
    YesNo(bool),
    /// `notify_email`.
    NotifyEmail(NotifyEmail),
    /// `notify_for`.
    NotifyFor(NotifyFor),
    /// `notify_ltype`.
    NotifyLtype(NotifyLtype),
    /// `notify_message`.
    NotifyMessage(NotifyMessage),
    /// `play`.
    Play(Play),
    /// Everything that the API takes as it stands.
    Text(&'a str),
}

impl Value<'_> {
    /// Shows the text that is sent.
    pub fn show<T>(&self, show: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Empty => show(""),
            Self::Mailbox(it) => show(&it.digits()),
            Self::Pin(it) => show(it.expose()),
            Self::Integer(it) => show(&it.to_string()),
            Self::YesNo(it) => show(if *it { "1" } else { "0" }),
            Self::NotifyEmail(it) => show(it.as_str()),
            Self::NotifyFor(it) => show(it.as_str()),
            Self::NotifyLtype(it) => show(it.as_str()),
            Self::NotifyMessage(it) => show(it.as_str()),
            Self::Play(it) => show(it.as_str()),
            Self::Text(it) => show(it),
        }
    }
}

/// What is wrong with a text, if anything. Flaws are rare, and large beside values.
pub(super) type Judgement = Result<(), Box<Flaw>>;

/// Where a value is put. It is written where it stays: handed on, it would be read again before it is written.
pub(super) type Room<'r, 'a> = &'r mut Option<Value<'a>>;

/// Reads the text of a cell and puts its value into `room`, also where its flaw may be lifted.
pub(super) fn parse<'a>(
    name: Name,
    text: &'a str,
    settings: &Settings,
    room: Room<'_, 'a>,
) -> Judgement {
    if name.parameter().is_closed() {
        closed(name, text, settings, room)
    } else {
        open(name, text, Signs::of(text), settings, room)
    }
}

/// The same of a number of JSON, for a form that takes numbers.
pub(super) fn number(
    name: Name,
    number: i64,
    settings: &Settings,
    room: Room<'_, '_>,
) -> Judgement {
    let is_yes_no = matches!(name.parameter().form, Form::YesNo);
    let is_understood = if is_yes_no {
        put(matches!(number, 0 | 1).then_some(number == 1), Value::YesNo, room)
    } else {
        put(u32::try_from(number).ok(), Value::Integer, room)
    };
    // Every id is short enough for that.
    if is_understood && settings.text_length_max >= ID_LENGTH_MAX {
        return Ok(());
    }
    number_as_text(is_yes_no, number, settings, room)
}

/// Digits of the greatest id.
const ID_LENGTH_MAX: usize = 10;

#[cold]
fn number_as_text(
    is_yes_no: bool,
    number: i64,
    settings: &Settings,
    room: Room<'_, '_>,
) -> Judgement {
    let text = number.to_string();
    if let Some(flaw) = flaws::too_long(&text, settings) {
        *room = None;
        return Err(Box::new(flaw));
    }
    let form = if is_yes_no { flaws::yes_no_form } else { flaws::integer_form };
    if room.is_some() { Ok(()) } else { Err(Box::new(form(&text))) }
}

/// [`parse`] of a text whose form is digits or a word that is known.
#[expect(clippy::inline_always, reason = "calls cost as much as what most texts need")]
#[inline(always)]
pub(super) fn closed<'a>(
    name: Name,
    text: &'a str,
    settings: &Settings,
    room: Room<'_, 'a>,
) -> Judgement {
    let is_understood = match name.parameter().form {
        Form::Mailbox => put(Mailbox::parse(text).ok(), Value::Mailbox, room),
        Form::Pin => {
            *room = Some(Value::Pin(Pin(text)));
            Signs::of(text).are_digits()
        }
        Form::Integer => put(integer(text), Value::Integer, room),
        Form::YesNo => put(yes_no(text), Value::YesNo, room),
        Form::Words(_) => word(name, text, settings.version, room),
        Form::Number
        | Form::Dtype
        | Form::Email
        | Form::Timezone
        | Form::Line
        | Form::Text
        | Form::Action
        | Form::Credential => false,
    };
    if is_understood && text.len() <= settings.text_length_max {
        Ok(())
    } else {
        refuse(name, text, settings, room)
    }
}

/// [`parse`] of a text whose form takes more than can be listed.
#[expect(clippy::inline_always, reason = "calls cost as much as what most texts need")]
#[inline(always)]
pub(super) fn open<'a>(
    name: Name,
    text: &'a str,
    signs: Signs,
    settings: &Settings,
    room: Room<'_, 'a>,
) -> Judgement {
    let form = name.parameter().form;
    *room = Some(Value::Text(text));
    let is_line = !signs.have_break() || matches!(form, Form::Text);
    let has_form = !matches!(form, Form::Email) || is_one_email(text, signs);
    if is_line && has_form && text.len() <= settings.text_length_max {
        Ok(())
    } else {
        refuse(name, text, settings, room)
    }
}

/// Puts a value into `room`, if there is one.
#[inline]
fn put<'a, T>(value: Option<T>, variant: fn(T) -> Value<'a>, room: Room<'_, 'a>) -> bool {
    let Some(value) = value else { return false };
    *room = Some(variant(value));
    true
}

/// Says what is wrong with a text that was not understood: first what holds for all forms, and then it has no value.
#[cold]
fn refuse(name: Name, text: &str, settings: &Settings, room: Room<'_, '_>) -> Judgement {
    let form = name.parameter().form;
    let flaw = if let Some(flaw) = flaws::too_long(text, settings) {
        *room = None;
        flaw
    } else if Signs::of(text).have_break() && !matches!(form, Form::Text) {
        *room = None;
        flaws::several_lines()
    } else {
        flaws::of_form(name, text, settings.version)
    };
    Err(Box::new(flaw))
}

fn integer(text: &str) -> Option<u32> {
    // A sign is no part of an id.
    text.parse().ok().filter(|_| text.as_bytes()[0].is_ascii_digit())
}

fn yes_no(text: &str) -> Option<bool> {
    const YES: [&str; 3] = ["yes", "true", "on"];
    const NO: [&str; 3] = ["no", "false", "off"];
    let is_in = |words: [&str; 3]| words.iter().any(|it| it.eq_ignore_ascii_case(text));
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if is_in(YES) => Some(true),
        _ if is_in(NO) => Some(false),
        _ => None,
    }
}

fn word(name: Name, text: &str, version: Version, room: Room<'_, '_>) -> bool {
    match name {
        Name::NotifyEmail => put(NotifyEmail::parse(text, version), Value::NotifyEmail, room),
        Name::NotifyFor => put(NotifyFor::parse(text, version), Value::NotifyFor, room),
        Name::NotifyLtype => put(NotifyLtype::parse(text, version), Value::NotifyLtype, room),
        Name::NotifyMessage => put(NotifyMessage::parse(text, version), Value::NotifyMessage, room),
        Name::Play => put(Play::parse(text, version), Value::Play, room),
        other => unreachable!("`{}` does not take words", other.as_str()),
    }
}

/// Whether a text has a name, one `@`, and labels of a domain with dots between them.
fn is_one_email(text: &str, signs: Signs) -> bool {
    let Some(at) = memchr(b'@', text.as_bytes()) else { return false };
    let (local, domain) = (&text[..at], &text.as_bytes()[at + 1..]);
    let mut label = 0;
    for end in memchr2_iter(b'.', b'@', domain) {
        if domain[end] == b'@' || end == label {
            return false;
        }
        label = end + 1;
    }
    !signs.have_separator() && !local.is_empty() && label > 0 && label < domain.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use crate::model::Rule;

    fn settings() -> Settings {
        Settings::new(Version::V3_14, Action::Create)
    }

    fn parsed(name: Name, text: &str) -> (Option<Value<'_>>, Option<Flaw>) {
        let mut value = None;
        let judgement = parse(name, text, &settings(), &mut value);
        (value, judgement.err().map(|it| *it))
    }

    fn flaw(name: Name, text: &str) -> Option<Rule> {
        parsed(name, text).1.map(|it| it.rule)
    }

    fn wire(name: Name, text: &str) -> Option<String> {
        parsed(name, text).0.map(|it| it.show(str::to_owned))
    }

    #[test]
    fn yes_and_no_are_sent_as_digits_whatever_the_word() {
        for text in ["1", "yes", "TRUE", "On"] {
            assert_eq!(wire(Name::Envelope, text).as_deref(), Some("1"));
        }
        for text in ["0", "no", "False", "off"] {
            assert_eq!(wire(Name::Envelope, text).as_deref(), Some("0"));
        }
        assert_eq!(flaw(Name::Envelope, "2"), Some(Rule::YesNoForm));
    }

    #[test]
    fn integers_are_digits_alone_and_are_sent_without_zeros_in_front() {
        assert_eq!(wire(Name::Owner, "007").as_deref(), Some("7"));
        for text in ["+7", "-7", "7.0", "1e3", "4294967296", " 7"] {
            assert_eq!(flaw(Name::Owner, text), Some(Rule::IntegerForm), "{text}");
        }
    }

    #[test]
    fn an_address_needs_a_name_and_a_domain_with_a_dot() {
        assert_eq!(flaw(Name::Pager, "jane@example.com"), None);
        for text in ["jane", "jane@", "@example.com", "jane@example", "a@b@c.de", "a@b.de,c@d.de"] {
            assert_eq!(flaw(Name::Pager, text), Some(Rule::EmailForm), "{text}");
        }
    }

    #[test]
    fn no_flaw_of_a_pin_shows_the_pin() {
        let (value, flaw) = parsed(Name::Pin, "47a1canary");
        assert!(value.is_some());
        assert_eq!(flaw.map(|it| it.message).as_deref(), Some("the PIN is not digits alone"));
    }

    #[test]
    fn a_word_of_a_later_version_is_named_as_such() {
        let flaw = parsed(Name::NotifyFor, "all").1.unwrap();
        assert_eq!(flaw.help, "it exists since 4.2; give --api if the switch is");
    }

    #[test]
    fn only_a_description_may_have_several_lines() {
        assert_eq!(flaw(Name::Description, "a\nb"), None);
        assert_eq!(flaw(Name::Dnumber, "a\tb"), Some(Rule::ControlCharacter));
    }
}
