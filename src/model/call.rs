//! One call of the switch's API, ready to be sent but for the credentials.

use crate::model::Secret;

/// A function of the API that boxlift calls.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Function {
    /// `mailboxes/create`.
    Create,
    /// `mailboxes/update`.
    Update,
    /// `mailboxes/get`.
    Get,
    /// `mailboxes/list`.
    List,
}

/// Told once that a call leaves: when its bytes are taken up to be written onto a connection.
pub type WhenLeft = Box<dyn FnOnce()>;

/// What a row's call is for.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Ask {
    /// What the row asks for, or a rehearsal of it.
    #[default]
    Act,
    /// Whether its mailbox is there, and how (`mailboxes/get`).
    LookUp,
    /// That a mailbox which is known to be the row's has the row's PIN (`mailboxes/update`).
    AssertPin,
    /// That such a mailbox has all that the row gives (`mailboxes/update`).
    AssertAll,
}

impl Function {
    /// Every function, each at its own place.
    pub const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Get, Self::List];

    /// Its path below the API's base, with the closing slash of the documents.
    pub fn path(self) -> &'static str {
        match self {
            Self::Create => "mailboxes/create/",
            Self::Update => "mailboxes/update/",
            Self::Get => "mailboxes/get/",
            Self::List => "mailboxes/list/",
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
    /// What a mailbox that is looked up should show: parameters and their values as they are sent, none of them secret.
    pub expected: Vec<(&'static str, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_stands_at_its_own_place() {
        for (place, function) in Function::ALL.into_iter().enumerate() {
            assert_eq!(function as usize, place);
        }
    }
}
