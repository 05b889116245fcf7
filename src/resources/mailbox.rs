//! Mailboxes: what they are made of, what is wrong with a row that describes one, and the call that makes it so.
//!
//! The source of every rule is one of the two documents, mailboxes/create and mailboxes/update.

mod call;
mod columns;
mod damage;
mod destinations;
mod flaws;
mod parameters;
mod pins;
mod presence;
mod reading;
mod rules;
mod settings;
mod signs;
mod values;
mod words;

pub use call::CallDraft;
pub use call::Purpose;
pub use call::list_call;
pub use columns::Listing;
pub use columns::list;
pub use parameters::COLUMN_NAMES;
pub use parameters::Name;
pub use parameters::PARAMETERS;
pub use parameters::Parameter;
pub use reading::Reading;
pub use settings::Settings;

use std::borrow::Cow;

use crate::model::ColumnNames;
use crate::model::Problem;
use crate::model::REASON_COLUMN;
use crate::model::RawRow;
use crate::resources::mailbox::reading::Notes;

/// Names that the connection owns; as columns they are refused.
const RESERVED: &[&str] = &["auth_username", "auth_password", "auth_token", "validation"];

/// What the names of all parameters for logging in begin with, known and unknown ones.
const LOGIN_PREFIX: &str = "auth_";

/// The names of a mailbox file's columns; `extras` are parameters that are not known and let through.
pub fn columns(extras: &[String]) -> ColumnNames {
    let extras = extras.iter().map(|it| Cow::Owned(it.clone()));
    let secret = PARAMETERS.iter().filter(|it| it.is_secret()).map(|it| Cow::Borrowed(it.name));
    let secret = secret.chain(extras.clone()).collect();
    ColumnNames {
        known: COLUMN_NAMES.into_iter().map(Cow::Borrowed).chain(extras).collect(),
        key: Cow::Borrowed(Name::Mailbox.as_str()),
        reserved: RESERVED,
        ignored: &[REASON_COLUMN],
        secret,
        loose: false,
        texts: parameters::TEXTS.map(Cow::Borrowed).to_vec(),
    }
}

/// Whether a name belongs to the connection or to boxlift itself, whatever else is let through.
pub fn is_reserved(name: &str) -> bool {
    name.starts_with(LOGIN_PREFIX) || RESERVED.contains(&name) || name == REASON_COLUMN
}

/// The place of a column whose cells may be shown: those with PINs may not, nor those that say whence a PIN comes.
pub fn shown_column(name: &str) -> Option<usize> {
    let place = COLUMN_NAMES.iter().position(|it| *it == name)?;
    let is_secret = PARAMETERS[place].is_secret() || place == Name::CopyPin as usize;
    (!is_secret).then_some(place)
}

/// Reads a record and adds everything that is wrong with its cells, each alone and together, to `problems`.
///
/// A record that is not readable yields nothing and no further problem.
pub fn read<'a>(
    row: &'a RawRow<'a>,
    settings: &'a Settings,
    problems: &mut Vec<Problem>,
) -> Reading<'a> {
    let mut reading = Reading::default();
    read_into(&mut reading, row, settings, problems);
    reading
}

/// The same into a reading of nothing: it is too large to be handed on where every row counts.
pub fn read_into<'a>(
    reading: &mut Reading<'a>,
    row: &'a RawRow<'a>,
    settings: &'a Settings,
    problems: &mut Vec<Problem>,
) {
    let mut notes = Notes { line: row.span.line, problems };
    reading.read(row, settings, &mut notes);
    rules::judge(reading, row.cells, &mut |name, flaw| notes.add(name, flaw));
}
