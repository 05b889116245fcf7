//! How many threads a run has: those that judge rows in parallel are there for large inputs alone.

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Workdir;
use super::support::creates;

/// Longest time that a test waits for a call.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks at the threads, 5 ms each: one that has done its work may be seen for a moment.
const LOOKS_MAX: usize = 2_000;

/// Whether a run with so many rows comes to have this many threads, while its first call is under way.
fn comes_to_have(wanted: impl Fn(usize) -> bool, rows: usize) -> bool {
    let (called, calls) = mpsc::channel();
    let server = Server::start(move |_, request| {
        let _ = called.send(());
        Answer::After(PATIENCE, Box::new(obliging(request)))
    });
    let work = Workdir::with("a.csv", creates(rows));
    let mut child = work.start_against(&server.url, "apply a.csv --rate 1000/s");
    calls.recv_timeout(PATIENCE).unwrap();
    let tasks = format!("/proc/{}/task", child.id());
    let mut threads = (0..LOOKS_MAX).map(|_| {
        thread::park_timeout(Duration::from_millis(5));
        fs::read_dir(&tasks).unwrap().count()
    });
    let comes = threads.any(wanted);
    child.kill().unwrap();
    child.wait().unwrap();
    comes
}

#[test]
fn a_small_input_starts_no_threads_that_only_a_large_one_needs() {
    assert!(comes_to_have(|threads| threads == 2, 100), "more than the run's and the journal's");
    assert!(comes_to_have(|threads| threads > 2, 20_000));
}
