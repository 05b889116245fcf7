//! What is known of a mailbox from before the first call for its row. It tells whose mailbox it is that is found later.

/// What was seen in this job before a row's first call.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Evidence {
    /// Nothing.
    #[default]
    None,
    /// A rehearsal of the create passed (201). Whether the switch looks for the mailbox then is not documented.
    Rehearsed,
    /// The mailbox was not there: it was not in mailboxes/list, or mailboxes/get said 404.
    Absent,
}

impl Evidence {
    /// Every kind, the weakest first.
    pub const ALL: [Self; 3] = [Self::None, Self::Rehearsed, Self::Absent];

    /// The word in journals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Rehearsed => "rehearsed",
            Self::Absent => "absent",
        }
    }

    /// Reads the word of a journal.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// What a row asks for, reduced to what is needed to see that it is the same again. Keyed: no PIN can be found from it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Fingerprint {
    /// Of everything that is sent but the PIN and the values of parameters that are not known.
    pub content: i64,
    /// Of these, where the row gives any; by a key that only the password leads to.
    pub secret: Option<i64>,
}

impl Fingerprint {
    /// That of a row which cannot be read again: no row is the same.
    pub const UNREADABLE: Self = Self { content: 0, secret: None };
}
