//! What people are asked before the first call. Who ends the process meanwhile finds results' files that were begun taken
//! away, and a terminal that shows again what is typed.
//!
//! SIGINT, SIGTERM and SIGHUP are listened to. Others (SIGQUIT by Ctrl-\, SIGKILL) are not, and leave files and terminal as
//! they are at that moment; a process that is stopped (Ctrl-Z) leaves them so until it goes on.

#[cfg(unix)]
mod terminal;

use std::io;
#[cfg(unix)]
use std::panic::resume_unwind;
#[cfg(unix)]
use std::pin::pin;
#[cfg(unix)]
use std::thread;

#[cfg(unix)]
use futures_util::FutureExt;
#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use rustix::termios::QueueSelector;
#[cfg(unix)]
use rustix::termios::tcflush;
#[cfg(unix)]
use tokio::runtime::Builder;
#[cfg(unix)]
use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::SignalKind;
#[cfg(unix)]
use tokio::signal::unix::signal;
#[cfg(unix)]
use tokio::sync::oneshot;
#[cfg(unix)]
use tokio::task::yield_now;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::screen;
#[cfg(unix)]
use crate::cli::signals::Ear;

#[cfg(unix)]
use terminal::Terminal;

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

/// What was typed before a question is no answer to it.
#[cfg(unix)]
pub(super) fn forget_what_was_typed() {
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

/// Nothing.
#[cfg(not(unix))]
pub(super) fn forget_what_was_typed() {}

fn unread(error: &io::Error) -> Failure {
    Failure::usage(format!("no password was read: {error}"), "give --password-file")
}

fn ended(exit: Exit) -> Failure {
    screen::tell_line("");
    Failure::new(exit, "ended before anything was sent", "give the same command to begin again")
}

/// Signals no longer end the process by themselves.
#[cfg(unix)]
struct Listening {
    runtime: Runtime,
    ear: Ear,
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Listening {
    fn start() -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_io().build();
        let runtime = runtime.map_err(|error| Failure::of_runtime(&error))?;
        let signals = runtime.block_on(async {
            let continued = signal(SignalKind::from_raw(Signal::CONT.as_raw()));
            Ok((Ear::new()?, continued.map_err(|it| Failure::of_signals(&it))?))
        });
        signals.map(|(ear, continued)| Self { runtime, ear, continued })
    }

    /// What `ask` gives; `go_on` is called whenever the process was stopped and goes on.
    fn answer<T: Send + 'static>(
        self,
        ask: impl FnOnce() -> T + Send + 'static,
        go_on: impl Fn(),
    ) -> Result<T, Failure> {
        let Self { runtime, mut ear, mut continued } = self;
        let (asking, over) = oneshot::channel::<()>();
        let thread = thread::Builder::new().spawn(move || {
            let _asking = asking;
            ask()
        });
        let thread = thread.map_err(|error| Failure::of_runtime(&error))?;
        let heard = runtime.block_on(async {
            // A terminal that goes sends its signal and ends the line: the signal counts, if it is there by now.
            let mut over = pin!(over.then(|_| yield_now()));
            loop {
                tokio::select! {
                    biased;
                    exit = ear.heard() => return Some(exit),
                    _ = continued.recv() => go_on(),
                    () = &mut over => return None,
                }
            }
        });
        match heard {
            // The thread may wait for a line that nobody types any more.
            Some(exit) => Err(ended(exit)),
            None => Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic))),
        }
    }
}
