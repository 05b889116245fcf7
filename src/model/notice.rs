//! What happens in a run, for whoever watches it.

use std::time::Duration;

use crate::model::Answer;
use crate::model::Kind;
use crate::model::Meaning;
use crate::model::Reply;
use crate::model::Status;

/// Something a watcher may want to show.
#[derive(Debug)]
pub enum Notice<'n> {
    /// A pass over the plan begins.
    Began {
        /// Rehearsal or real.
        kind: Kind,
        /// Rows that it is about.
        rows: u64,
    },
    /// A call is over.
    Replied(&'n Reply),
    /// A row has its result.
    Settled {
        /// The result.
        status: Status,
        /// Since the pass began.
        at: Duration,
    },
    /// The operator wants no further calls; those under way are awaited.
    Stopping,
    /// The operator does not even want to wait for those.
    BreakingOff,
    /// The pass is over.
    Ended,
}

impl Reply {
    /// Whether the switch did what was asked.
    pub fn is_good(&self) -> bool {
        matches!(self.meaning, Meaning::Done | Meaning::Passed | Meaning::Found(_))
    }

    /// What people are told of it: of a trouble, where the API has words for it, with their code.
    pub fn words(&self) -> String {
        let Answer { code, key: _, message } = &self.answer;
        let Some(status) = self.http_status.filter(|_| self.trouble().is_some()) else {
            return message.clone();
        };
        match (code.as_str(), message.as_str()) {
            ("", message) => message.to_owned(),
            (code, "") => format!("HTTP {status}, code {code}"),
            (code, message) => format!("HTTP {status}, code {code}: {message}"),
        }
    }

    /// What it holds up, if anything: worth a word to whoever watches.
    pub fn trouble(&self) -> Option<&'static str> {
        match self.meaning {
            Meaning::Busy { .. } | Meaning::Unavailable { .. } | Meaning::NotSent => {
                Some("waiting")
            }
            Meaning::Lost | Meaning::NotApi | Meaning::Unclear => Some("no clear answer"),
            Meaning::Done
            | Meaning::Passed
            | Meaning::Found(_)
            | Meaning::Refused(_)
            | Meaning::Misconfigured(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_trouble_status_and_code_are_told_beside_the_words() {
        let words = |code: &str, message: &str, meaning| {
            let answer =
                Answer { code: code.to_owned(), key: String::new(), message: message.to_owned() };
            Reply { http_status: Some(500), meaning, answer }.words()
        };
        assert_eq!(words("204", "OK", Meaning::Unclear), "HTTP 500, code 204: OK");
        assert_eq!(words("500", "", Meaning::Unclear), "HTTP 500, code 500");
        assert_eq!(words("", "HTTP 500 with HTML", Meaning::NotApi), "HTTP 500 with HTML");
        assert_eq!(words("204", "OK", Meaning::Done), "OK");
    }
}
