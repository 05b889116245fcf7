//! SIGINT, SIGTERM and SIGHUP: the first stops new calls, the second breaks off those under way.

#[cfg(unix)]
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

#[cfg(unix)]
use tokio::runtime::Builder;
#[cfg(unix)]
use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::Signal;
#[cfg(unix)]
use tokio::signal::unix::SignalKind;
#[cfg(unix)]
use tokio::signal::unix::signal;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::Sender;

#[cfg(unix)]
use crate::cli::Exit;
use crate::cli::Failure;
use crate::run::Interrupt;

/// Interruptions that wait to be taken note of.
const WAITING_MAX: usize = 8;

/// What comes of signals, from now to the end of the program.
#[derive(Debug)]
pub(super) struct Signals {
    /// Whence the run hears of them.
    pub interrupts: Receiver<Interrupt>,
    terminated: Arc<AtomicBool>,
}

impl Signals {
    /// Whether the first signal was another than SIGINT.
    pub(super) fn terminated(&self) -> bool {
        self.terminated.load(Ordering::Relaxed)
    }
}

struct Listener {
    sender: Sender<Interrupt>,
    terminated: Arc<AtomicBool>,
    heard: bool,
}

impl Listener {
    fn hear(&mut self, terminated: bool) {
        if !self.heard {
            self.terminated.store(terminated, Ordering::Relaxed);
        }
        self.heard = true;
        // A full queue holds more interruptions than anybody needs.
        let _ = self.sender.try_send(Interrupt);
    }
}

/// Hears of the signals that are to end the process, which from now on do not do so by themselves.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Ear {
    int: Signal,
    term: Signal,
    /// None where it is ignored, and is to stay so.
    hangup: Option<Signal>,
}

#[cfg(unix)]
impl Ear {
    /// Must be called within the runtime in which it is heard of them.
    pub(super) fn new() -> Result<Self, Failure> {
        let signal = |kind| signal(kind).map_err(|it| Failure::of_signals(&it));
        let hangup = (!hangup_is_ignored()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self {
            int: signal(SignalKind::interrupt())?,
            term: signal(SignalKind::terminate())?,
            hangup,
        })
    }

    /// How the process is to end once a signal came.
    pub(super) async fn heard(&mut self) -> Exit {
        let Self { int, term, hangup } = self;
        let hangup = async {
            match hangup {
                Some(hangup) => hangup.recv().await,
                None => pending().await,
            }
        };
        tokio::select! {
            _ = int.recv() => Exit::Interrupted,
            _ = term.recv() => Exit::Terminated,
            _ = hangup => Exit::Terminated,
        }
    }
}

/// What signals are heard in where there is no run.
#[cfg(unix)]
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_io().build();
    runtime.map_err(|error| Failure::of_runtime(&error))
}

/// From now on a file that may not grow (`ulimit -f`) is an error where it is written; else it ends the process unheard.
#[cfg(unix)]
pub(super) fn outlive_size_limits() -> Result<(), Failure> {
    let runtime = runtime()?;
    let _within = runtime.enter();
    let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    signal(kind).map(drop).map_err(|error| Failure::of_signals(&error))
}

/// Nothing: there are no such limits.
#[cfg(not(unix))]
pub(super) fn outlive_size_limits() -> Result<(), Failure> {
    Ok(())
}

/// Starts to listen. Must be called within the runtime that runs the calls.
#[cfg(unix)]
pub(super) fn listen() -> Result<Signals, Failure> {
    let (sender, interrupts) = mpsc::channel(WAITING_MAX);
    let terminated = Arc::new(AtomicBool::new(false));
    let mut listener = Listener { sender, terminated: Arc::clone(&terminated), heard: false };
    let mut ear = Ear::new()?;
    tokio::spawn(async move {
        loop {
            listener.hear(ear.heard().await == Exit::Terminated);
        }
    });
    Ok(Signals { interrupts, terminated })
}

/// Starts to listen for Ctrl-C. Must be called within the runtime that runs the calls.
#[cfg(not(unix))]
pub fn listen() -> Result<Signals, Failure> {
    let (sender, interrupts) = mpsc::channel(WAITING_MAX);
    let terminated = Arc::new(AtomicBool::new(false));
    let mut listener = Listener { sender, terminated: Arc::clone(&terminated), heard: false };
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            listener.hear(false);
        }
    });
    Ok(Signals { interrupts, terminated })
}

/// Whether whoever started this process wants it to outlive the terminal, as `nohup` does. Known on Linux alone.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    ignored
        .and_then(|it| u64::from_str_radix(it.trim(), 16).ok())
        .is_some_and(|it| it & HANGUP != 0)
}
