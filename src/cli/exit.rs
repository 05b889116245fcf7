//! Exit codes: what a script learns of a run. The only place that knows the numbers.

use std::process::ExitCode;

use crate::model::Misconfiguration;
use crate::run::Stop;

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// Every row is done.
    Done = 0,
    /// At least one row is not.
    NotDone = 1,
    /// The command line is wrong.
    Usage = 64,
    /// The input has invalid rows or cannot be read as rows.
    InvalidInput = 65,
    /// There is no such input, or it may not be read.
    NoInput = 66,
    /// The switch could not be reached, or stayed broken.
    Unavailable = 69,
    /// A bug in boxlift.
    Bug = 70,
    /// A file could not be written, or read to its end.
    Files = 74,
    /// The journal is held by another run, or belongs to another job.
    Busy = 75,
    /// The credentials were refused.
    Credentials = 77,
    /// The configuration is wrong.
    Configuration = 78,
    /// Ended by SIGINT.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

/// Of several reasons the one that stands first here decides.
const ORDER: [Exit; 13] = [
    Exit::Bug,
    Exit::Files,
    Exit::Credentials,
    Exit::Configuration,
    Exit::Interrupted,
    Exit::Terminated,
    Exit::Unavailable,
    Exit::Busy,
    Exit::Usage,
    Exit::NoInput,
    Exit::InvalidInput,
    Exit::NotDone,
    Exit::Done,
];

impl Exit {
    /// The one of several that counts.
    pub fn gravest(reasons: impl IntoIterator<Item = Self>) -> Self {
        let rank = |it: &Self| ORDER.iter().position(|other| other == it);
        reasons.into_iter().min_by_key(rank).unwrap_or(Self::Done)
    }

    /// What a run that stopped early ends with. `terminated`: a signal other than SIGINT was the reason.
    pub fn of_stop(stop: Stop, terminated: bool) -> Self {
        match stop {
            Stop::Credentials => Self::Credentials,
            Stop::Interrupted if terminated => Self::Terminated,
            Stop::Interrupted => Self::Interrupted,
            Stop::Unreachable
            | Stop::NotTheApi
            | Stop::Uncertain
            | Stop::Busy
            | Stop::Executed
            | Stop::Unasked => Self::Unavailable,
            Stop::Misconfigured(Misconfiguration::Redirect | Misconfiguration::Certificate) => {
                Self::Configuration
            }
            Stop::Input | Stop::Journal => Self::Files,
            Stop::Errors | Stop::Canary => Self::NotDone,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_reason_decides() {
        assert_eq!(Exit::gravest([]), Exit::Done);
        let order = [
            Exit::Bug,
            Exit::Files,
            Exit::Credentials,
            Exit::Configuration,
            Exit::Interrupted,
            Exit::Unavailable,
            Exit::InvalidInput,
            Exit::NotDone,
            Exit::Done,
        ];
        for pair in order.windows(2) {
            assert_eq!(Exit::gravest([pair[1], pair[0]]), pair[0]);
        }
        assert_eq!(Exit::gravest([Exit::Terminated, Exit::Credentials]), Exit::Credentials);
        assert_eq!(Exit::gravest([Exit::Files, Exit::Bug, Exit::Done]), Exit::Bug);
    }
}
