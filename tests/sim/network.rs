//! What happens to a call between the program and the switch.

use std::time::Duration;

use boxlift::model::Meaning;
use boxlift::model::Misconfiguration;
use fastrand::Rng;

use super::scenario::Outage;
use super::scenario::SECOND;
use super::scenario::Scenario;

/// When a request reaches the switch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Arrival {
    /// Before the caller hears of it.
    InTime,
    /// Twice before the caller hears of it; the second answer is seen by nobody.
    Twice,
    /// After the caller has given up.
    Late,
    Never,
}

/// A call's fate.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    /// No byte of it ever leaves.
    pub(crate) stays: bool,
    pub(crate) arrival: Arrival,
    /// What the caller hears; nothing: the switch's answer.
    pub(crate) heard: Option<Meaning>,
}

impl Fate {
    fn fine() -> Self {
        Self { stays: false, arrival: Arrival::InTime, heard: None }
    }

    fn unanswered(arrival: Arrival, heard: Meaning) -> Self {
        Self { stays: false, arrival, heard: Some(heard) }
    }

    fn not_sent() -> Self {
        Self { stays: true, arrival: Arrival::Never, heard: Some(Meaning::NotSent) }
    }
}

/// What happens to a call that is sent at `now`.
pub(crate) fn fate(scenario: &Scenario, dice: &mut Rng, now: u64) -> Fate {
    if let Some((from, until, outage)) = scenario.trouble.outage
        && (from..until).contains(&now)
    {
        let arrival = [Arrival::Never, Arrival::InTime, Arrival::Late][dice.usize(..3)];
        return match outage {
            Outage::Unreachable => Fate::not_sent(),
            Outage::Silent => Fate::unanswered(arrival, Meaning::Lost),
            Outage::Unclear => Fate::unanswered(arrival, Meaning::Unclear),
        };
    }
    if dice.u32(..1000) >= scenario.trouble.faults {
        return Fate::fine();
    }
    match dice.u32(..100) {
        0..10 => Fate::not_sent(),
        10..25 => Fate::unanswered(Arrival::Never, Meaning::Lost),
        25..45 => Fate::unanswered(Arrival::InTime, Meaning::Lost),
        45..60 => Fate::unanswered(Arrival::Late, Meaning::Lost),
        60..66 => Fate { arrival: Arrival::Twice, ..Fate::fine() },
        66..69 => Fate::unanswered(Arrival::Twice, Meaning::Lost),
        69..74 => Fate::unanswered(Arrival::Never, Meaning::Unclear),
        74..79 => Fate::unanswered(Arrival::InTime, Meaning::Unclear),
        79..82 => Fate::unanswered(Arrival::Late, Meaning::Unclear),
        82..85 => Fate::unanswered(Arrival::Never, Meaning::NotApi),
        85..88 => Fate::unanswered(Arrival::InTime, Meaning::NotApi),
        88..99 => {
            let wait = Some(Duration::from_secs(dice.u64(..20))).filter(|_| dice.bool());
            Fate::unanswered(Arrival::Never, Meaning::Busy { wait })
        }
        _ => {
            let what = Misconfiguration::Redirect;
            Fate::unanswered(Arrival::Never, Meaning::Misconfigured(what))
        }
    }
}

/// How long a call takes from its leaving until it is answered, or given up.
pub(crate) fn latency(scenario: &Scenario, dice: &mut Rng, fate: &Fate) -> u64 {
    if let Some(always) = scenario.trouble.always_ms {
        return always * super::scenario::MS;
    }
    let answered = dice.u64(1..=scenario.trouble.latency_ms) * super::scenario::MS;
    match fate.heard {
        Some(Meaning::Lost) if dice.bool() => dice.u64(1..30) * SECOND,
        _ => answered,
    }
}
