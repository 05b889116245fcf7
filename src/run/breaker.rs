//! When the switch as a whole is in trouble: everybody waits, single probes find out when it is over, and in the end
//! the run is given up. An outage pauses the run; no row pays for it.

use std::time::Duration;

use crate::model::Meaning;
use crate::run::Stop;
use crate::run::backoff;

/// A switch that was never reached in this run is waited for this long at most.
const NEVER_REACHED_MAX: Duration = Duration::from_secs(10);

/// Answers in a row that are not the API's, of a switch that never gave another in this run.
const NOT_API_MAX: u32 = 3;

/// Calls in a row without a clear answer that make an outage.
const UNCLEAR_MAX: u32 = 5;

/// A switch that says nothing but "later" is asked again for this long.
const BUSY_TIME_MAX: Duration = Duration::from_secs(4 * 60 * 60);

/// The health of the switch, as far as replies show it.
#[derive(Debug)]
pub(super) struct Breaker {
    outage_max: Duration,
    /// The API has answered in this run, and not with 401.
    answered: bool,
    /// Something has answered in this run.
    reached: bool,
    outage: Option<Outage>,
    /// It was acts that had no clear answer: only one that has shows that all is well.
    acts_fail: bool,
    /// Calls in a row without a clear answer, and since when.
    unclear: u32,
    unclear_since: Duration,
    /// Those in a row that were not the API's.
    not_api: u32,
    busy_since: Option<Duration>,
    /// Rounds of waiting because of "later"; calls that were under way together count as one.
    busy_rounds: u32,
    /// When the last such wait ends.
    held_until: Duration,
    random: fastrand::Rng,
}

/// The switch is not there, or does not answer.
#[derive(Clone, Copy, Debug)]
struct Outage {
    since: Duration,
    probe_at: Duration,
    probes: u32,
    /// It is over by a probe's word: one call alone is to show whether that is so.
    half_open: bool,
}

/// What is heard of: what reads may go well while nothing that writes does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Heard {
    /// A call that a row asks for, or its rehearsal.
    Act,
    /// A look-up or a list.
    Read,
    /// The probe of an outage.
    Probe,
}

/// What a reply means for all rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// No call before that time.
    HoldUntil(Duration),
    /// No further call at all.
    Stop(Stop),
}

impl Breaker {
    pub(super) fn new(outage_max: Duration, seed: u64) -> Self {
        Self {
            outage_max,
            answered: false,
            reached: false,
            outage: None,
            acts_fail: false,
            unclear: 0,
            unclear_since: Duration::ZERO,
            not_api: 0,
            busy_since: None,
            busy_rounds: 0,
            held_until: Duration::ZERO,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Whether calls may run beside each other: not before one was answered, nor after an outage.
    pub(super) fn one_at_a_time(&self) -> bool {
        !self.answered || self.outage.is_some_and(|it| it.half_open)
    }

    /// When the next probe may leave, where nothing else may.
    pub(super) fn probe_at(&self) -> Option<Duration> {
        self.outage.filter(|it| !it.half_open).map(|it| it.probe_at)
    }

    /// Takes note of what came of a call.
    pub(super) fn note(&mut self, now: Duration, meaning: &Meaning, heard: Heard) -> Effect {
        match meaning {
            Meaning::Done | Meaning::Passed | Meaning::Found(_) | Meaning::Refused(_) => {
                self.answer(heard);
                Effect::None
            }
            Meaning::Busy { wait } | Meaning::Unavailable { wait } => {
                self.reached = true;
                self.throttled(now, *wait)
            }
            Meaning::NotSent => self.fail(now, now, Stop::Unreachable, heard),
            Meaning::Lost => self.unclear(now, Stop::Uncertain, heard),
            Meaning::NotApi => {
                self.not_api += 1;
                if !self.answered && self.not_api >= NOT_API_MAX {
                    return Effect::Stop(Stop::NotTheApi);
                }
                self.unclear(now, Stop::NotTheApi, heard)
            }
            Meaning::Unclear => {
                self.answered = true;
                self.not_api = 0;
                self.unclear(now, Stop::Uncertain, heard)
            }
            Meaning::Misconfigured(_) => Effect::None,
        }
    }

    /// A clear answer.
    fn answer(&mut self, heard: Heard) {
        self.answered = true;
        self.reached = true;
        match heard {
            Heard::Probe => self.outage = self.outage.map(|it| Outage { half_open: true, ..it }),
            Heard::Read if self.acts_fail => {}
            Heard::Read | Heard::Act => self.clear(),
        }
    }

    /// All is well.
    fn clear(&mut self) {
        let (held_until, random) = (self.held_until, self.random.clone());
        let anew = Self::new(self.outage_max, 0);
        *self = Self { answered: true, reached: true, held_until, random, ..anew };
    }

    fn unclear(&mut self, now: Duration, stop: Stop, heard: Heard) -> Effect {
        self.reached = true;
        self.acts_fail |= heard == Heard::Act;
        if self.unclear == 0 {
            self.unclear_since = now;
        }
        self.unclear += 1;
        if self.outage.is_none() && self.unclear < UNCLEAR_MAX {
            return Effect::None;
        }
        self.fail(now, self.unclear_since, stop, heard)
    }

    /// Begins an outage, or goes on with it after a probe.
    fn fail(&mut self, now: Duration, since: Duration, stop: Stop, heard: Heard) -> Effect {
        let most =
            if self.reached { self.outage_max } else { self.outage_max.min(NEVER_REACHED_MAX) };
        let begun = self.outage.is_none();
        let known = Outage { since, probe_at: now, probes: 0, half_open: false };
        let mut outage = self.outage.unwrap_or(known);
        if heard == Heard::Probe || begun || outage.half_open {
            outage.half_open = false;
            let end = outage.since + most;
            if now >= end {
                return Effect::Stop(stop);
            }
            outage.probes = outage.probes.saturating_add(1);
            let backoff = match stop {
                Stop::Unreachable => backoff::TRANSIENT,
                _ => backoff::OUTAGE,
            };
            let wait = backoff.after(outage.probes, &mut self.random);
            outage.probe_at = (now + wait).min(end);
        }
        self.outage = Some(outage);
        Effect::None
    }

    fn throttled(&mut self, now: Duration, wait: Option<Duration>) -> Effect {
        let since = *self.busy_since.get_or_insert(now);
        if now >= since + BUSY_TIME_MAX {
            return Effect::Stop(Stop::Busy);
        }
        if now >= self.held_until {
            self.busy_rounds = self.busy_rounds.saturating_add(1);
        }
        let rounds = self.busy_rounds.max(1);
        let wait = wait.unwrap_or_else(|| backoff::THROTTLED.after(rounds, &mut self.random));
        self.held_until = self.held_until.max(now + wait);
        Effect::HoldUntil(self.held_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Refusal;

    #[test]
    fn look_ups_that_go_well_do_not_end_an_outage_of_calls_that_write() {
        const ABSENT: Meaning = Meaning::Refused(Refusal::Absent);
        let outage_max = Duration::from_secs(60);
        let mut breaker = Breaker::new(outage_max, 0);
        breaker.note(Duration::ZERO, &Meaning::Done, Heard::Act);
        let mut now = Duration::ZERO;
        for _ in 0..100 {
            if let Effect::Stop(stop) = breaker.note(now, &Meaning::Unclear, Heard::Act) {
                assert_eq!((stop, now), (Stop::Uncertain, outage_max));
                return;
            }
            breaker.note(now, &ABSENT, Heard::Read);
            if let Some(at) = breaker.probe_at() {
                now = at;
                breaker.note(now, &ABSENT, Heard::Probe);
                assert!(breaker.one_at_a_time());
            }
        }
        panic!("it was never given up");
    }
}
