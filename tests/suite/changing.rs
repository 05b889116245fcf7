//! A file that is written anew in the middle of a run: what was not checked is not sent, and the run says so and stops.

use std::fs::OpenOptions;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::iter;
use std::thread;
use std::time::Duration;

use super::model::Switch;
use super::referee;
use super::support::Workdir;
use super::world::World;

/// Far more bytes of rows than are read ahead.
const ROWS: usize = 3_000;
const TEXT_LENGTH: usize = 500;

/// Longest wait for a call that must come.
const PATIENCE: Duration = Duration::from_secs(60);

fn file() -> String {
    let row = |row| format!("{},480913,{}\n", 10_000 + row, "x".repeat(TEXT_LENGTH));
    iter::once("mailbox,pin,description\n".to_owned()).chain((0..ROWS).map(row)).collect()
}

#[test]
fn a_row_that_was_changed_since_the_check_is_not_sent_and_the_run_stops() {
    let switch = Switch::fair(World::default());
    let work = Workdir::with("a.csv", file());
    let ended = thread::scope(|scope| {
        scope.spawn(|| {
            assert!(switch.ledger.wait(PATIENCE, |it| it.arrivals.len() > 10));
            let mut file = OpenOptions::new().write(true).open(work.path("a.csv")).unwrap();
            file.seek(SeekFrom::End(-2)).unwrap();
            file.write_all(b"y").unwrap();
        });
        let line = "apply a.csv --rate 500/s --concurrency 4";
        referee::finish(&work, &mut referee::command(&work, &switch.url, line))
    });
    let reported = referee::report(&work, "a.report.csv");
    let counts = referee::counts(&reported);
    let arrivals = switch.ledger.arrivals();
    let sent: Vec<_> = arrivals.iter().filter(|it| it.call.is_of_row()).collect();
    let of = |status| counts.get(status).copied().unwrap_or_default();
    assert_eq!(of("created") + of("not_sent"), ROWS, "{counts:?}: {}", ended.stderr);
    assert_eq!(of("created"), sent.len(), "{}", ended.stderr);
    let last = &reported[ROWS - 1];
    assert_eq!((last.status.as_str(), ended.code), ("not_sent", Some(74)), "{}", ended.stderr);
    assert!(sent.iter().all(|it| it.call.mailbox() != last.mailbox));
    assert!(ended.stderr.contains("changed"), "{}", ended.stderr);
}
