//! One call of the switch's API, ready to be sent but for the credentials.

use crate::model::Secret;

/// A function of the API that boxlift calls.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Function {
    /// `mailboxes/create`.
    Create,
    /// `mailboxes/update`.
    Update,
}

impl Function {
    /// Its path below the API's base, with the closing slash of the documents.
    pub fn path(self) -> &'static str {
        match self {
            Self::Create => "mailboxes/create/",
            Self::Update => "mailboxes/update/",
        }
    }
}

/// A function with its parameters.
///
/// Has no `Debug` that shows the body: it may hold a PIN.
pub struct Call {
    /// What to call.
    pub function: Function,
    /// `application/x-www-form-urlencoded` parameters without the credentials, as bytes.
    pub body: Vec<u8>,
    /// Values in the body that no answer may echo into a report.
    pub secrets: Vec<Secret>,
}
