//! What happens in a run, for whoever watches it.

use std::time::Duration;

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
