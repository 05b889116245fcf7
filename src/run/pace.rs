//! When the next call may leave: a schedule that spreads calls evenly, under a guard that no window ever holds more
//! than the rate.
//!
//! The schedule is governor's, on a clock that is set from outside. It lets a call that a timer woke too late be
//! caught up, which alone would put too many into some windows; the guard remembers when the last calls left and
//! forbids exactly that. Knows nothing of what is sent.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::clock::FakeRelativeClock;
use governor::clock::Reference;
use governor::middleware::NoOpMiddleware;
use governor::state::InMemoryState;
use governor::state::NotKeyed;

use crate::run::rate::Rate;

/// How late a timer may be and still be caught up.
const LATENESS: Duration = Duration::from_millis(5);

/// Calls that are further apart are not made up for: a timer's lateness is nothing to them.
const CATCH_UP_BELOW: Duration = Duration::from_millis(100);

/// The guard's windows are longer by one part in this many, so that the way from here to the wire may vary.
const GUARD_MARGIN: u32 = 1000;

type Schedule =
    RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<GovernorInstant>>;
type GovernorInstant = <FakeRelativeClock as Clock>::Instant;

/// The calls' timetable. Time is what the caller says it is, from any beginning, never backwards.
pub struct Pace {
    rate: Rate,
    clock: FakeRelativeClock,
    now: Duration,
    start: GovernorInstant,
    schedule: Schedule,
    sent: VecDeque<Duration>,
}

impl Pace {
    /// A timetable whose first call may leave at once.
    pub fn new(rate: Rate) -> Self {
        let clock = FakeRelativeClock::default();
        let start = clock.now();
        let schedule = RateLimiter::direct_with_clock(quota(rate), clock.clone());
        Self { rate, clock, now: Duration::ZERO, start, schedule, sent: VecDeque::new() }
    }

    /// Takes the right to send one call now, or says when to ask again.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.advance(now);
        let window = self.rate.window() + self.rate.window() / GUARD_MARGIN;
        while self.sent.front().is_some_and(|it| *it + window <= self.now) {
            self.sent.pop_front();
        }
        let is_full = self.sent.len() >= self.rate.calls() as usize;
        if let Some(oldest) = self.sent.front().filter(|_| is_full) {
            return Err(*oldest + window);
        }
        if let Err(not_yet) = self.schedule.check() {
            let due: Duration = not_yet.earliest_possible().duration_since(self.start).into();
            return Err(due.max(self.now + Duration::from_nanos(1)));
        }
        self.sent.push_back(self.now);
        Ok(())
    }

    fn advance(&mut self, now: Duration) {
        if let Some(passed) = now.checked_sub(self.now) {
            self.clock.advance(passed);
            self.now = now;
        }
    }
}

fn quota(rate: Rate) -> Quota {
    let every = (rate.window() / rate.calls()).max(Duration::from_nanos(1));
    let caught_up =
        if every <= CATCH_UP_BELOW { LATENESS.as_nanos().div_ceil(every.as_nanos()) } else { 0 };
    let at_once = NonZeroU32::MIN.saturating_add(u32::try_from(caught_up).unwrap_or(u32::MAX));
    Quota::with_period(every).map_or(Quota::per_second(at_once), |it| it.allow_burst(at_once))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Times at which calls leave when the caller wakes `late` after it asked to be.
    fn sends(rate: &str, calls: usize, mut late: impl FnMut() -> Duration) -> Vec<Duration> {
        let mut pace = Pace::new(rate.parse().unwrap());
        let mut now = Duration::ZERO;
        let mut sent = Vec::new();
        while sent.len() < calls {
            match pace.take(now) {
                Ok(()) => sent.push(now),
                Err(due) => now = due + late(),
            }
        }
        sent
    }

    fn most_in_a_window(sent: &[Duration], window: Duration) -> usize {
        let from = |start: usize| {
            sent[start..].iter().take_while(|it| **it < sent[start] + window).count()
        };
        (0..sent.len()).map(from).max().unwrap_or(0)
    }

    #[test]
    fn a_timer_that_is_late_costs_less_than_one_call_in_two_hundred() {
        for (rate, calls) in
            [("50/s", 500), ("200/s", 2000), ("1000/s", 10_000), ("5000/s", 50_000)]
        {
            let mut random = fastrand::Rng::with_seed(7);
            let sent = sends(rate, calls, || Duration::from_micros(random.u64(0..1900)));
            let seconds = sent[calls - 1].as_secs_f64() - sent[0].as_secs_f64();
            assert!(seconds < 10.05, "{rate}: {calls} calls took {seconds} s");
        }
    }

    #[test]
    fn slow_rates_are_even_from_the_first_call() {
        let sent = sends("3/min", 4, || Duration::ZERO);
        let seconds: Vec<_> = sent.iter().map(|it| it.as_secs_f64().round()).collect();
        assert_eq!(seconds, [0.0, 20.0, 40.0, 60.0]);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_rate(
            calls in 1_u32..400,
            unit in prop::sample::select(vec!["s", "min"]),
            late_us in prop::collection::vec(0_u64..40_000, 50),
            frozen_ms in 0_u64..3000,
        ) {
            let mut turn = 0;
            let sent = sends(&format!("{calls}/{unit}"), 900, || {
                turn += 1;
                let frozen = if turn == 100 { frozen_ms } else { 0 };
                Duration::from_micros(late_us[turn % late_us.len()]) + Duration::from_millis(frozen)
            });
            let rate: Rate = format!("{calls}/{unit}").parse().unwrap();
            prop_assert!(most_in_a_window(&sent, rate.window()) <= calls as usize);
        }
    }
}
