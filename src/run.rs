//! Stage 4: the plan in, one outcome a task out.
//!
//! The core decides: a state machine without I/O, which is told what happened and at what time and says what to do.
//! The shell does it, with real time and a real switch, and decides nothing.

mod backoff;
mod core;
mod judgement;
mod latch;
mod pace;
mod queue;
mod rate;
mod shell;
mod trouble;

pub use self::core::CallEnd;
pub use self::core::Command;
pub use self::core::Core;
pub use self::core::Entry;
pub use self::core::Event;
pub use pace::Pace;
pub use rate::Rate;
pub use rate::RateError;
pub use shell::Interrupt;
pub use shell::Left;
pub use shell::Observer;
pub use shell::Switch;
pub use shell::Tools;
pub use shell::Unreadable;
pub use shell::run;

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
}

impl Stop {
    /// Whether what the switch said last tells more about it.
    pub fn is_the_switchs(self) -> bool {
        match self {
            Self::Interrupted | Self::Input | Self::Executed | Self::Unasked => false,
            Self::Credentials
            | Self::Unreachable
            | Self::NotTheApi
            | Self::Uncertain
            | Self::Busy
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
        }
    }
}
