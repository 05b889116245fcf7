//! SIGINT, SIGTERM and SIGHUP: the first stops new calls, the second breaks off those under way.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::Sender;

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

/// Starts to listen. Must be called within the runtime that runs the calls.
#[cfg(unix)]
pub(super) fn listen() -> Result<Signals, Failure> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let (sender, interrupts) = mpsc::channel(WAITING_MAX);
    let terminated = Arc::new(AtomicBool::new(false));
    let mut listener = Listener { sender, terminated: Arc::clone(&terminated), heard: false };
    let mut int = signal(SignalKind::interrupt()).map_err(|it| Failure::of_signals(&it))?;
    let mut term = signal(SignalKind::terminate()).map_err(|it| Failure::of_signals(&it))?;
    let hangs_on = hangup_is_ignored();
    let mut hangup = signal(SignalKind::hangup()).map_err(|it| Failure::of_signals(&it))?;
    tokio::spawn(async move {
        loop {
            let terminated = tokio::select! {
                _ = int.recv() => false,
                _ = term.recv() => true,
                _ = hangup.recv(), if !hangs_on => true,
            };
            listener.hear(terminated);
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
