//! What people are asked before the first call. Who ends the process meanwhile finds results' files that were begun taken
//! away, and a terminal that shows again what is typed.
//!
//! SIGINT, SIGTERM and SIGHUP are listened to. Others (SIGQUIT by Ctrl-\, SIGKILL) are not, and leave files and terminal as
//! they are at that moment; a process that is stopped (Ctrl-Z) leaves them so until it goes on.

#[cfg(unix)]
mod listening;
#[cfg(unix)]
mod terminal;

use std::io;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::screen;
#[cfg(unix)]
use listening::Listening;
#[cfg(unix)]
use terminal::Terminal;
#[cfg(unix)]
pub(super) use terminal::forget_what_was_typed;

/// Asks for a password, which the terminal does not show.
#[cfg(unix)]
pub(super) fn password(prompt: &str) -> Result<String, Failure> {
    let listening = Listening::start()?;
    let terminal = Terminal::silenced().map_err(|error| unread(&error))?;
    let line = terminal.line_after(prompt).map_err(|error| unread(&error))?;
    let line = listening.answer(line, || terminal.go_on(prompt))?;
    // The end of the line was typed, and not shown either.
    terminal.show("\n");
    line.map_err(|error| unread(&error))
}

/// Asks for a password, which the terminal does not show.
#[cfg(not(unix))]
pub(super) fn password(prompt: &str) -> Result<String, Failure> {
    rpassword::prompt_password(prompt).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => ended(Exit::Interrupted),
        _ => unread(&error),
    })
}

/// What `ask` gives, which waits in a thread of its own; a failure where the process is to end before that.
///
/// A signal that comes after the answer is heard by the next question or by the run, where one follows.
#[cfg(unix)]
pub(super) fn answer<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    Listening::start()?.answer(ask, || {})
}

/// What `ask` gives.
#[cfg(not(unix))]
pub(super) fn answer<T>(ask: impl FnOnce() -> T) -> Result<T, Failure> {
    Ok(ask())
}

/// Does nothing: where there is no terminal of Unix, what was typed before a question stays.
#[cfg(not(unix))]
pub(super) fn forget_what_was_typed() {}

fn unread(error: &io::Error) -> Failure {
    Failure::usage(format!("no password was read: {error}"), "give --password-file")
}

fn ended(exit: Exit) -> Failure {
    screen::tell_line("");
    Failure::new(exit, "ended before anything was sent", "give the same command to begin again")
}
