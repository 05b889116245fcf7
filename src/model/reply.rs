//! What a call came to: the far side's words reduced to what boxlift must tell apart.

use std::time::Duration;

/// The API's own words for a report; several entries are joined by `; `.
///
/// Free of secrets and control characters.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Answer {
    /// Envelope codes, such as `204`.
    pub code: String,
    /// The parameters complained of.
    pub key: String,
    /// The texts.
    pub message: String,
}

/// Everything that is known of a call once it is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    /// Status line's number, where there was one.
    pub http_status: Option<u16>,
    /// What it means.
    pub meaning: Meaning,
    /// The API's words, or ours where it had none (then `code` and `key` are blank).
    pub answer: Answer,
}

/// The meanings that lead to different actions; each is one line of the table in the client.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Meaning {
    /// 204: done.
    Done,
    /// 201: would be accepted; nothing was done.
    Passed,
    /// 200 to a look-up: the mailbox is there.
    Found(Likeness),
    /// The API refused; nothing was done.
    Refused(Refusal),
    /// 429: come back later; nothing was done by this call.
    Busy {
        /// How long to hold everybody, where the switch said so.
        wait: Option<Duration>,
    },
    /// 503 with `Retry-After`: come back later. It may have been carried out: a proxy says the same where the switch
    /// behind it took too long.
    Unavailable {
        /// How long to hold everybody, where that can be told.
        wait: Option<Duration>,
    },
    /// No byte of the request left: refused, unreachable, no such name, no connection in time.
    NotSent,
    /// Bytes may have left and no whole answer came: it may have been carried out.
    Lost,
    /// An answer that is not the API's: HTML, broken JSON, an unexpected status. It may have been carried out.
    NotApi,
    /// An answer of the API that says neither done nor refused: 500, an unknown code, contradictory entries.
    /// It may have been carried out.
    Unclear,
    /// Nothing can come of calling again before somebody changed the configuration.
    Misconfigured(Misconfiguration),
}

impl Meaning {
    /// Whether the call counts for none of those that a row may have: it was put off and not carried out, or never left.
    pub fn is_no_attempt(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::NotSent)
    }
}

/// What a mailbox that was looked up shows, held against what its row gives. A PIN is never compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Likeness {
    /// Everything that both show is the same.
    Same,
    /// Something is not.
    Different,
}

/// Codes that say: not carried out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// 400: a parameter is bad.
    Parameters {
        /// The `key` of every entry, in their order.
        keys: Vec<String>,
    },
    /// 401: the credentials are bad.
    Credentials,
    /// 402: the role does not allow it.
    Role,
    /// 403: the rate plan does not allow it.
    RatePlan,
    /// 404: the mailbox does not exist or may not be seen.
    Absent,
}

/// What an operator must put right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Misconfiguration {
    /// A redirect: the URL is not the API's.
    Redirect,
    /// The certificate was refused.
    Certificate,
}
