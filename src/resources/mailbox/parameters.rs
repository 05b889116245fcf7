//! The one table of everything that mailboxes/create and mailboxes/update take.
//!
//! Validation, the column listings and the form body all come from it; nothing else knows a parameter's name.

use crate::resources::Version;
use crate::resources::mailbox::words::NotifyEmail;
use crate::resources::mailbox::words::NotifyFor;
use crate::resources::mailbox::words::NotifyLtype;
use crate::resources::mailbox::words::NotifyMessage;
use crate::resources::mailbox::words::Play;
use crate::resources::mailbox::words::Word;

/// A parameter by name; its number is its place in [`PARAMETERS`].
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the table gives each one's meaning")]
pub enum Name {
    Action,
    Mailbox,
    Pin,
    Callerid,
    CopyPin,
    Customer,
    Description,
    Dtype,
    Dnumber,
    Envelope,
    NotifyDnumber,
    NotifyEmail,
    NotifyFor,
    NotifyLtype,
    NotifyMessage,
    NotifyOnly,
    Owner,
    Pager,
    PagerAttach,
    Panel,
    Play,
    Saycid,
    Sayduration,
    TemporaryActive,
    Timezone,
    Transcribe,
    AuthUsername,
    AuthPassword,
    Validation,
}

/// How many parameters are columns: all before the connection's own.
pub(super) const COLUMNS: usize = Name::AuthUsername as usize;

/// Does the same for every column that is a parameter of a call, in the order in which they are sent, each time in code of its
/// own: what a column is then is known where the program is built, and nobody has to ask row by row.
macro_rules! each_sent {
    (|$name:ident| $what:block) => {
        each_sent!(|$name| $what;
            Mailbox Pin Callerid CopyPin Customer Description Dtype Dnumber Envelope
            NotifyDnumber NotifyEmail NotifyFor NotifyLtype NotifyMessage NotifyOnly Owner Pager
            PagerAttach Panel Play Saycid Sayduration TemporaryActive Timezone Transcribe
        )
    };
    (|$name:ident| $what:block; $($each:ident)+) => {
        $({
            let $name = $crate::resources::mailbox::parameters::Name::$each;
            $what
        })+
    };
}
pub(super) use each_sent;

/// The columns that are parameters of a call, in the order in which they are sent.
pub(super) const SENT: [Name; COLUMNS - 1] = {
    let mut sent = [Name::Mailbox; COLUMNS - 1];
    each_sent!(|name| {
        sent[name as usize - 1] = name;
    });
    sent
};

/// The columns whose digits are a text.
pub(super) const TEXTS: [&str; 6] =
    ["mailbox", "pin", "copy_pin", "dnumber", "callerid", "notify_dnumber"];

/// What a parameter's value looks like.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// The word that says what a row asks for; never sent.
    Action,
    /// Digits that name a mailbox.
    Mailbox,
    /// Digits, secret.
    Pin,
    /// A telephone number.
    Number,
    /// A whole number from 0.
    Integer,
    /// 1 or 0.
    YesNo,
    /// One of some words.
    Words(&'static [Word]),
    /// A kind of destination: an open list.
    Dtype,
    /// One e-mail address.
    Email,
    /// The name of a time zone.
    Timezone,
    /// One line of text.
    Line,
    /// Text that may have several lines.
    Text,
    /// Anything; belongs to the connection.
    Credential,
}

/// What one of the two functions does with a parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// Must be there.
    Required,
    /// Must be there unless `copy_pin` is.
    UnlessCopied,
    /// May be left out; then this holds.
    Default(&'static str),
    /// May be left out; then the current value stays.
    Kept,
    /// Not a parameter of this function.
    No,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name as it is sent and as a column.
    pub name: &'static str,
    /// What its values look like.
    pub form: Form,
    /// In mailboxes/create.
    pub create: Taken,
    /// In mailboxes/update.
    pub update: Taken,
    /// The API gives the empty string a meaning.
    pub empty: bool,
    /// The first version with it.
    pub since: Version,
    /// Another default of create, from a version on.
    pub later_default: Option<(Version, &'static str)>,
    /// What it is for.
    pub meaning: &'static str,
}

impl Parameter {
    /// Whether a text that is taken can only be digits or a word that is known.
    pub(super) fn is_closed(&self) -> bool {
        match self.form {
            Form::Action
            | Form::Mailbox
            | Form::Pin
            | Form::Integer
            | Form::YesNo
            | Form::Words(_) => true,
            Form::Number
            | Form::Dtype
            | Form::Email
            | Form::Timezone
            | Form::Line
            | Form::Text
            | Form::Credential => false,
        }
    }

    /// Whether no text may repeat its values.
    pub fn is_secret(&self) -> bool {
        matches!(self.form, Form::Pin | Form::Credential)
    }
}

impl Name {
    /// Its line of the table.
    pub fn parameter(self) -> &'static Parameter {
        &PARAMETERS[self as usize]
    }

    /// Its name as it is sent and as a column.
    pub fn as_str(self) -> &'static str {
        self.parameter().name
    }

    /// Whether its digits are a text, of which a number would lose zeros in front.
    pub(super) fn is_text(self) -> bool {
        TEXTS.contains(&self.as_str())
    }
}

/// Whose mailbox it is where nobody says so.
const LOGINS_CUSTOMER: &str = "the login's customer";

/// An optional parameter of both functions that exists since 3.13.
const fn both(
    name: &'static str,
    form: Form,
    default: &'static str,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        name,
        form,
        create: Taken::Default(default),
        update: Taken::Kept,
        empty: false,
        since: Version::V3_13,
        later_default: None,
        meaning,
    }
}

/// The same, where an empty string has a meaning.
const fn clearable(
    name: &'static str,
    form: Form,
    default: &'static str,
    meaning: &'static str,
) -> Parameter {
    Parameter { empty: true, ..both(name, form, default, meaning) }
}

/// A parameter that the connection or the run sends, never a row.
const fn own(name: &'static str, form: Form, taken: Taken, meaning: &'static str) -> Parameter {
    Parameter { create: taken, update: taken, ..both(name, form, "", meaning) }
}

/// Everything, in the order of [`Name`]: the columns first, in the order in which create documents them.
pub const PARAMETERS: [Parameter; Name::Validation as usize + 1] = [
    own(
        "action",
        Form::Action,
        Taken::Default("what --action says"),
        "what the row asks for: create or update",
    ),
    own("mailbox", Form::Mailbox, Taken::Required, "number of the mailbox; zeros in front count"),
    Parameter {
        create: Taken::UnlessCopied,
        ..both("pin", Form::Pin, "", "PIN of the mailbox, digits")
    },
    clearable("callerid", Form::Number, "", "caller id of notification calls; empty: unknown"),
    Parameter {
        update: Taken::No,
        ..clearable(
            "copy_pin",
            Form::Mailbox,
            "",
            "mailbox of the same customer whose PIN is copied",
        )
    },
    Parameter {
        update: Taken::Default(LOGINS_CUSTOMER),
        ..both("customer", Form::Integer, LOGINS_CUSTOMER, "id of the customer")
    },
    clearable("description", Form::Text, "", "free text"),
    both("dtype", Form::Dtype, "hangup", "kind of destination for callers who press 0"),
    clearable("dnumber", Form::Line, "", "its number, for callers who press 0"),
    both("envelope", Form::YesNo, "0", "1: play date and time of a message"),
    clearable("notify_dnumber", Form::Number, "", "number for notification calls; empty: none"),
    clearable(
        "notify_email",
        Form::Words(NotifyEmail::WORDS),
        "owner_wav",
        "e-mail to the owner, with or without the audio; empty: none",
    ),
    Parameter {
        later_default: Some((Version::V4_4, "all")),
        ..clearable(
            "notify_for",
            Form::Words(NotifyFor::WORDS),
            "voicemail_fax",
            "what the owner is told of; empty: nothing",
        )
    },
    both(
        "notify_ltype",
        Form::Words(NotifyLtype::WORDS),
        "voicemailbox",
        "what a notification call plays",
    ),
    clearable(
        "notify_message",
        Form::Words(NotifyMessage::WORDS),
        "",
        "text message to the owner; empty: none",
    ),
    both("notify_only", Form::YesNo, "0", "1: delete a message once its e-mails are sent"),
    both("owner", Form::Integer, "0", "id of the person who owns it; 0: nobody"),
    clearable("pager", Form::Email, "", "second e-mail address; empty: none"),
    both("pager_attach", Form::YesNo, "0", "1: attach the audio for the second address"),
    both("panel", Form::YesNo, "0", "1: show it in the control panel"),
    both("play", Form::Words(Play::WORDS), "oldest", "which message is played first"),
    both("saycid", Form::YesNo, "1", "1: say who called"),
    both("sayduration", Form::YesNo, "1", "1: say how long a message is"),
    both("temporary_active", Form::YesNo, "1", "1: the temporary greeting is on"),
    both("timezone", Form::Timezone, "the customer's", "time zone, as in `Europe/Berlin`"),
    Parameter {
        update: Taken::No,
        since: Version::V3_14,
        ..both("transcribe", Form::YesNo, "0", "1: transcribe new messages, where that is set up")
    },
    own("auth_username", Form::Credential, Taken::Required, "login; given by --username"),
    own("auth_password", Form::Credential, Taken::Required, "its password; never a column"),
    own("validation", Form::YesNo, Taken::Default("0"), "1: judge only; sent by --dry-run"),
];

/// Names of the columns, in the order of the table.
pub const COLUMN_NAMES: [&str; COLUMNS] = {
    let mut names = [""; COLUMNS];
    let mut place = 0;
    while place < COLUMNS {
        names[place] = PARAMETERS[place].name;
        place += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_at_its_own_place_in_the_table() {
        let mut each = Vec::new();
        each_sent!(|name| { each.push(name) });
        assert_eq!(each, SENT);
        for (place, name) in SENT.into_iter().enumerate() {
            let written = format!("{name:?}").to_lowercase();
            assert_eq!(name.as_str().replace('_', ""), written);
            assert_eq!(name as usize, place + 1);
        }
        assert_eq!((Name::Action.as_str(), Name::Validation.as_str()), ("action", "validation"));
    }

    #[test]
    fn digits_are_a_text_wherever_zeros_in_front_count() {
        let is_text = |it: &Name| {
            matches!(it.parameter().form, Form::Mailbox | Form::Pin | Form::Number | Form::Line)
        };
        assert!(SENT.iter().all(|it| it.is_text() == is_text(it)));
    }

    #[test]
    fn both_documents_are_in_the_table_parameter_by_parameter() {
        let taken = |which: fn(&Parameter) -> Taken| {
            PARAMETERS.iter().skip(1).filter(move |it| which(it) != Taken::No).count()
        };
        // 28 rows of the table in mailboxes/create, 26 in mailboxes/update.
        assert_eq!((taken(|it| it.create), taken(|it| it.update)), (28, 26));
    }
}
