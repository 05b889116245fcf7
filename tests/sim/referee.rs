//! The referee: holds the facts, the journal and the report against the invariants. Shares no decision with the core.

use boxlift::model::Kind;
use boxlift::model::Meaning;
use boxlift::model::Refusal;
use boxlift::model::Status;
use boxlift::run::Stop;

use super::disk::Line;
use super::facts::Call;
use super::facts::Run;
use super::oracle;
use super::scenario::SECOND;
use super::scenario::Scenario;
use super::world::World;

/// What the last journal says of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Result(Status),
    /// Begun, and without a result.
    Open,
    Untried,
}

/// The first invariant that does not hold, if any.
pub(crate) fn judge(world: &World) -> Result<(), String> {
    for run in &world.facts.runs {
        endings(run)?;
        report_is_whole(world, run)?;
        nothing_shown_is_lost(run)?;
    }
    results_never_change(world)?;
    calls_are_allowed(world)?;
    one_call_a_mailbox(world)?;
    rate(world)?;
    effects_are_told(world)?;
    calls_are_few(world)?;
    one_probe_at_a_time(world)?;
    if world.scenario.settings.kind == Kind::Rehearsal {
        return rehearsal(world);
    }
    let fates = fates(world);
    doubt_has_a_cause(world, &fates)?;
    oracle::compare(world, &fates)
}

/// The last word of a journal on a row.
fn word(journal: &[Line], row: usize) -> Fate {
    match journal.iter().rev().find(|it| it.row() == row) {
        Some(Line::Intent { .. }) => Fate::Open,
        Some(Line::Result { status, .. }) => Fate::Result(*status),
        Some(Line::Withdrawn { .. }) | None => Fate::Untried,
    }
}

fn fates(world: &World) -> Vec<Fate> {
    let journal = world.facts.runs.last().map_or(&[][..], |it| &it.journal);
    (0..world.scenario.rows.len()).map(|it| word(journal, it)).collect()
}

/// I9: a run ends, and stops early only for a reason.
fn endings(run: &Run) -> Result<(), String> {
    if run.stuck {
        return Err("I9 the run does not end".to_owned());
    }
    let has_cause = match run.stop {
        Some(Stop::Credentials) => run.credentials_refused_at.is_some(),
        Some(Stop::Interrupted) => run.interrupted_at.is_some(),
        Some(Stop::Journal) => run.disk_died,
        Some(Stop::Executed | Stop::Unasked | Stop::Input) => false,
        _ => true,
    };
    if has_cause { Ok(()) } else { Err(format!("I9 the run stops without cause: {:?}", run.stop)) }
}

/// I1: of every row that a run called, or that was open before it, its end says something, once.
fn report_is_whole(world: &World, run: &Run) -> Result<(), String> {
    let number = world.facts.runs.iter().position(|it| std::ptr::eq(it, run)).unwrap_or(0);
    let before = number.checked_sub(1).map_or(&[][..], |it| &world.facts.runs[it].journal);
    for row in 0..world.scenario.rows.len() {
        let results = run.results.iter().filter(|it| it.0 == row).count();
        let opened = run.left_open.iter().filter(|it| it.0 == row).count();
        let lines = results + opened;
        if lines > 1 {
            return Err(format!("I1 row {row} has {lines} ends in run {number}"));
        }
        let is_called = world.facts.calls.iter().any(|it| it.run == number && it.row == Some(row));
        let is_real = world.scenario.settings.kind == Kind::Real;
        let is_open = is_real && word(before, row) == Fate::Open;
        let is_settled = matches!(word(before, row), Fate::Result(status) if is_final(status));
        if !run.crashed && (is_called || is_open) && lines == 0 {
            return Err(format!("I1 row {row} was called and has no end in run {number}"));
        }
        if !run.crashed && run.stop.is_none() && lines == 0 && !is_settled {
            return Err(format!("I1 row {row} has no result though run {number} was not stopped"));
        }
    }
    Ok(())
}

/// Whether such a result stands for ever; the other two are said again by every run.
fn is_final(status: Status) -> bool {
    !matches!(status, Status::Skipped | Status::NotSent)
}

/// I8: what was shown is in the journal that is left.
fn nothing_shown_is_lost(run: &Run) -> Result<(), String> {
    for (row, status) in &run.shown {
        let line = Line::Result { row: *row, status: *status };
        if !run.journal.contains(&line) {
            return Err(format!("I8 row {row} was shown as {status:?}, which is lost"));
        }
    }
    Ok(())
}

/// I1, I5: a durable result stays what it is, and its row is left alone.
fn results_never_change(world: &World) -> Result<(), String> {
    let mut settled: Vec<Option<(usize, Status)>> = vec![None; world.scenario.rows.len()];
    let mut seen = 0;
    for (number, run) in world.facts.runs.iter().enumerate() {
        let new = run.journal.get(seen..).unwrap_or_default();
        seen = run.journal.len();
        for line in new {
            let Line::Result { row, status } = *line else { continue };
            match settled[row] {
                Some((_, known)) if known != status => {
                    return Err(format!("I1 row {row} was {known:?} and is {status:?}"));
                }
                None if is_final(status) => settled[row] = Some((number, status)),
                _ => {}
            }
        }
    }
    for call in &world.facts.calls {
        let Some(row) = call.row else { continue };
        let is_over = settled[row].is_some_and(|it| it.0 < call.run);
        let mut own = world.facts.runs[call.run].results.iter();
        if is_over || own.any(|it| it.0 == row && it.2 < call.issued) {
            return Err(format!("I5 row {row} is called after its result"));
        }
    }
    Ok(())
}

/// I3 and the first rule: no call without a durable intent, after a 401, an interruption, or before the switch allows.
fn calls_are_allowed(world: &World) -> Result<(), String> {
    for call in &world.facts.calls {
        let run = &world.facts.runs[call.run];
        let row = call.row;
        if !call.durable_intent {
            return Err(format!("I6 row {row:?} is called without a durable intent"));
        }
        if run.credentials_refused_at.is_some_and(|it| it < call.issued) {
            return Err(format!("I3 row {row:?} is called after a 401"));
        }
        if run.interrupted_at.is_some_and(|it| it < call.issued) {
            return Err(format!("I3 row {row:?} is called after an interruption"));
        }
        if run.holds.iter().any(|it| it.0 < call.issued && call.issued < it.1) {
            return Err(format!("I4 row {row:?} is called while the switch asked to wait"));
        }
    }
    Ok(())
}

/// Until when a call may still take effect, as far as its caller can know.
fn window(scenario: &Scenario, call: &Call) -> Option<(u64, u64)> {
    let left = call.left?;
    let over = match (&call.heard, call.cut_at) {
        (Some((at, _)), _) if call.is_ambiguous() => at + scenario.settle(),
        (Some((at, _)), _) => *at,
        (None, Some(at)) => at + scenario.settle(),
        (None, None) => u64::MAX,
    };
    Some((left, over))
}

/// I2: calls that change one mailbox do not overlap, those that are still on their way included.
fn one_call_a_mailbox(world: &World) -> Result<(), String> {
    let calls: Vec<_> = world
        .facts
        .calls
        .iter()
        .filter(|it| it.mutates)
        .filter_map(|it| Some((it, window(&world.scenario, it)?)))
        .collect();
    for (place, (one, (from, until))) in calls.iter().enumerate() {
        for (other, (begins, ends)) in &calls[place + 1..] {
            if one.key == other.key && begins < until && from < ends {
                let (one, other) = (one.row, other.row);
                return Err(format!("I2 calls of rows {one:?} and {other:?} overlap"));
            }
        }
    }
    Ok(())
}

/// I4: no window holds more calls than the rate, by the time at which they left.
fn rate(world: &World) -> Result<(), String> {
    let (calls, window) = match world.scenario.rate {
        "30/min" => (30, 60 * SECOND),
        rate => (rate.trim_end_matches("/s").parse::<usize>().unwrap_or(0), SECOND),
    };
    let mut left: Vec<u64> = world.facts.calls.iter().filter_map(|it| it.left).collect();
    left.sort_unstable();
    match left.windows(calls + 1).find(|it| it[calls] - it[0] < window) {
        Some(it) => Err(format!("I4 more than {calls} calls in a window, from {} ns", it[0])),
        None => Ok(()),
    }
}

/// I6, I7, I10: what was carried out belongs to a row that is told so, in the order of the file.
fn effects_are_told(world: &World) -> Result<(), String> {
    let fates = fates(world);
    let ledger = &world.switch.ledger;
    for (place, effect) in ledger.iter().enumerate() {
        if world.scenario.settings.kind == Kind::Rehearsal {
            return Err(format!("I10 a rehearsal carried out row {}", effect.row));
        }
        match fates[effect.row] {
            Fate::Open | Fate::Result(Status::Created | Status::Updated | Status::InDoubt) => {}
            told => return Err(format!("I6 row {} was carried out, and is {told:?}", effect.row)),
        }
        if ledger[..place].iter().any(|it| it.key == effect.key && it.row > effect.row) {
            return Err(format!("I7 row {} was carried out after a later one", effect.row));
        }
    }
    for (row, fate) in fates.iter().enumerate() {
        let is_told = matches!(fate, Fate::Result(Status::Created | Status::Updated));
        if is_told && !ledger.iter().any(|it| it.row == row) {
            return Err(format!("I6 row {row} is {fate:?}, and was not carried out"));
        }
    }
    Ok(())
}

/// I9: further calls are made only for what is not clear.
fn calls_are_few(world: &World) -> Result<(), String> {
    let rows = world.scenario.rows.len();
    let free = |it: &&Call| !matches!(it.heard, Some((_, Meaning::Busy { .. } | Meaning::NotSent)));
    let turned_away = |it: &&Call| {
        matches!(
            it.heard,
            Some((_, Meaning::Misconfigured(_) | Meaning::Refused(Refusal::Credentials)))
        )
    };
    let of_rows = || world.facts.calls.iter().filter(|it| it.row.is_some()).filter(free);
    let ambiguous = of_rows().filter(|it| it.is_ambiguous() || turned_away(it)).count();
    let open = opened(world).iter().filter(|it| **it).count();
    let most = rows + rows / 10 + 5 + 4 * (ambiguous + open);
    let calls = of_rows().count();
    if calls > most { Err(format!("I9 {calls} calls, at most {most}")) } else { Ok(()) }
}

/// I9: a switch in trouble is asked by one call at a time whether it is there again.
fn one_probe_at_a_time(world: &World) -> Result<(), String> {
    let end = |it: &Call| it.heard.as_ref().map_or(it.cut_at, |it| Some(it.0)).unwrap_or(u64::MAX);
    let others: Vec<_> = world.facts.calls.iter().filter(|it| it.row.is_none()).collect();
    match others.windows(2).find(|it| it[0].run == it[1].run && it[1].issued < end(it[0])) {
        Some(it) => Err(format!("I9 two probes at once, at {} ns", it[1].issued)),
        None => Ok(()),
    }
}

/// Rows that were open between two runs.
fn opened(world: &World) -> Vec<bool> {
    let runs = &world.facts.runs;
    let before = &runs[..runs.len().saturating_sub(1)];
    let is_open = |row| before.iter().any(|it| word(&it.journal, row) == Fate::Open);
    (0..world.scenario.rows.len()).map(is_open).collect()
}

/// I6: nothing is in doubt that a clear answer told.
fn doubt_has_a_cause(world: &World, fates: &[Fate]) -> Result<(), String> {
    let opened = opened(world);
    for (row, fate) in fates.iter().enumerate() {
        let is_doubtful = *fate == Fate::Result(Status::InDoubt);
        let mut calls = world.facts.calls.iter().filter(|it| it.row == Some(row));
        if is_doubtful && !opened[row] && !calls.any(Call::is_ambiguous) {
            return Err(format!("I6 row {row} is in doubt without cause"));
        }
    }
    Ok(())
}

/// A rehearsal accepts nothing that the switch would refuse whatever else there is.
fn rehearsal(world: &World) -> Result<(), String> {
    for (row, fate) in fates(world).iter().enumerate() {
        let bad = world.facts.calls.iter().any(|it| {
            let clear = matches!(it.heard, Some((_, Meaning::Refused(Refusal::Parameters { .. }))));
            let is_last = it.version == world.versions[row];
            it.row == Some(row)
                && clear
                && is_last
                && world.scenario.rows[row].versions[it.version].bad
        });
        match fate {
            Fate::Result(Status::Accepted) if bad && !judged_late(world, row) => {
                return Err(format!("I6 row {row} was refused, and is accepted"));
            }
            Fate::Result(Status::Created | Status::Updated | Status::InDoubt) => {
                return Err(format!("I10 row {row} of a rehearsal is {fate:?}"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn judged_late(world: &World, row: usize) -> bool {
    world.scenario.plan.tasks.iter().any(|it| it.row as usize == row && it.judged_late)
}
