//! Switches that lose answers, refuse the login, a role or every row, and start again in the middle of a run.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::chaos::Fault;
use super::ledger::Arrival;
use super::ledger::State;
use super::losing;
use super::model::Deal;
use super::model::Switch;
use super::options;
use super::referee;
use super::referee::Reported;
use super::referee::Row;
use super::support::Ended;
use super::support::Workdir;
use super::world::Call;
use super::world::Denial;
use super::world::World;

const SEED: u64 = 20_261_125;

/// Longest wait for a call that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run, with everything that can be said of it.
struct Run {
    ended: Ended,
    reported: Vec<Reported>,
    arrivals: Vec<Arrival>,
}

impl Run {
    /// Applies the rows, and holds the report against the ledger.
    fn of(rows: &[Row], switch: &Switch, options: &str) -> Self {
        let before = switch.ledger.lock().world.clone();
        let work = Workdir::with("a.csv", referee::csv_of(rows));
        Self::again(&work, rows, &before, switch, options)
    }

    /// The same in a folder where there may have been a run before.
    fn again(work: &Workdir, rows: &[Row], before: &World, switch: &Switch, options: &str) -> Self {
        let line = format!("apply a.csv {} {options}", options::FAST);
        let ended = referee::finish(work, &mut referee::command(work, &switch.url, &line));
        let reported = referee::report(work, "a.report.csv");
        let wrong = referee::untruths(rows, before, &reported, &switch.ledger);
        assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), ended.stderr);
        Self { ended, reported, arrivals: switch.ledger.arrivals() }
    }

    fn count(&self, status: &str) -> usize {
        referee::counts(&self.reported).get(status).copied().unwrap_or_default()
    }

    fn calls(&self, is_so: impl Fn(&Call) -> bool) -> usize {
        self.arrivals.iter().filter(|it| is_so(&it.call)).count()
    }
}

fn creates(rows: usize) -> Vec<Row> {
    (1..=rows).map(|it| Row::new("create", it)).collect()
}

fn updates(rows: usize) -> Vec<Row> {
    (1..=rows).map(|it| Row::new("update", it)).collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "the figure is what the test is run for")]
fn a_switch_that_loses_calls_costs_a_third_more_calls_and_no_truth() {
    let seed = options::number("BOXLIFT_SEED").unwrap_or(SEED);
    let lossy = losing::lose(2_000, seed);
    let wrong = lossy.wrong.join("\n");
    assert!(wrong.is_empty(), "{wrong}\nagain: BOXLIFT_SEED={seed} cargo test --test suite lossy");
    println!("{} calls for {} rows: {:?}", lossy.calls, lossy.rows, lossy.statuses);
    assert!(lossy.calls * 100 <= lossy.rows * 135, "{lossy:?}, seed {seed}");
}

#[test]
fn a_password_that_stops_being_right_is_refused_to_calls_under_way_and_to_no_other() {
    const CONCURRENCY: usize = 64;
    const FAIR: usize = 200;
    let rows = updates(10_000);
    let world = referee::world_for(&rows);
    let switch = Switch::start(world.clone(), |number, _| {
        // Answers that come slowly leave time for as many calls beside them as are allowed.
        let fault = if number < FAIR { Fault::None } else { Fault::Slow };
        Deal { fault, ..Deal::FAIR }
    });
    let work = Workdir::with("a.csv", referee::csv_of(&rows));
    let line = format!("--concurrency {CONCURRENCY}");
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            let is_full = |it: &State| it.arrivals.len() >= FAIR + CONCURRENCY;
            assert!(switch.ledger.wait(PATIENCE, is_full));
            switch.ledger.lock().world.is_locked = true;
        });
        Run::again(&work, &rows, &world, &switch, &line)
    });
    assert_eq!(run.ended.code, Some(77), "{}", run.ended.stderr);
    let refused = run.count("rejected");
    assert!((1..=CONCURRENCY).contains(&refused), "{refused} calls were refused");
    assert_eq!(run.arrivals.len(), refused + run.count("updated"), "{}", run.ended.stderr);
    assert_eq!(run.count("not_sent"), rows.len() - run.arrivals.len());
    let again = Run::again(&work, &rows, &world, &switch, &format!("{line} --resume"));
    assert_eq!(again.ended.code, Some(77), "{}", again.ended.stderr);
    assert_eq!(again.arrivals.len(), run.arrivals.len(), "{}", again.ended.stderr);
}

#[test]
fn a_password_that_was_never_right_is_refused_once() {
    let rows = creates(100);
    let switch = Switch::fair(World { is_locked: true, ..World::default() });
    let run = Run::of(&rows, &switch, "--concurrency 64");
    assert_eq!((run.ended.code, run.arrivals.len()), (Some(77), 1), "{}", run.ended.stderr);
}

#[test]
fn a_role_that_may_not_update_goes_on_creating() {
    let rows: Vec<_> =
        (1..=200).map(|it| Row::new(if it % 2 == 0 { "update" } else { "create" }, it)).collect();
    let denials = vec![Denial { function: "update", customer: None, code: "402" }];
    let switch = Switch::fair(World { denials, ..referee::world_for(&rows) });
    let run = Run::of(&rows, &switch, "--concurrency 4");
    assert_eq!((run.ended.code, run.count("created")), (Some(1), 100), "{}", run.ended.stderr);
    let refused = run.calls(|it| it.function == "update");
    assert!((1..=4).contains(&refused), "{refused} calls were refused");
    assert_eq!((run.count("rejected"), run.count("not_sent")), (refused, 100 - refused));
}

#[test]
fn a_plan_that_is_full_stops_the_creates_of_its_customer_alone() {
    let mut rows = creates(200);
    for (place, row) in rows.iter_mut().enumerate() {
        row.customer = Some(if place % 2 == 0 { 3 } else { 4 });
    }
    let denials = vec![Denial { function: "create", customer: Some(3), code: "403" }];
    let switch = Switch::fair(World { denials, ..World::default() });
    let run = Run::of(&rows, &switch, "--concurrency 4");
    assert_eq!((run.ended.code, run.count("created")), (Some(1), 100), "{}", run.ended.stderr);
    let refused = run.calls(|it| it.function == "create" && it.customer == 3);
    assert!((1..=4).contains(&refused), "{refused} calls were refused");
    assert_eq!((run.count("rejected"), run.count("not_sent")), (refused, 100 - refused));
}

/// A switch that carries out the first create of the file and says nothing, and forbids a function.
fn loses_the_first_create(rows: &[Row], function: &'static str) -> Switch {
    let first = rows[0].key();
    let is_lost = AtomicUsize::new(0);
    let denials = vec![Denial { function, customer: None, code: "402" }];
    Switch::start(World { denials, ..World::default() }, move |_, call| {
        let is_it = call.is_mutating() && call.key() == first;
        let fault = if is_it && is_lost.fetch_add(1, Ordering::SeqCst) == 0 {
            Fault::Closed
        } else {
            Fault::None
        };
        Deal { fault, ..Deal::FAIR }
    })
}

#[test]
fn a_lost_create_is_not_claimed_by_a_role_that_may_not_list() {
    let rows = creates(5);
    let switch = loses_the_first_create(&rows, "list");
    let run = Run::of(&rows, &switch, "--settle 0s");
    // Nobody knows whether the mailbox was there before: it is left alone.
    assert_eq!((run.ended.code, run.count("created")), (Some(1), 4), "{}", run.ended.stderr);
    assert_eq!(run.count("in_doubt") + run.count("conflict"), 1, "{}", run.ended.stderr);
    assert_eq!(run.calls(|it| it.function == "update"), 0, "{}", run.ended.stderr);
}

#[test]
fn a_lost_create_ends_well_or_in_doubt_for_a_role_that_may_not_look() {
    let rows = creates(5);
    let switch = loses_the_first_create(&rows, "get");
    let run = Run::of(&rows, &switch, "--settle 0s");
    assert_eq!(run.count("created") + run.count("in_doubt"), 5, "{}", run.ended.stderr);
    assert!(run.count("in_doubt") <= 1, "{}", run.ended.stderr);
}

#[test]
fn ten_errors_are_ten_errors_whatever_is_under_way() {
    let rows = updates(500);
    let switch = Switch::fair(World { is_strict: true, ..referee::world_for(&rows) });
    // Canaries would stop it later than that; none of them is wanted here.
    let run = Run::of(&rows, &switch, "--max-errors 10 --concurrency 64");
    assert_eq!(run.ended.code, Some(1), "{}", run.ended.stderr);
    assert_eq!((run.count("rejected"), run.count("not_sent")), (10, 490), "{}", run.ended.stderr);
    assert_eq!(run.calls(Call::is_mutating), 10);
}

#[test]
fn twenty_rows_that_are_all_refused_are_enough() {
    let rows = updates(500);
    let switch = Switch::fair(World { is_strict: true, ..referee::world_for(&rows) });
    let run = Run::of(&rows, &switch, "--concurrency 64");
    assert_eq!(run.ended.code, Some(1), "{}", run.ended.stderr);
    assert_eq!((run.count("rejected"), run.count("not_sent")), (20, 480), "{}", run.ended.stderr);
    assert_eq!(run.calls(Call::is_mutating), 20);
}

#[test]
fn a_switch_that_starts_again_in_the_middle_of_a_run_costs_no_row() {
    let rows = creates(400);
    let switch = Switch::fair(World::default());
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            assert!(switch.ledger.wait(PATIENCE, |it| it.arrivals.len() > 150));
            switch.shut(Duration::from_millis(1_500));
        });
        Run::of(&rows, &switch, "--concurrency 4 --settle 100ms")
    });
    assert_eq!((run.ended.code, run.count("created")), (Some(0), 400), "{}", run.ended.stderr);
}
