//! Planted bugs at work: what the shell, the journal and the resuming would do wrong.

use std::time::Duration;

use boxlift::model::Action;
use boxlift::model::Ask;
use boxlift::model::Likeness;
use boxlift::model::Meaning;
use boxlift::model::Needs;
use boxlift::model::Plan;
use boxlift::model::Refusal;
use boxlift::run::Settings;

use super::bugs::Bug;
use super::disk::Line;
use super::facts::Call;
use super::scenario::Scenario;
use super::world::World;

/// How the run is told to go about it.
pub(crate) fn settings(world: &World) -> Settings {
    let mut settings = world.scenario.settings;
    if world.has(Bug::NoSettle) {
        settings.settle = Duration::ZERO;
    }
    settings
}

/// The rate that the pace is told.
pub(crate) fn rate(world: &World) -> &'static str {
    match world.scenario.rate {
        rate if !world.has(Bug::RateDoubled) => rate,
        "1/s" => "2/s",
        "3/s" => "6/s",
        "10/s" => "20/s",
        "40/s" => "80/s",
        "200/s" => "400/s",
        _ => "60/min",
    }
}

/// The plan that the core is told.
pub(crate) fn plan(world: &World) -> Plan {
    let mut plan = world.scenario.plan.clone();
    match world.bug {
        Some(Bug::WaitsRemoved) => plan.dependencies.clear(),
        Some(Bug::SuccessNotNeeded) => {
            plan.dependencies.iter_mut().for_each(|it| it.needs = Needs::Finished);
        }
        Some(Bug::OrderReversed) => {
            for one in 0..plan.tasks.len() {
                let lane = plan.tasks[one].lane;
                let other = (one + 1..plan.tasks.len()).find(|it| plan.tasks[*it].lane == lane);
                if let Some(other) = other {
                    plan.tasks.swap(one, other);
                    break;
                }
            }
        }
        _ => {}
    }
    plan
}

/// A line that is never written.
pub(crate) fn is_lost(bug: Option<Bug>, line: Line) -> bool {
    match line {
        Line::Intent { .. } => bug == Some(Bug::IntentsNotWritten),
        Line::Withdrawn { .. } => false,
        Line::Result { .. } => bug == Some(Bug::ResultsNotWritten),
    }
}

/// A line that is told durable before it is.
pub(crate) fn is_told_early(world: &World, line: Line) -> bool {
    match line {
        _ if world.has(Bug::DiskFailureHidden) && world.disk.is_dead => true,
        Line::Intent { .. } => world.has(Bug::SentBeforeDurable),
        Line::Withdrawn { .. } => false,
        Line::Result { .. } => world.has(Bug::ShownBeforeDurable),
    }
}

fn parameters() -> Meaning {
    Meaning::Refused(Refusal::Parameters { keys: vec!["pin".to_owned()] })
}

/// What the core is told of a call, instead of the truth.
pub(crate) fn meaning(
    bug: Option<Bug>,
    call: &Call,
    scenario: &Scenario,
    truth: Meaning,
) -> Meaning {
    let Some(bug) = bug else { return truth };
    let Some(row) = call.row else { return truth };
    let updates = scenario.rows[row].action == Action::Update;
    match (bug, truth) {
        (Bug::LostAsNotSent, Meaning::Lost) => Meaning::NotSent,
        (Bug::LostAsRefused, Meaning::Lost) | (Bug::UnclearAsRefused, Meaning::Unclear) => {
            parameters()
        }
        (Bug::LostAsDone, Meaning::Lost) | (Bug::NotApiAsDone, Meaning::NotApi) => {
            if call.ask == Ask::LookUp { Meaning::Lost } else { Meaning::Done }
        }
        (Bug::LikenessSwapped, Meaning::Found(Likeness::Same)) => {
            Meaning::Found(Likeness::Different)
        }
        (Bug::LikenessSwapped, Meaning::Found(Likeness::Different)) => {
            Meaning::Found(Likeness::Same)
        }
        (Bug::AbsentAsFound, Meaning::Refused(Refusal::Absent)) if call.ask == Ask::LookUp => {
            Meaning::Found(Likeness::Same)
        }
        (Bug::FoundAsAbsent, Meaning::Found(_)) => Meaning::Refused(Refusal::Absent),
        (Bug::CredentialsAsParameters, Meaning::Refused(Refusal::Credentials)) => parameters(),
        (Bug::RatePlanAsBusy, Meaning::Refused(Refusal::RatePlan)) => Meaning::Busy { wait: None },
        (Bug::AbsentUpdateAsDone, Meaning::Refused(Refusal::Absent))
            if updates && call.ask == Ask::Act =>
        {
            Meaning::Done
        }
        (Bug::WaitIgnored, Meaning::Busy { .. }) => Meaning::Busy { wait: Some(Duration::ZERO) },
        (_, truth) => truth,
    }
}
