//! The simulator: the core, unchanged, against a made-up switch, network, clock and disk, all driven by a seed, and a
//! referee that compares what the switch did, the journal and the report.
//!
//! What needs a real process is tested elsewhere: secrets (I11), permissions (I12), hosts (I13), formulas (I14) and
//! memory (I15). Others who make or change mailboxes during the job, switches that carry a call out later than the
//! settle time, and a 404 that hides a mailbox are beyond what the program promises, and are left out.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod sim {
    pub(crate) mod bugs;
    mod disk;
    mod facts;
    mod lies;
    mod network;
    mod oracle;
    pub(crate) mod play;
    mod process;
    pub(crate) mod referee;
    mod scenario;
    mod switch;
    pub(crate) mod world;
}

use std::thread;

use sim::bugs::Bug;
use sim::play::play;
use sim::referee::judge;

/// The seeds of the unchanged core.
const SEEDS: u64 = 100_000;

/// The seeds of planted bugs begin here; those before were used while the bugs were planted.
const SEEDS_OF_BUGS: u64 = 4_000_000_000;

/// A planted bug is found within so many seeds.
const SEEDS_A_BUG_MAX: u64 = 20_000;

const THREADS: usize = 2;

/// What came of some seeds.
#[derive(Default)]
struct Tally {
    runs: u64,
    with_crash: u64,
    crashes: u64,
    calls: u64,
    violations: Vec<(u64, String)>,
}

/// A number from the environment, where somebody wants another than usual.
#[expect(clippy::disallowed_methods, reason = "a seed is replayed by naming it")]
fn named(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|it| it.parse().ok())
}

fn tally(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let world = play(seed, None, false);
        let crashes = world.facts.runs.iter().filter(|it| it.crashed).count() as u64;
        tally.runs += 1;
        tally.crashes += crashes;
        tally.with_crash += u64::from(crashes > 0);
        tally.calls += world.facts.calls.len() as u64;
        if let Err(why) = judge(&world) {
            tally.violations.push((seed, why));
        }
    }
    tally
}

/// Plays one seed with its trace, which is printed by the test harness when the seed fails.
#[expect(clippy::print_stdout, reason = "a trace is for people")]
fn replay(seed: u64, bug: Option<Bug>) -> Result<(), String> {
    let world = play(seed, bug, true);
    for (place, row) in world.scenario.rows.iter().enumerate() {
        println!("row {place}: {row:?}");
    }
    println!("{:?}", world.scenario.plan.dependencies);
    for line in world.facts.trace.iter().flatten() {
        println!("{line}");
    }
    judge(&world)
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for people")]
fn a_hundred_thousand_disturbed_jobs_break_no_invariant() {
    if let Some(seed) = named("BOXLIFT_SIM_SEED") {
        assert_eq!(replay(seed, None), Ok(()), "seed {seed}");
        return;
    }
    let first = named("BOXLIFT_SIM_FROM").unwrap_or(0);
    let seeds = first..first + named("BOXLIFT_SIM_SEEDS").unwrap_or(SEEDS);
    let mut all = Tally::default();
    thread::scope(|scope| {
        let every = |part| seeds.clone().skip(part).step_by(THREADS);
        let parts: Vec<_> = (0..THREADS).map(every).map(|it| scope.spawn(|| tally(it))).collect();
        for part in parts {
            let part = part.join().unwrap();
            all.runs += part.runs;
            all.crashes += part.crashes;
            all.with_crash += part.with_crash;
            all.calls += part.calls;
            all.violations.extend(part.violations);
        }
    });
    let Tally { runs, with_crash, crashes, calls, violations } = all;
    println!("{runs} jobs, {with_crash} with a crash, {crashes} crashes, {calls} calls");
    let mut told: Vec<_> = violations.iter().collect();
    told.sort();
    for (seed, why) in told.iter().take(20) {
        println!("{why}\n    BOXLIFT_SIM_SEED={seed} cargo test --test sim");
    }
    assert_eq!(violations.len(), 0, "of {runs} jobs");
    assert!(with_crash * 2 >= runs, "{with_crash} of {runs} jobs had a crash");
}

/// The trace of a planted bug: `BOXLIFT_SIM_BUG` is its place in the table, counted from 0.
fn replay_of_bug(place: u64) -> Result<(), String> {
    let bug = Bug::ALL.get(usize::try_from(place).unwrap()).copied();
    replay(named("BOXLIFT_SIM_SEED").unwrap_or(SEEDS_OF_BUGS), bug)
}

#[test]
fn a_seed_is_always_the_same_job() {
    for seed in 0..50 {
        let [one, other] = [(), ()].map(|()| play(seed, None, true).facts.trace);
        assert!(one.is_some() && one == other, "seed {seed}");
    }
}

/// The first seed that finds a planted bug, and what it finds.
fn found(bug: Bug) -> Option<(u64, String)> {
    let first = named("BOXLIFT_SIM_BUGS_FROM").unwrap_or(SEEDS_OF_BUGS);
    let mut seeds = first..first + SEEDS_A_BUG_MAX;
    seeds.find_map(|it| Some((it - first, judge(&play(it, Some(bug), false)).err()?)))
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is for people")]
fn every_planted_bug_is_found() {
    if let Some(place) = named("BOXLIFT_SIM_BUG") {
        assert_eq!(replay_of_bug(place), Ok(()), "planted bug {place}");
        return;
    }
    if named("BOXLIFT_SIM_SEED").is_some() {
        return;
    }
    let bugs = |part| Bug::ALL.into_iter().skip(part).step_by(THREADS);
    let mut table = Vec::new();
    thread::scope(|scope| {
        let part = |it| move || bugs(it).map(|it| (it, found(it))).collect::<Vec<_>>();
        let parts: Vec<_> = (0..THREADS).map(|it| scope.spawn(part(it))).collect();
        table.extend(parts.into_iter().flat_map(|it| it.join().unwrap()));
    });
    for (bug, found) in &table {
        let (seed, why) = found.clone().unwrap_or((SEEDS_A_BUG_MAX, "NOT FOUND".to_owned()));
        println!("{:<24} {seed:>6}  {why}", format!("{bug:?}"));
    }
    let missed: Vec<_> = table.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect();
    assert_eq!(missed, Vec::new());
}
