//! When the switch as a whole is in trouble, and when that is enough to stop.
//!
//! Counts what comes back in a row: a switch that cannot be reached pauses everybody, and one whose answers are not
//! the API's is given up before many rows are in doubt.

use std::time::Duration;

use crate::model::Meaning;
use crate::run::Stop;
use crate::run::backoff;

/// A switch that was never reached in this run is waited for this long.
const NEVER_REACHED_MAX: Duration = Duration::from_secs(10);

/// A switch that was reached before is waited for this long.
const OUTAGE_MAX: Duration = Duration::from_secs(10 * 60);

/// Answers in a row that are not the API's.
const NOT_API_MAX: u32 = 3;

/// Calls in a row after which nobody knows whether they were carried out.
const UNCERTAIN_MAX: u32 = 10;

/// A switch that says nothing but "later" is asked again for this long.
const BUSY_TIME_MAX: Duration = Duration::from_secs(4 * 60 * 60);

/// The health of the switch, as far as replies show it.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// The API has answered in this run, and not with 401.
    answered: bool,
    /// Something has answered in this run.
    reached: bool,
    outage_since: Option<Duration>,
    busy_since: Option<Duration>,
    /// Rounds of waiting; calls that were under way together count as one.
    rounds: u32,
    /// When the last wait ends.
    held_until: Duration,
    not_api: u32,
    uncertain: u32,
}

/// What a reply means for all other rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// No call before that time.
    HoldUntil(Duration),
    /// No further call at all.
    Stop(Stop),
}

impl Trouble {
    /// Whether calls may run beside each other: not before one was answered, nor while nobody answers.
    pub(super) fn one_at_a_time(&self) -> bool {
        !self.answered || self.outage_since.is_some()
    }

    /// Takes note of a reply.
    pub(super) fn note(
        &mut self,
        now: Duration,
        meaning: &Meaning,
        random: &mut fastrand::Rng,
    ) -> Effect {
        if let Meaning::NotSent = meaning {
            return self.unreachable(now, random);
        }
        self.outage_since = None;
        match meaning {
            Meaning::Done | Meaning::Passed | Meaning::Refused(_) => {
                let held_until = self.held_until;
                *self = Self { answered: true, reached: true, held_until, ..Self::default() };
                Effect::None
            }
            Meaning::Busy { wait } => self.throttled(now, *wait, random),
            Meaning::Lost => {
                self.reached = true;
                self.uncertain()
            }
            Meaning::NotApi => {
                self.reached = true;
                self.not_api += 1;
                if self.not_api >= NOT_API_MAX {
                    return Effect::Stop(Stop::NotTheApi);
                }
                self.uncertain()
            }
            Meaning::Unclear => {
                self.answered = true;
                self.reached = true;
                self.not_api = 0;
                self.uncertain()
            }
            Meaning::Misconfigured(_) | Meaning::NotSent => Effect::None,
        }
    }

    fn unreachable(&mut self, now: Duration, random: &mut fastrand::Rng) -> Effect {
        let since = *self.outage_since.get_or_insert(now);
        let most = if self.reached { OUTAGE_MAX } else { NEVER_REACHED_MAX };
        if now >= since + most {
            return Effect::Stop(Stop::Unreachable);
        }
        let wait = backoff::TRANSIENT.after(self.round(now), random);
        self.hold((now + wait).min(since + most))
    }

    fn throttled(
        &mut self,
        now: Duration,
        wait: Option<Duration>,
        random: &mut fastrand::Rng,
    ) -> Effect {
        self.reached = true;
        let since = *self.busy_since.get_or_insert(now);
        if now >= since + BUSY_TIME_MAX {
            return Effect::Stop(Stop::Busy);
        }
        let round = self.round(now);
        let wait = wait.unwrap_or_else(|| backoff::THROTTLED.after(round, random));
        self.hold(now + wait)
    }

    /// Counts a round of waiting, unless the reply is of a call that was sent before the last one began.
    fn round(&mut self, now: Duration) -> u32 {
        if now >= self.held_until {
            self.rounds = self.rounds.saturating_add(1);
        }
        self.rounds.max(1)
    }

    fn hold(&mut self, until: Duration) -> Effect {
        self.held_until = self.held_until.max(until);
        Effect::HoldUntil(self.held_until)
    }

    fn uncertain(&mut self) -> Effect {
        self.uncertain += 1;
        if self.uncertain >= UNCERTAIN_MAX { Effect::Stop(Stop::Uncertain) } else { Effect::None }
    }
}
