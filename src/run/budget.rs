//! What may be spent on calls beyond the first of each row: a bucket that clear answers fill, and time a little.
//!
//! A switch that answers most calls pays for the rest being looked up and sent again; one that is dying is left alone.

use std::time::Duration;

/// Most that is saved up.
const TOKENS_MAX: f64 = 100.0;

/// What a clear answer brings. A row whose answer is lost costs two to three further calls, so that a steady 15 % of
/// faults stays below this.
const TOKENS_AN_ANSWER: f64 = 0.5;

/// What a second brings, so that the last rows are not waited for in vain.
const TOKENS_A_SECOND: f64 = 1.0;

/// The bucket.
#[derive(Debug)]
pub(super) struct Budget {
    tokens: f64,
    filled_at: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: TOKENS_MAX, filled_at: Duration::ZERO }
    }
}

impl Budget {
    /// A call was answered clearly.
    pub(super) fn answered(&mut self) {
        self.tokens = (self.tokens + TOKENS_AN_ANSWER).min(TOKENS_MAX);
    }

    /// Takes the right to one further call, or says when to ask again.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let passed = now.saturating_sub(self.filled_at);
        self.filled_at = now.max(self.filled_at);
        self.tokens = (self.tokens + passed.as_secs_f64() * TOKENS_A_SECOND).min(TOKENS_MAX);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let missing = Duration::from_secs_f64((1.0 - self.tokens) / TOKENS_A_SECOND);
        Err(now + missing + Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_faults_in_a_hundred_are_always_paid_for() {
        let mut budget = Budget::default();
        for row in 0..100_000 {
            budget.answered();
            if row % 100 < 15 {
                assert_eq!([(); 3].map(|()| budget.take(Duration::ZERO)), [Ok(()); 3], "{row}");
            }
        }
    }

    #[test]
    fn a_switch_that_answers_nothing_is_asked_once_a_second_in_the_end() {
        let mut budget = Budget::default();
        let mut now = Duration::ZERO;
        let mut calls = 0;
        while now < Duration::from_secs(1000) {
            match budget.take(now) {
                Ok(()) => calls += 1,
                Err(at) => now = at,
            }
        }
        assert!((1095..=1101).contains(&calls), "{calls}");
    }
}
