//! A cell's text as the type that its parameter has. Holding a value is proof that its form was checked.
//!
//! Judges one text at a time; what cells mean together is the rules' business.

use std::borrow::Cow;

use crate::model::Mailbox;
use crate::model::MailboxError;
use crate::model::Rule;
use crate::resources::Version;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::settings::Settings;
use crate::resources::mailbox::words::NotifyEmail;
use crate::resources::mailbox::words::NotifyFor;
use crate::resources::mailbox::words::NotifyLtype;
use crate::resources::mailbox::words::NotifyMessage;
use crate::resources::mailbox::words::Play;
use crate::resources::mailbox::words::Word;

/// Digits that are nobody's to see.
#[derive(Clone, Eq, PartialEq)]
pub struct Pin<'a>(Cow<'a, str>);

impl Pin<'_> {
    /// The digits themselves.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A checked value of one parameter.
#[derive(Clone, Eq, PartialEq)]
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
    Text(Cow<'a, str>),
}

impl Value<'_> {
    /// The text that is sent.
    pub fn wire(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Mailbox(it) => Cow::Borrowed(it.as_str()),
            Self::Pin(it) => Cow::Borrowed(it.expose()),
            Self::Integer(it) => Cow::Owned(it.to_string()),
            Self::YesNo(it) => Cow::Borrowed(if *it { "1" } else { "0" }),
            Self::NotifyEmail(it) => Cow::Borrowed(it.as_str()),
            Self::NotifyFor(it) => Cow::Borrowed(it.as_str()),
            Self::NotifyLtype(it) => Cow::Borrowed(it.as_str()),
            Self::NotifyMessage(it) => Cow::Borrowed(it.as_str()),
            Self::Play(it) => Cow::Borrowed(it.as_str()),
            Self::Text(it) => Cow::Borrowed(it),
        }
    }
}

/// Why a text is no value of its parameter.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Flaw {
    /// The rule.
    pub rule: Rule,
    /// What is the case, without the value where that is secret.
    pub message: String,
    /// What to do.
    pub help: Cow<'static, str>,
}

impl Flaw {
    /// A flaw with a fixed help text.
    pub(super) fn new(
        rule: Rule,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { rule, message: message.into(), help: help.into() }
    }
}

/// Reads the text of a cell; a flaw that may be lifted comes beside the value.
pub(super) fn parse<'a>(
    name: Name,
    text: Cow<'a, str>,
    settings: &Settings,
) -> (Option<Value<'a>>, Option<Flaw>) {
    if let Some(flaw) = too_long(&text, settings).or_else(|| several_lines(name, &text)) {
        return (None, Some(flaw));
    }
    match name.parameter().form {
        Form::Mailbox => hard(mailbox(&text).map(Value::Mailbox)),
        Form::Pin => (Some(Value::Pin(Pin(text.clone()))), pin_flaw(&text)),
        Form::Integer => hard(integer(&text).map(Value::Integer)),
        Form::YesNo => hard(yes_no(&text).map(Value::YesNo)),
        Form::Words(_) => hard(word(name, &text, settings.version)),
        Form::Email => {
            let flaw = email_flaw(&text);
            (Some(Value::Text(text)), flaw)
        }
        Form::Number | Form::Dtype | Form::Timezone | Form::Line | Form::Text => {
            (Some(Value::Text(text)), None)
        }
        Form::Action | Form::Credential => (None, None),
    }
}

fn hard<T>(result: Result<T, Flaw>) -> (Option<T>, Option<Flaw>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(flaw) => (None, Some(flaw)),
    }
}

/// Whether every telephone can dial a text.
pub(super) fn is_dialled(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit() || b"+*#".contains(&it))
}

/// A text that is longer than what is sent as one parameter.
pub(super) fn too_long(text: &str, settings: &Settings) -> Option<Flaw> {
    let most = settings.text_length_max;
    (text.len() > most).then(|| {
        let message = format!("{} bytes; at most {most} are sent", text.len());
        let help = "shorten it, or give a greater length, as in `--max-field 64KiB`";
        Flaw::new(Rule::TextTooLong, message, help)
    })
}

fn several_lines(name: Name, text: &str) -> Option<Flaw> {
    let form = name.parameter().form;
    let has_several_lines = text.bytes().any(|it| matches!(it, b'\n' | b'\r' | b'\t'));
    (has_several_lines && !matches!(form, Form::Text)).then(|| {
        let message = "a line break or a tab stands in it".to_owned();
        Flaw::new(Rule::ControlCharacter, message, "take it out; only a description may have lines")
    })
}

fn mailbox(text: &str) -> Result<Mailbox, Flaw> {
    Mailbox::parse(text).map_err(|error| {
        let help = match error {
            MailboxError::NotDigits { .. } if text.trim() != text => {
                "take the blanks at its ends out, as in `0201`"
            }
            MailboxError::Empty | MailboxError::NotDigits { .. } => {
                "give the number as it is dialled, zeros and all, as in `0201`"
            }
            MailboxError::TooLong { .. } => "check that no two cells ran together",
        };
        Flaw::new(Rule::MailboxForm, error.to_string(), help)
    })
}

fn pin_flaw(text: &str) -> Option<Flaw> {
    let is_dialled = text.bytes().all(|it| it.is_ascii_digit());
    (!is_dialled).then(|| {
        let message = "the PIN is not digits alone".to_owned();
        Flaw::new(Rule::PinForm, message, "give digits, which can be dialled on every telephone")
    })
}

fn integer(text: &str) -> Result<u32, Flaw> {
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let message = format!("`{text}` is not a whole number from 0 to {}", u32::MAX);
        Flaw::new(Rule::IntegerForm, message, "give the id in digits, as in `42`")
    })
}

fn yes_no(text: &str) -> Result<bool, Flaw> {
    const YES: [&str; 4] = ["1", "yes", "true", "on"];
    const NO: [&str; 4] = ["0", "no", "false", "off"];
    let is_in = |words: [&str; 4]| words.iter().any(|it| it.eq_ignore_ascii_case(text));
    match (is_in(YES), is_in(NO)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        (false, false) => {
            let message = format!("`{text}` is neither yes nor no");
            let help = "give 1 or 0; yes/no, true/false and on/off are taken as well";
            Err(Flaw::new(Rule::YesNoForm, message, help))
        }
    }
}

fn word(name: Name, text: &str, version: Version) -> Result<Value<'static>, Flaw> {
    let value = match name {
        Name::NotifyEmail => NotifyEmail::parse(text, version).map(Value::NotifyEmail),
        Name::NotifyFor => NotifyFor::parse(text, version).map(Value::NotifyFor),
        Name::NotifyLtype => NotifyLtype::parse(text, version).map(Value::NotifyLtype),
        Name::NotifyMessage => NotifyMessage::parse(text, version).map(Value::NotifyMessage),
        Name::Play => Play::parse(text, version).map(Value::Play),
        other => unreachable!("`{}` does not take words", other.as_str()),
    };
    value.ok_or_else(|| unknown_word(name, text, version))
}

fn unknown_word(name: Name, text: &str, version: Version) -> Flaw {
    let Form::Words(words) = name.parameter().form else {
        unreachable!("only parameters with words have unknown ones");
    };
    let later = words.iter().find(|it| it.text == text);
    let help = later.map_or_else(
        || one_of(words.iter().filter(|it| it.since <= version)),
        |it| format!("it exists since {}; give --api if the switch is", it.since.as_str()),
    );
    let message = format!("`{text}` is no value of {} in {}", name.as_str(), version.as_str());
    Flaw::new(Rule::ValueWord, message, help)
}

fn one_of<'w>(words: impl Iterator<Item = &'w Word>) -> String {
    let mut help = String::with_capacity(64);
    for word in words {
        help += if help.is_empty() { "give `" } else { "`, `" };
        help += word.text;
    }
    help + "`"
}

fn email_flaw(text: &str) -> Option<Flaw> {
    let one_word = !text.contains([' ', ',', ';', '<', '>', '"']);
    let halves = text.split_once('@').filter(|(local, domain)| {
        !local.is_empty() && !domain.contains('@') && has_two_labels(domain)
    });
    (!one_word || halves.is_none()).then(|| {
        let message = format!("`{text}` is not one e-mail address");
        Flaw::new(Rule::EmailForm, message, "give one address in full, as in `jane@example.com`")
    })
}

fn has_two_labels(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;

    fn settings() -> Settings {
        Settings::new(Version::V3_14, Action::Create)
    }

    fn flaw(name: Name, text: &str) -> Option<Rule> {
        parse(name, Cow::Borrowed(text), &settings()).1.map(|it| it.rule)
    }

    fn wire(name: Name, text: &str) -> Option<String> {
        let value = parse(name, Cow::Borrowed(text), &settings()).0;
        value.map(|it| it.wire().into_owned())
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
        let (value, flaw) = parse(Name::Pin, Cow::Borrowed("47a1canary"), &settings());
        assert!(value.is_some());
        assert_eq!(flaw.map(|it| it.message).as_deref(), Some("the PIN is not digits alone"));
    }

    #[test]
    fn a_word_of_a_later_version_is_named_as_such() {
        let flaw = parse(Name::NotifyFor, Cow::Borrowed("all"), &settings()).1.unwrap();
        assert_eq!(flaw.help, "it exists since 4.2; give --api if the switch is");
    }

    #[test]
    fn only_a_description_may_have_several_lines() {
        assert_eq!(flaw(Name::Description, "a\nb"), None);
        assert_eq!(flaw(Name::Dnumber, "a\tb"), Some(Rule::ControlCharacter));
    }
}
