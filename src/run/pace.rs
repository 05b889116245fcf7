//! When the next call may leave: a schedule that spreads calls evenly, under a guard that no window ever holds more
//! than the rate.
//!
//! The schedule is governor's, on a clock that is set from outside. It lets a call that a timer woke too late be
//! caught up, which alone would put too many into some windows; the guard forbids exactly that. It goes by the times at
//! which calls really left: one that is allowed and still on its way, to a connection perhaps that has to be opened
//! first, counts in every window until it has left. Knows nothing of what is sent.

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

/// How late the caller may be woken and still catch up (ADR 13).
const LATENESS: Duration = Duration::from_millis(20);

/// Calls that are further apart are not made up for: a timer's lateness is nothing to them.
const CATCH_UP_BELOW: Duration = Duration::from_millis(100);

/// The guard's windows are longer by one part in this many, so that the rest of the way to the wire may vary.
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
    /// Calls that are allowed and have not left.
    leaving: usize,
    /// When the windows of calls that left lately are over.
    windows: VecDeque<Duration>,
    /// No call before that: one interval after the last one of an earlier run.
    not_before: Duration,
}

/// Calls that an earlier run sent lately.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// How long ago each left, as far as that is known.
    pub ago: Vec<Duration>,
    /// Calls of which only that they may have left is known; they count as if they had left just now.
    pub unknown: usize,
}

impl Pace {
    /// A timetable whose first call may leave at once.
    pub fn new(rate: Rate) -> Self {
        let clock = FakeRelativeClock::default();
        let start = clock.now();
        let schedule = RateLimiter::direct_with_clock(quota(rate), clock.clone());
        Self {
            rate,
            clock,
            now: Duration::ZERO,
            start,
            schedule,
            leaving: 0,
            windows: VecDeque::new(),
            not_before: Duration::ZERO,
        }
    }

    /// A timetable that goes on where an earlier run left it.
    pub fn after(rate: Rate, past: &Past) -> Self {
        let mut pace = Self::new(rate);
        let Past { ago, unknown } = past;
        let window = pace.window();
        let mut windows: Vec<_> = ago.iter().map(|it| window.saturating_sub(*it)).collect();
        windows.extend((0..*unknown).map(|_| window));
        windows.retain(|it| !it.is_zero());
        windows.sort_unstable();
        let too_many = windows.len().saturating_sub(rate.calls() as usize);
        if let Some(last) = windows.last() {
            let interval = rate.window() / rate.calls();
            pace.not_before = (*last + interval).saturating_sub(window);
        }
        pace.windows = windows.into_iter().skip(too_many).collect();
        pace
    }

    /// How many calls may leave in which time.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes the right to send one call now, or says when to ask again.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.advance(now);
        if self.now < self.not_before {
            return Err(self.not_before);
        }
        while self.windows.front().is_some_and(|it| *it <= self.now) {
            self.windows.pop_front();
        }
        if self.windows.len() + self.leaving >= self.rate.calls() as usize {
            // Where none has left there is nothing to wait for but that: the caller comes back when one does.
            return Err(*self.windows.front().unwrap_or(&(self.now + self.window())));
        }
        if let Err(not_yet) = self.schedule.check() {
            let due: Duration = not_yet.earliest_possible().duration_since(self.start).into();
            return Err(due.max(self.now + Duration::from_nanos(1)));
        }
        self.leaving += 1;
        Ok(())
    }

    /// Takes note that a call which was allowed left at that time, or never will.
    pub fn left(&mut self, at: Duration) {
        self.leaving = self.leaving.saturating_sub(1);
        let last = self.windows.back().copied().unwrap_or_default();
        self.windows.push_back((at + self.window()).max(last));
    }

    fn window(&self) -> Duration {
        self.rate.window() + self.rate.window() / GUARD_MARGIN
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

    /// Times at which calls leave when the caller wakes `late` after it asked to be, and each needs `way` to leave.
    fn sends(
        rate: &str,
        calls: usize,
        mut late: impl FnMut() -> Duration,
        mut way: impl FnMut() -> Duration,
    ) -> Vec<Duration> {
        let mut pace = Pace::new(rate.parse().unwrap());
        let mut now = Duration::ZERO;
        let mut leaving: Vec<Duration> = Vec::new();
        let mut sent = Vec::new();
        while sent.len() < calls {
            let due = match pace.take(now) {
                Ok(()) => {
                    leaving.push(now + way());
                    leaving.sort();
                    now
                }
                Err(due) => due + late(),
            };
            let next = leaving.first().copied().filter(|it| *it <= due);
            now = now.max(next.unwrap_or(due));
            while leaving.first().is_some_and(|it| *it <= now) {
                sent.push(leaving.remove(0));
                pace.left(sent[sent.len() - 1]);
            }
        }
        sent
    }

    /// How long so many calls take where the caller is woken late, by that at most.
    fn seconds_for(rate: &str, calls: usize, late_max: Duration) -> f64 {
        let mut random = fastrand::Rng::with_seed(7);
        let late = || late_max.mul_f64(random.f64());
        let sent = sends(rate, calls, late, || Duration::ZERO);
        sent[calls - 1].as_secs_f64() - sent[0].as_secs_f64()
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
            let seconds = seconds_for(rate, calls, Duration::from_micros(1900));
            assert!(seconds < 10.05, "{rate}: {calls} calls took {seconds} s");
        }
    }

    #[test]
    fn a_busy_machine_costs_less_than_one_call_in_a_hundred() {
        for (rate, calls) in [("1000/s", 10_000), ("5000/s", 50_000)] {
            let seconds = seconds_for(rate, calls, Duration::from_millis(15));
            assert!(seconds < 10.1, "{rate}: {calls} calls took {seconds} s");
        }
    }

    #[test]
    fn after_a_freeze_few_calls_leave_at_once() {
        let mut turn = 0;
        let late = || {
            turn += 1;
            Duration::from_millis(if turn == 1000 { 500 } else { 1 })
        };
        let sent = sends("1000/s", 3000, late, || Duration::ZERO);
        let most = most_in_a_window(&sent, Duration::from_millis(100));
        assert!(most <= 122, "{most} calls in 100 ms");
    }

    #[test]
    fn a_run_that_follows_on_another_keeps_the_rate_across_both() {
        let ms = Duration::from_millis;
        let past = Past { ago: vec![ms(900), ms(300), ms(100), ms(5000)], unknown: 0 };
        let mut pace = Pace::after("4/s".parse().unwrap(), &past);
        let mut now = Duration::ZERO;
        let mut sent = Vec::new();
        while sent.len() < 3 {
            match pace.take(now) {
                Ok(()) => {
                    pace.left(now);
                    sent.push(now.as_millis());
                }
                Err(at) => now = at,
            }
        }
        // One interval after the last call, then when the calls before have left the window.
        assert_eq!(sent, [150, 400, 701]);
    }

    #[test]
    fn calls_that_may_have_left_count_as_if_they_just_had() {
        let past = Past { ago: Vec::new(), unknown: 9 };
        let mut pace = Pace::after("4/s".parse().unwrap(), &past);
        let due = pace.take(Duration::ZERO).unwrap_err();
        assert_eq!(due.as_millis(), 250);
        assert_eq!(pace.take(due).unwrap_err().as_millis(), 1001);
    }

    #[test]
    fn slow_rates_are_even_from_the_first_call() {
        let sent = sends("3/min", 4, || Duration::ZERO, || Duration::ZERO);
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
            way_us in prop::collection::vec(0_u64..300_000, 7),
        ) {
            let mut turn = 0;
            let late = || {
                turn += 1;
                let frozen = if turn == 100 { frozen_ms } else { 0 };
                Duration::from_micros(late_us[turn % late_us.len()]) + Duration::from_millis(frozen)
            };
            let mut call = 0;
            let way = || {
                call += 1;
                Duration::from_micros(way_us[call % way_us.len()])
            };
            let sent = sends(&format!("{calls}/{unit}"), 900, late, way);
            let rate: Rate = format!("{calls}/{unit}").parse().unwrap();
            prop_assert!(most_in_a_window(&sent, rate.window()) <= calls as usize);
        }
    }
}
