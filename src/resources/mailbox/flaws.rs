//! What is wrong with a text that is no value of its parameter, in words: what is the case, and what to do.
//!
//! Judges nothing by itself. No flaw of a secret repeats it.

use std::borrow::Cow;

use crate::model::Mailbox;
use crate::model::MailboxError;
use crate::model::Rule;
use crate::resources::Version;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::settings::Settings;
use crate::resources::mailbox::words::Word;

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

/// The flaw of a text that does not have the form of its parameter.
pub(super) fn of_form(name: Name, text: &str, version: Version) -> Flaw {
    match name.parameter().form {
        Form::Mailbox => mailbox_form(text),
        Form::Pin => pin_form(),
        Form::Integer => integer_form(text),
        Form::YesNo => yes_no_form(text),
        Form::Words(words) => unknown_word(name, words, text, version),
        Form::Email => email_form(text),
        Form::Number | Form::Dtype | Form::Timezone | Form::Line | Form::Text => {
            unreachable!("every text that is short enough is a value of {}", name.as_str())
        }
        Form::Action | Form::Credential => unreachable!("{} has no cells", name.as_str()),
    }
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

/// A text of several lines where one is taken.
pub(super) fn several_lines() -> Flaw {
    let help = "take it out; only a description may have lines";
    Flaw::new(Rule::ControlCharacter, "a line break or a tab stands in it", help)
}

fn mailbox_form(text: &str) -> Flaw {
    let Err(error) = Mailbox::parse(text) else {
        unreachable!("a mailbox number that is understood has no flaw");
    };
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
}

fn pin_form() -> Flaw {
    let help = "give digits, which can be dialled on every telephone";
    Flaw::new(Rule::PinForm, "the PIN is not digits alone", help)
}

/// A text that is no whole number.
pub(super) fn integer_form(text: &str) -> Flaw {
    let message = format!("`{text}` is not a whole number from 0 to {}", u32::MAX);
    Flaw::new(Rule::IntegerForm, message, "give the id in digits, as in `42`")
}

/// A text that is neither yes nor no.
pub(super) fn yes_no_form(text: &str) -> Flaw {
    let message = format!("`{text}` is neither yes nor no");
    let help = "give 1 or 0; yes/no, true/false and on/off are taken as well";
    Flaw::new(Rule::YesNoForm, message, help)
}

fn unknown_word(name: Name, words: &[Word], text: &str, version: Version) -> Flaw {
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

fn email_form(text: &str) -> Flaw {
    let message = format!("`{text}` is not one e-mail address");
    Flaw::new(Rule::EmailForm, message, "give one address in full, as in `jane@example.com`")
}
