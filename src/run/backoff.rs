//! How long to wait before trying again: longer each time, never longer than a limit, never for two alike.

use std::time::Duration;

/// A doubling wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    /// Before the second try.
    pub(super) first: Duration,
    /// The longest.
    pub(super) most: Duration,
}

/// Between calls to a switch that cannot be reached, rehearsals that were not answered, and look-ups.
pub(super) const TRANSIENT: Backoff =
    Backoff { first: Duration::from_millis(250), most: Duration::from_secs(30) };

/// Between probes of a switch that is reached and does not answer as it should.
pub(super) const OUTAGE: Backoff =
    Backoff { first: Duration::from_secs(10), most: Duration::from_secs(60) };

/// After 429 or 503 without a time of its own.
pub(super) const THROTTLED: Backoff =
    Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) };

impl Backoff {
    /// The wait after `failures` failures: between half of the doubled time and all of it.
    pub(super) fn after(self, failures: u32, random: &mut fastrand::Rng) -> Duration {
        const DOUBLINGS_MAX: u32 = 16;
        let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
        let whole = self.first.saturating_mul(1 << doublings).min(self.most);
        whole.mul_f64(0.5 + random.f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit_and_vary_within_half() {
        let mut random = fastrand::Rng::with_seed(1);
        for (failures, most_ms) in [(1, 250), (2, 500), (5, 4000), (8, 30_000), (u32::MAX, 30_000)]
        {
            let wait = TRANSIENT.after(failures, &mut random).as_millis();
            assert!(wait >= most_ms / 2 && wait <= most_ms, "{failures}: {wait} ms");
        }
    }
}
