//! A round of kills and a round of a lossy switch after the other, with new seeds, for as long as it is told.
//!
//! Belongs to the target `soak` alone; the suite has its own, shorter tests of the same.

use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use super::killing;
use super::losing;
use super::options;

/// Kills and rows of one round.
const KILLS: u64 = 100;
const ROWS: usize = 5_000;

#[test]
#[expect(clippy::print_stderr, reason = "people who wait want to see what for")]
#[expect(clippy::disallowed_methods, reason = "how long it lasts is said in seconds")]
fn runs_can_be_trusted_for_as_long_as_is_asked() {
    let Some(seconds) = options::number("BOXLIFT_SOAK_SECONDS") else {
        eprintln!("nothing is done: BOXLIFT_SOAK_SECONDS says for how long");
        return;
    };
    let today = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let mut seed = options::number("BOXLIFT_SEED").unwrap_or(today * 1_000);
    let (began, time) = (Instant::now(), Duration::from_secs(seconds));
    let (mut kills, mut calls, mut rows) = (0, 0, 0);
    while began.elapsed() < time {
        let killed = killing::kill(KILLS, seed);
        let lossy = losing::lose(ROWS, seed);
        let wrong = lossy.wrong.join("\n");
        assert!(wrong.is_empty(), "{wrong}\nagain: BOXLIFT_SEED={seed} cargo test --test soak");
        kills += killed.kills;
        calls += lossy.calls;
        rows += lossy.rows;
        let minutes = began.elapsed().as_secs() / 60;
        eprintln!("{minutes} min: {kills} kills, {calls} calls for {rows} rows, seed {seed}");
        // Jobs of a round count on from its seed.
        seed += 1_000;
    }
}
