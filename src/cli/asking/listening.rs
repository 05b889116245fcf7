//! Waits for an answer and for the signals that are to end the process, whichever comes first.

use std::panic::resume_unwind;
use std::pin::pin;
use std::thread;

use futures_util::FutureExt;
use tokio::runtime::Runtime;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::cli::Failure;
use crate::cli::asking;
use crate::cli::signals;
use crate::cli::signals::Ear;

/// Signals no longer end the process by themselves.
pub(super) struct Listening {
    runtime: Runtime,
    ear: Ear,
    continued: Signal,
}

impl Listening {
    pub(super) fn start() -> Result<Self, Failure> {
        let runtime = signals::runtime()?;
        let signals = runtime.block_on(async {
            let continued = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()));
            Ok((Ear::new()?, continued.map_err(|it| Failure::of_signals(&it))?))
        });
        signals.map(|(ear, continued)| Self { runtime, ear, continued })
    }

    /// What `ask` gives; `go_on` is called whenever the process was stopped and goes on.
    pub(super) fn answer<T: Send + 'static>(
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
            Some(exit) => Err(asking::ended(exit)),
            None => Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic))),
        }
    }
}
