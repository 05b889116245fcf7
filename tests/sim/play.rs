//! All runs of a seed: disturbed ones, and others that go on with the job until it is over.

use std::time::Duration;

use boxlift::model::Carried;
use boxlift::model::Evidence;
use boxlift::model::Kind;
use boxlift::model::Known;
use boxlift::model::Status;
use boxlift::plan;
use boxlift::run::Pace;
use boxlift::run::Past;
use boxlift::run::Stop;

use super::bugs::Bug;
use super::disk::Line;
use super::facts::Run;
use super::lies;
use super::process::Disturbance;
use super::process::Process;
use super::scenario::DAY;
use super::scenario::MS;
use super::scenario::SECOND;
use super::world::Happening;
use super::world::World;

/// Runs of one job; whatever is not over by then stays open.
const RUNS_MAX: u32 = 9;

/// Plays a seed to its end.
pub(crate) fn play(seed: u64, bug: Option<Bug>, traces: bool) -> World {
    let mut world = World::new(seed, bug, traces);
    for number in 0..RUNS_MAX {
        let disturbance = disturbance(&mut world, number);
        run(&mut world, disturbance);
        let was_crashed = world.facts.run().crashed;
        let stop = world.facts.run().stop;
        if world.facts.run().stuck || (!was_crashed && stop.is_none()) {
            break;
        }
        if stop == Some(Stop::Credentials) {
            // Nobody goes on before somebody has put the credentials right.
            if world.dice.bool() {
                break;
            }
            world.scenario.trouble.revoked_at = None;
        }
        pause(&mut world);
    }
    drain(&mut world);
    world
}

fn disturbance(world: &mut World, number: u32) -> Disturbance {
    let trouble = world.scenario.trouble;
    let disk_fails = trouble.disk_fails.filter(|it| it.0 == number).map(|it| it.1);
    let mut disturbance = Disturbance { disk_fails, ..Disturbance::default() };
    if number < trouble.disturbances {
        let most = [20, 150, 300][world.dice.usize(..3)];
        let at = Some(world.dice.u32(1..most));
        if world.dice.u32(..5) == 0 {
            disturbance.interrupt = at;
            disturbance.breaks_off = world.dice.bool();
        } else {
            disturbance.crash = at;
        }
    }
    disturbance
}

fn run(world: &mut World, disturbance: Disturbance) {
    let known = known(world);
    world.facts.tell(world.now, || format!("a run begins; known: {known:?}; {disturbance:?}"));
    let mut plan = lies::plan(world);
    plan::lay_over(&mut plan, &known);
    let rate = lies::rate(world).parse().unwrap();
    let mut pace = match past(world) {
        Some(past) if !world.has(Bug::PaceForgotten) => Pace::after(rate, &past),
        _ => Pace::new(rate),
    };
    world.facts.runs.push(Run::default());
    Process::new(world, disturbance).live(plan, &mut pace);
    world.cut();
    world.drop_plans(|it| !matches!(it, Happening::Arrives(_)));
    let World { disk, dice, .. } = world;
    disk.crash(dice);
    disk.is_dead = false;
    let lines = disk.lines.clone();
    world.facts.run().journal = lines;
}

/// Time passes until the next run; calls that are still on their way arrive, and rows may be edited.
fn pause(world: &mut World) {
    let long = if world.dice.u32(..12) == 0 { DAY } else { 0 };
    let short = [50 * MS, 2 * SECOND, 90 * SECOND][world.dice.usize(..3)];
    let until = world.now + long + world.dice.u64(..short);
    world.plan(until, Happening::Committed);
    while let Some(what) = world.next() {
        match what {
            Happening::Arrives(number) => world.arrives(number),
            _ => break,
        }
    }
    if world.scenario.trouble.edits {
        for row in 0..world.versions.len() {
            if !is_settled(world, row) && world.dice.u32(..4) == 0 {
                world.versions[row] = 1;
            }
        }
    }
}

/// What is still on its way arrives.
fn drain(world: &mut World) {
    while let Some(what) = world.next() {
        if let Happening::Arrives(number) = what {
            world.arrives(number);
        }
    }
}

fn is_settled(world: &World, row: usize) -> bool {
    let is_final = |it: &Line| match *it {
        Line::Result { row: other, status } => other == row && is_kept(status),
        Line::Intent { .. } | Line::Withdrawn { .. } => false,
    };
    world.disk.lines.iter().any(is_final)
}

/// Rows with such a result are not called again.
fn is_kept(status: Status) -> bool {
    !matches!(status, Status::Skipped | Status::NotSent)
}

/// What the journal says of a row.
#[derive(Clone, Copy)]
enum Word {
    Nothing,
    Open { evidence: Evidence, first_version: usize, at: u64 },
    Settled(Status),
}

/// Reads the journal as the next run does.
fn known(world: &World) -> Vec<(u32, Known)> {
    let mut words = vec![Word::Nothing; world.scenario.rows.len()];
    let mut has_result = vec![false; words.len()];
    for line in &world.disk.lines {
        let last = &mut words[line.row()];
        let ignored = world.has(Bug::FirstResultOnly) && has_result[line.row()];
        match *line {
            _ if ignored => {}
            Line::Intent { evidence, version, at, .. } => {
                let (first_version, at) = match *last {
                    Word::Open { first_version, at, .. } => (first_version.min(version), at),
                    Word::Nothing | Word::Settled(_) => (version, at),
                };
                *last = Word::Open { evidence, first_version, at };
            }
            Line::Withdrawn { .. } if world.has(Bug::WithdrawalsNotWritten) => {}
            Line::Withdrawn { .. } => *last = Word::Nothing,
            Line::Result { row, status } => {
                has_result[row] = true;
                let is_kept = is_kept(status) || world.has(Bug::FirstResultOnly);
                *last = if is_kept { Word::Settled(status) } else { Word::Nothing };
            }
        }
    }
    let known = (0..).zip(words).filter_map(|(row, word)| Some((row, known_of(world, row, word)?)));
    known.collect()
}

fn known_of(world: &World, row: u32, said: Word) -> Option<Known> {
    match said {
        Word::Nothing if world.has(Bug::FreshAsDone) && !world.facts.runs.is_empty() => {
            Some(Known::Settled(Status::Created))
        }
        Word::Nothing => None,
        // A rehearsal changes nothing, so that nothing of it stays open.
        Word::Open { .. } if world.scenario.settings.kind == Kind::Rehearsal => None,
        Word::Settled(status) => Some(Known::Settled(status)),
        Word::Open { .. } if world.has(Bug::OpenAsFresh) => None,
        Word::Open { .. } if world.has(Bug::OpenAsDone) => Some(Known::Settled(Status::Created)),
        Word::Open { .. } if world.has(Bug::OpenAsFailed) => Some(Known::Settled(Status::Failed)),
        Word::Open { evidence, first_version, at } => {
            let forged = world.has(Bug::EvidenceForged);
            let edited = first_version != world.versions[row as usize];
            Some(Known::Open(Carried {
                evidence: if forged { Evidence::Absent } else { evidence },
                aged: world.now - at > DAY,
                edited: edited && !world.has(Bug::EditHidden),
            }))
        }
    }
}

/// What is known of when calls left before; nothing before the first run.
fn past(world: &World) -> Option<Past> {
    let mut past = Past::default();
    for call in &world.facts.calls {
        let heard = call.heard.as_ref().map(|it| it.0);
        match call.left_told.or(heard) {
            Some(at) => past.ago.push(Duration::from_nanos(world.now - at)),
            // Of a call that was asked for it is not known whether it left, and when.
            None => past.unknown += 1,
        }
    }
    Some(past).filter(|_| !world.facts.runs.is_empty())
}
