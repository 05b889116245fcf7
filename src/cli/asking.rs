//! What people are asked before the first call. Who ends the process meanwhile gets everything back as it was: files that
//! were begun are taken away, and the terminal shows again what is typed.

use std::io;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::screen;

/// Asks for a password, which the terminal does not show.
pub(super) fn password(prompt: String) -> Result<String, Failure> {
    let terminal = Terminal::now();
    let asked = answer(move || rpassword::prompt_password(prompt));
    drop(terminal);
    asked?.map_err(|error| match error.kind() {
        // Ctrl-C may be told as an error first, and as a signal then.
        io::ErrorKind::Interrupted => ended(Exit::Interrupted),
        _ => Failure::usage(format!("no password was read: {error}"), "give --password-file"),
    })
}

fn ended(exit: Exit) -> Failure {
    screen::tell_line("");
    Failure::new(exit, "ended before anything was sent", "give the same command to begin again")
}

/// What `ask` gives, which waits in a thread of its own; a failure where the process is to end before that. From then on
/// signals are passed over until a run listens.
#[cfg(unix)]
pub(super) fn answer<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    use tokio::runtime::Builder;
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let runtime = Builder::new_current_thread().enable_io().build();
    let runtime = runtime.map_err(|error| Failure::of_runtime(&error))?;
    let answer = runtime.block_on(async {
        let mut int = signal(SignalKind::interrupt()).map_err(|it| Failure::of_signals(&it))?;
        let mut term = signal(SignalKind::terminate()).map_err(|it| Failure::of_signals(&it))?;
        tokio::select! {
            _ = int.recv() => Err(ended(Exit::Interrupted)),
            _ = term.recv() => Err(ended(Exit::Terminated)),
            answer = tokio::task::spawn_blocking(ask) => {
                answer.map_err(|error| Failure::bug(format!("nobody could be asked: {error}")))
            }
        }
    });
    // The thread may wait for a line that nobody types any more.
    runtime.shutdown_background();
    answer
}

/// What `ask` gives.
#[cfg(not(unix))]
pub(super) fn answer<T>(ask: impl FnOnce() -> T) -> Result<T, Failure> {
    Ok(ask())
}

/// The terminal as it was; so it is again when this is dropped.
#[cfg(unix)]
struct Terminal {
    file: std::fs::File,
    modes: rustix::termios::Termios,
}

#[cfg(unix)]
impl Terminal {
    fn now() -> Option<Self> {
        let file = std::fs::File::open("/dev/tty").ok()?;
        let modes = rustix::termios::tcgetattr(&file).ok()?;
        Some(Self { file, modes })
    }
}

#[cfg(unix)]
impl Drop for Terminal {
    fn drop(&mut self) {
        let now = rustix::termios::OptionalActions::Now;
        let _ = rustix::termios::tcsetattr(&self.file, now, &self.modes);
    }
}

#[cfg(not(unix))]
struct Terminal;

#[cfg(not(unix))]
impl Terminal {
    fn now() -> Self {
        Self
    }
}
