//! How many calls may be under way: one more after each round that went well, half as many after one that did not.

use std::time::Duration;

/// Additive up, halved on trouble, between one and what the operator allows.
#[derive(Debug)]
pub(super) struct Limit {
    most: usize,
    now: usize,
    /// Good replies since the limit moved.
    good: usize,
    /// Replies to calls that left before it say nothing new.
    halved_at: Option<Duration>,
}

impl Limit {
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { most, now: most, good: 0, halved_at: None }
    }

    /// Calls that may be under way now.
    pub(super) fn calls(&self) -> usize {
        self.now
    }

    /// A call was answered as it should be.
    pub(super) fn good(&mut self) {
        self.good += 1;
        if self.good >= self.now {
            self.good = 0;
            self.now = (self.now + 1).min(self.most);
        }
    }

    /// A call that was sent at `sent` met trouble; of all that were under way together only one counts.
    pub(super) fn trouble(&mut self, sent: Duration, now: Duration) {
        if self.halved_at.is_some_and(|it| sent < it) {
            return;
        }
        self.now = (self.now / 2).max(1);
        self.good = 0;
        self.halved_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn trouble_of_calls_under_way_together_halves_once_and_good_rounds_add_one() {
        let mut limit = Limit::new(16);
        limit.trouble(at(1), at(2));
        limit.trouble(at(1), at(3));
        assert_eq!(limit.calls(), 8);
        for _ in 0..8 {
            limit.good();
        }
        assert_eq!(limit.calls(), 9);
        for sent in 4..20 {
            limit.trouble(at(sent), at(sent));
        }
        assert_eq!(limit.calls(), 1);
        for _ in 0..200 {
            limit.good();
        }
        assert_eq!(limit.calls(), 16);
    }
}
