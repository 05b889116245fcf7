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
    /// Whether it holds everybody up: worth a word to whoever watches.
    pub fn is_trouble(&self) -> bool {
        match self.meaning {
            Meaning::Busy { .. } | Meaning::NotSent => true,
            Meaning::Done
            | Meaning::Passed
            | Meaning::Refused(_)
            | Meaning::Lost
            | Meaning::NotApi
            | Meaning::Unclear
            | Meaning::Misconfigured(_) => false,
        }
    }
}
