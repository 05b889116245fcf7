//! What a signal does to a run that is under way.

use std::fs;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;
use super::support::skipped;

/// Longest time that a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// So many that no test is as slow as all their calls.
const ROWS: usize = 5_000;

pub(super) fn wait_until(mut happened: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "a test's bound on its own patience")]
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "it never happened");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Whether whoever started the tests, and so the program, wants nothing to be stopped by a terminal that goes.
pub(super) fn hang_ups_are_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    ignored.and_then(|it| u64::from_str_radix(it.trim(), 16).ok()).is_some_and(|it| it & 1 == 1)
}

/// Sends a signal to the program once so many calls have arrived, and another if asked.
fn interrupted(
    signal: &str,
    answer_after: Duration,
    again: bool,
) -> (Workdir, super::support::Ended, usize) {
    let server = Server::start(move |number, request| {
        let answer = obliging(request);
        if number < 3 { answer } else { Answer::After(answer_after, Box::new(answer)) }
    });
    let work = Workdir::with("a.csv", creates(ROWS));
    let child = work.start_against(&server.url, "apply a.csv --rate 200/s");
    wait_until(|| server.requests().len() > 5);
    let kill = |signal: &str| {
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    };
    kill(signal);
    if again {
        std::thread::park_timeout(Duration::from_millis(100));
        kill(signal);
    }
    let ended = ended(child.wait_with_output().unwrap());
    (work, ended, server.requests().len())
}

#[test]
fn an_interrupted_run_awaits_its_calls_and_reports_every_row() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 143)] {
        if signal == "-HUP" && hang_ups_are_ignored() {
            skipped("started by nohup, whose programs go on without their terminal");
            continue;
        }
        let (work, ended, calls) = interrupted(signal, Duration::from_millis(50), false);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let statuses = work.statuses("a.report.csv");
        let created = statuses.iter().filter(|it| *it == "created").count();
        let not_sent = statuses.iter().filter(|it| *it == "not_sent").count();
        assert_eq!((created, created + not_sent), (calls, ROWS), "{}", ended.stderr);
    }
}

#[test]
fn a_second_signal_breaks_off_what_is_under_way_and_says_so() {
    let (work, ended, calls) = interrupted("-INT", Duration::from_secs(25), true);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let statuses = work.statuses("a.report.csv");
    let count = |status: &str| statuses.iter().filter(|it| *it == status).count();
    assert_eq!(count("created") + count("in_doubt"), calls);
    assert!(count("in_doubt") > 0 && count("in_doubt") <= 4);
    assert_eq!(statuses.len(), ROWS);
}

#[test]
fn an_interrupted_rehearsal_is_not_followed_by_the_real_run() {
    let server = Server::start(|number, request| {
        let answer = obliging(request);
        if number == 2 {
            Answer::After(Duration::from_millis(300), Box::new(answer))
        } else {
            answer
        }
    });
    let work = Workdir::with("a.csv", creates(3));
    let child = work.start_against(&server.url, "apply a.csv --rate 1000/s --validate-first");
    wait_until(|| server.requests().len() == 3);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended = ended(child.wait_with_output().unwrap());
    assert_eq!((ended.code, server.requests().len()), (Some(130), 3), "{}", ended.stderr);
    assert_eq!(work.statuses("a.report.csv"), ["not_sent"; 3]);
}

#[test]
fn a_run_that_is_to_outlive_its_terminal_goes_on() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(60));
    let line = format!(
        "trap '' HUP; exec '{}' apply a.csv --rate 100/s --url {} --username a",
        env!("CARGO_BIN_EXE_boxlift"),
        server.url
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).current_dir(work.path(".")).env("BOXLIFT_PASSWORD", "x");
    let mut child = shell.stderr(std::process::Stdio::null()).spawn().unwrap();
    wait_until(|| server.requests().len() > 5);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(server.requests().len(), 60);
}
