//! What a row asks for, and whether a call only rehearses it.

/// What is to happen to a row's mailbox.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Action {
    /// Make a mailbox that is not there yet (`mailboxes/create`).
    Create,
    /// Change a mailbox that is there (`mailboxes/update`).
    Update,
}

impl Action {
    /// Every action, in the order in which help texts name them.
    pub const ALL: [Self; 2] = [Self::Create, Self::Update];

    /// Reads the word of the column `action` or the option `--action`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// The word as users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// Whether the switch is to act on a call or only to judge it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Sent with `validation=1`: nothing may change; 201 is the good answer.
    Rehearsal,
    /// The switch acts; 204 is the good answer.
    Real,
}
