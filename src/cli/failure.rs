//! Why a command could not do its work: what is the case, what to do about it, and the exit code.

use std::fmt;
use std::io;

use crate::cli::Exit;
use crate::input::Fault;
use crate::input::InputError;
use crate::journal;
use crate::journal::JournalError;
use crate::pipeline::RunError;
use crate::report::OutputError;
use crate::sandbox::SandboxError;
use crate::switch::SwitchError;

/// An error that ends a command. Printed once, by `main`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is the case.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Failure {
    /// A failure with any exit code.
    pub fn new(exit: Exit, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: help.into() }
    }

    /// A wrong command line.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message, help)
    }

    /// A file that could not be written or read.
    pub fn files(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exit::Files, message, help)
    }

    /// What became of an input that people call by this name.
    pub(super) fn about(name: &str, error: impl Into<RunError>) -> Self {
        match error.into() {
            RunError::Input(error) => Self::of_input(name, &error),
            RunError::Output(error) => error.into(),
            RunError::Journal(error) => error.into(),
        }
    }

    fn of_input(name: &str, error: &InputError) -> Self {
        let exit = match error.fault() {
            Fault::Usage => Exit::Usage,
            Fault::Unavailable => Exit::NoInput,
            Fault::NotRows => Exit::InvalidInput,
            Fault::File => Exit::Files,
        };
        let message =
            if error.names_its_file() { error.to_string() } else { format!("{name}: {error}") };
        Self::new(exit, message, error.help())
    }

    /// The system has nothing left for what a run waits with.
    pub(super) fn of_runtime(error: &io::Error) -> Self {
        let help = "close other programs, or allow this one more open files and threads (`ulimit -n`, `ulimit -u`)";
        Self::files(format!("the runtime cannot start: {error}"), help)
    }

    /// Signals do not come to this process.
    #[cfg(unix)]
    pub(super) fn of_signals(error: &io::Error) -> Self {
        Self::bug(format!("signals cannot be listened to: {error}"))
    }

    /// Something that cannot be, and is.
    pub fn bug(message: impl Into<String>) -> Self {
        let help = "this is a bug in boxlift; please report it with the command line";
        Self::new(Exit::Bug, message, help)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exit: _, message, help } = self;
        write!(f, "error: {message}\n  help: {help}")
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::new(Exit::Files, error.to_string(), error.help())
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let exit = match error.fault() {
            journal::Fault::Held => Exit::Busy,
            journal::Fault::Unavailable => Exit::NoInput,
            journal::Fault::File => Exit::Files,
        };
        Self::new(exit, error.to_string(), error.help())
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        let help = match error {
            SandboxError::Remote { .. } => "give --allow-remote if other machines may reach it",
            _ => error.help(),
        };
        Self::new(Exit::Configuration, error.to_string(), help)
    }
}

impl From<SwitchError> for Failure {
    fn from(error: SwitchError) -> Self {
        Self::new(Exit::Configuration, error.to_string(), error.help())
    }
}
