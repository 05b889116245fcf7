//! The longer test of runs that can be trusted: kills and lossy switches with new seeds, for as long as it is told.
//!
//! `BOXLIFT_SOAK_SECONDS=3600 cargo test --release --test soak -- --nocapture` is the whole command. Without the
//! variable nothing is done. What fails names its seed and the command that does the same again.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[expect(dead_code, reason = "shared with the suite, which uses more of it")]
mod suite {
    mod chaos;
    mod killing;
    mod ledger;
    mod losing;
    mod model;
    mod options;
    mod referee;
    mod soaking;
    mod support;
    mod world;
}
