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
    /// The outage is over by a probe's word: one call alone is to show whether that is so.
    half_open: bool,
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
            half_open: false,
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
        !self.answered || self.half_open
    }

    /// When the next probe may leave, where nothing else may.
    pub(super) fn probe_at(&self) -> Option<Duration> {
        self.outage.filter(|_| !self.half_open).map(|it| it.probe_at)
    }

    /// Takes note of what came of a call, or of a probe in an outage.
    pub(super) fn note(&mut self, now: Duration, meaning: &Meaning, is_probe: bool) -> Effect {
        match meaning {
            Meaning::Done | Meaning::Passed | Meaning::Found(_) | Meaning::Refused(_)
                if is_probe =>
            {
                self.half_open = true;
                self.answered = true;
                self.reached = true;
                Effect::None
            }
            Meaning::Done | Meaning::Passed | Meaning::Found(_) | Meaning::Refused(_) => {
                self.clear();
                Effect::None
            }
            Meaning::Busy { wait } => {
                self.reached = true;
                self.throttled(now, *wait)
            }
            Meaning::NotSent => self.fail(now, now, Stop::Unreachable, is_probe),
            Meaning::Lost => self.unclear(now, Stop::Uncertain, is_probe),
            Meaning::NotApi => {
                self.not_api += 1;
                if !self.answered && self.not_api >= NOT_API_MAX {
                    return Effect::Stop(Stop::NotTheApi);
                }
                self.unclear(now, Stop::NotTheApi, is_probe)
            }
            Meaning::Unclear => {
                self.answered = true;
                self.not_api = 0;
                self.unclear(now, Stop::Uncertain, is_probe)
            }
            Meaning::Misconfigured(_) => Effect::None,
        }
    }

    /// All is well.
    fn clear(&mut self) {
        let (held_until, random) = (self.held_until, self.random.clone());
        let anew = Self::new(self.outage_max, 0);
        *self = Self { answered: true, reached: true, held_until, random, ..anew };
    }

    fn unclear(&mut self, now: Duration, stop: Stop, is_probe: bool) -> Effect {
        self.reached = true;
        if self.unclear == 0 {
            self.unclear_since = now;
        }
        self.unclear += 1;
        if self.outage.is_none() && self.unclear < UNCLEAR_MAX {
            return Effect::None;
        }
        self.fail(now, self.unclear_since, stop, is_probe)
    }

    /// Begins an outage, or goes on with it after a probe.
    fn fail(&mut self, now: Duration, since: Duration, stop: Stop, is_probe: bool) -> Effect {
        let most =
            if self.reached { self.outage_max } else { self.outage_max.min(NEVER_REACHED_MAX) };
        let begun = self.outage.is_none();
        let known = Outage { since, probe_at: now, probes: 0 };
        let mut outage = self.outage.unwrap_or(known);
        if is_probe || begun || self.half_open {
            self.half_open = false;
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
