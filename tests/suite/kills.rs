//! The real program, killed at moments that are decided by what has arrived at the switch, and resumed until it ends.
//!
//! `BOXLIFT_KILLS=n` kills more often, `BOXLIFT_SEED=n` at other moments.

use super::killing;
use super::killing::Tally;
use super::options;

const KILLS: u64 = 300;
const SEED: u64 = 20_261_124;

#[test]
fn a_program_that_is_killed_again_and_again_loses_no_row_and_repeats_no_known_result() {
    let kills = options::number("BOXLIFT_KILLS").unwrap_or(KILLS);
    let seed = options::number("BOXLIFT_SEED").unwrap_or(SEED);
    let tally = killing::kill(kills, seed);
    let Tally { kills: done, in_flight, durable, jobs } = tally;
    assert!(done >= kills, "{tally:?}, seed {seed}");
    assert!(in_flight * 10 >= done * 8, "kills with calls in flight: {tally:?}, seed {seed}");
    // A run that gets nowhere between two kills would prove nothing.
    assert!(durable > 0 && jobs > 0, "{tally:?}, seed {seed}");
}
