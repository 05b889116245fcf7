//! What a signal does to a run that is under way.

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;

/// Longest time that a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(30);

fn wait_until(mut happened: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "a test's bound on its own patience")]
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "it never happened");
        std::thread::park_timeout(Duration::from_millis(5));
    }
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
    let work = Workdir::with("a.csv", creates(500));
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
        let (work, ended, calls) = interrupted(signal, Duration::from_millis(50), false);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let statuses = work.statuses("a.report.csv");
        let created = statuses.iter().filter(|it| *it == "created").count();
        let not_sent = statuses.iter().filter(|it| *it == "not_sent").count();
        assert_eq!((created, created + not_sent), (calls, 500), "{}", ended.stderr);
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
    assert_eq!(statuses.len(), 500);
}
