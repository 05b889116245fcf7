//! Mailboxes: what they are made of, what is wrong with a row that describes one, and the call that makes it so.
//!
//! The source of every rule is one of the two documents, mailboxes/create and mailboxes/update.

mod call;
mod columns;
mod destinations;
mod parameters;
mod pins;
mod reading;
mod rules;
mod values;
mod words;

pub use call::call;
pub use columns::Listing;
pub use columns::list;
pub use parameters::COLUMN_NAMES;
pub use parameters::Name;
pub use parameters::PARAMETERS;
pub use parameters::Parameter;
pub use reading::Reading;
pub use reading::Settings;
pub use reading::read;

use crate::model::ColumnNames;
use crate::model::REASON_COLUMN;

/// The names of a mailbox file's columns.
pub const COLUMNS: ColumnNames = ColumnNames {
    known: &COLUMN_NAMES,
    key: "mailbox",
    reserved: &["auth_username", "auth_password", "auth_token", "validation"],
    ignored: &[REASON_COLUMN],
};
