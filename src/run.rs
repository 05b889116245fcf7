//! Stage 4: the plan in, one outcome a task out.
//!
//! The core decides: a state machine without I/O, which is told what happened and at what time and says what to do.
//! The shell does it, with real time and a real switch, and decides nothing.

mod backoff;
mod breaker;
mod budget;
mod command;
mod core;
mod gate;
mod judgement;
mod latch;
mod limit;
mod pace;
mod queue;
mod rate;
mod shell;

pub use self::core::Core;
pub use self::core::results_open_max;
pub use command::CallEnd;
pub use command::Command;
pub use command::Entry;
pub use command::Event;
pub use command::Subject;
pub use pace::Pace;
pub use pace::Past;
pub use rate::Rate;
pub use rate::RateError;
pub use shell::Answered;
pub use shell::Desk;
pub use shell::Interrupt;
pub use shell::Kept;
pub use shell::Recorded;
pub use shell::Switch;
pub use shell::Tools;
pub use shell::Unreadable;
pub use shell::run;

use std::time::Duration;

use crate::model::Kind;
use crate::model::Misconfiguration;

/// How a run goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether the switch is to act.
    pub kind: Kind,
    /// Most calls at the same time.
    pub concurrency: usize,
    /// Decides about waits that are to vary; the same seed, the same waits.
    pub seed: u64,
    /// How long a call without an answer may still take effect at the switch.
    pub settle: Duration,
    /// A switch that was reached and is gone is waited for this long.
    pub outage_max: Duration,
    /// Rows that may go wrong before the run stops; none: all.
    pub errors_max: Option<u64>,
    /// The run stops if that many first rows are all refused; 0: it does not.
    pub canaries: u64,
}

impl Settings {
    /// First rows that may not all be refused where nobody says otherwise.
    pub const CANARIES_DEFAULT: u64 = 20;
}

/// Why a run ended before its plan did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stop {
    /// 401.
    Credentials,
    /// The operator said so.
    Interrupted,
    /// The switch could not be reached for too long.
    Unreachable,
    /// Answers in a row were not the API's.
    NotTheApi,
    /// Too many calls in a row whose fate is not known.
    Uncertain,
    /// The switch said "later" too often.
    Busy,
    /// 204 to a rehearsal: the switch did what it was only to judge.
    Executed,
    /// 201 to a real call: the switch judged what it was to do.
    Unasked,
    /// A redirect or a refused certificate.
    Misconfigured(Misconfiguration),
    /// The input could not be read a second time as it was the first.
    Input,
    /// As many rows went wrong as may.
    Errors,
    /// All of the first rows were refused.
    Canary,
    /// What happens can no longer be recorded.
    Journal,
}

impl Stop {
    /// Whether what the switch said last tells more about it.
    pub fn is_the_switchs(self) -> bool {
        match self {
            Self::Interrupted
            | Self::Input
            | Self::Executed
            | Self::Unasked
            | Self::Errors
            | Self::Journal => false,
            Self::Credentials
            | Self::Unreachable
            | Self::NotTheApi
            | Self::Uncertain
            | Self::Busy
            | Self::Canary
            | Self::Misconfigured(_) => true,
        }
    }

    /// What happened, for the report and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "the switch refused the credentials (401)",
            Self::Interrupted => "it was interrupted",
            Self::Unreachable => "the switch could not be reached",
            Self::NotTheApi => "what answered was not the switch's API",
            Self::Uncertain => "too many calls in a row were not answered clearly",
            Self::Busy => "the switch asked to come back later again and again",
            Self::Executed => "the switch carried out a call that it was only to judge",
            Self::Unasked => "the switch only judged a call that it was to carry out",
            Self::Misconfigured(Misconfiguration::Redirect) => "the URL leads elsewhere",
            Self::Misconfigured(Misconfiguration::Certificate) => "the certificate was refused",
            Self::Input => "the input changed while it was in use",
            Self::Errors => "too many rows went wrong",
            Self::Canary => "the switch refused all of the first rows",
            Self::Journal => "the journal could not be written",
        }
    }
}
