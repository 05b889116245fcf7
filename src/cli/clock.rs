//! The only place where the time of day is read.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Milliseconds since 1970 UTC.
pub(super) fn wall_ms() -> i64 {
    i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX)
}

/// A number that differs from start to start.
pub(super) fn seed() -> u64 {
    u64::from(since_1970().subsec_nanos()) ^ u64::from(std::process::id()).rotate_left(32)
}

#[expect(clippy::disallowed_methods, reason = "the edge, where the clock is read")]
fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
