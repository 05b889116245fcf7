//! Every fault, in every phase of a run, on every kind of call, on connections new and used: what the program makes of
//! it, and whether what it says of it is true.
//!
//! `BOXLIFT_MATRIX=words` runs the cases whose names hold these words.

use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::chaos::Afterwards;
use super::chaos::Effect;
use super::chaos::Fault;
use super::ledger::Arrival;
use super::model::Deal;
use super::model::Switch;
use super::options;
use super::referee;
use super::referee::Reported;
use super::referee::Row;
use super::support::Workdir;
use super::world::Act;
use super::world::Call;
use super::world::Key;

/// Rows of a case's file, the one that only opens a connection not counted.
const ROWS: usize = 4;

/// Cases that are under way at the same time; most of them wait.
const THREADS: usize = 6;

/// How often a case that depends on how fast this machine is is tried, with more time each time.
const TRIES_MAX: u32 = 3;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Create,
    Update,
    DryRun,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// The first call of the run; on a used connection the one after that which opened it.
    First,
    Middle,
    Last,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Connection {
    Fresh,
    Reused,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    kind: Kind,
    phase: Phase,
    connection: Connection,
    fault: Fault,
}

/// What a case must come to.
#[derive(Debug, Eq, PartialEq)]
struct Expected {
    exit: i32,
    statuses: Vec<&'static str>,
    /// Of the row that was hit: creates, updates, rehearsals, look-ups.
    calls: [usize; 4],
}

/// All cases, in an order that spreads the slow ones.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in [Kind::Create, Kind::Update, Kind::DryRun] {
        for phase in [Phase::First, Phase::Middle, Phase::Last] {
            for connection in [Connection::Fresh, Connection::Reused] {
                let of = |fault| Case { kind, phase, connection, fault };
                cases.extend(Fault::ALL.map(of));
            }
        }
    }
    cases
}

impl Case {
    /// `create/middle/reused/carried out, then reset`, for one.
    fn name(self) -> String {
        let kind = match self.kind {
            Kind::Create => "create",
            Kind::Update => "update",
            Kind::DryRun => "dry run",
        };
        let phase = match self.phase {
            Phase::First => "first",
            Phase::Middle => "middle",
            Phase::Last => "last",
        };
        let connection = match self.connection {
            Connection::Fresh => "fresh",
            Connection::Reused => "reused",
        };
        let deed = if self.carries_out() { "carried out, then " } else { "" };
        format!("{kind}/{phase}/{connection}/{deed}{}", self.fault.name())
    }

    /// Of the two cases with the same fault, the one on a used connection follows the deed.
    fn carries_out(self) -> bool {
        self.connection == Connection::Reused
            && self.kind != Kind::DryRun
            && self.fault.can_follow_the_deed()
    }

    /// Whether a row before all others opens the connection.
    fn is_warmed_up(self) -> bool {
        self.phase == Phase::First && self.connection == Connection::Reused
    }

    fn rows(self) -> Vec<Row> {
        let action = if self.kind == Kind::Update { "update" } else { "create" };
        let warm_up = self.is_warmed_up().then(|| Row::new("update", 0));
        warm_up.into_iter().chain((1..=ROWS).map(|it| Row::new(action, it))).collect()
    }

    /// The row that is hit, by its place; where the run's very first call is hit, that may not be a row's.
    fn target(self) -> usize {
        match self.phase {
            Phase::First => usize::from(self.is_warmed_up()),
            Phase::Middle => ROWS / 2,
            Phase::Last => ROWS - 1,
        }
    }

    fn hits_the_run(self) -> bool {
        self.phase == Phase::First && self.connection == Connection::Fresh
    }

    /// Where connections are all new, or the last call is hit, order hangs on nothing but the rows.
    fn concurrency(self) -> usize {
        let beside = self.phase == Phase::Last && self.connection == Connection::Fresh;
        if beside && self.fault != Fault::Refused { 2 } else { 1 }
    }

    fn line(self, time: Duration) -> String {
        let dry_run = if self.kind == Kind::DryRun { "--dry-run" } else { "" };
        let timeout =
            if self.fault.takes_all_time() { time } else { Duration::from_secs(30) }.as_millis();
        format!(
            "apply a.csv {} --settle 0s --concurrency {} --timeout {timeout}ms {dry_run}",
            options::FAST,
            self.concurrency(),
        )
    }

    /// The status of a row that is done.
    fn done(self, row: &Row) -> &'static str {
        match (self.kind, row.action) {
            (Kind::DryRun, _) => "accepted",
            (_, "create") => "created",
            _ => "updated",
        }
    }

    /// `on_row`: the call that was hit is a row's, not the list at the start of the run.
    fn expected(self, rows: &[Row], on_row: bool) -> Expected {
        let done = || rows.iter().map(|it| self.done(it));
        let once = match self.kind {
            Kind::Create => [1, 0, 0, 0],
            Kind::Update => [0, 1, 0, 0],
            Kind::DryRun => [0, 0, 1, 0],
        };
        match self.fault.effect() {
            Effect::Astray => {
                let target = if on_row { self.target() } else { 0 };
                let mut statuses: Vec<_> = done().take(target).collect();
                // What a list was told is told of the first row.
                statuses.push("failed");
                statuses.resize(rows.len(), "not_sent");
                let calls = if on_row { once } else { [0; 4] };
                Expected { exit: 78, statuses, calls }
            }
            Effect::Busy | Effect::Unknown if on_row => {
                Expected { exit: 0, statuses: done().collect(), calls: self.calls_after_trouble() }
            }
            // A look-up of that row found out that the switch is there again.
            Effect::Unsent if on_row || self.kind != Kind::Create => {
                let [creates, updates, rehearsals, _] = once;
                let calls = [creates, updates, rehearsals, 1];
                Expected { exit: 0, statuses: done().collect(), calls }
            }
            Effect::Answered | Effect::Unsent | Effect::Busy | Effect::Unknown => {
                Expected { exit: 0, statuses: done().collect(), calls: once }
            }
        }
    }

    /// A create that may be done is looked for: absent, it is sent again; found, its PIN is put right.
    fn calls_after_trouble(self) -> [usize; 4] {
        match (self.kind, self.fault.effect()) {
            (Kind::DryRun, _) => [0, 0, 2, 0],
            (Kind::Update, _) => [0, 2, 0, 0],
            (Kind::Create, Effect::Unknown) if self.carries_out() => [1, 1, 0, 1],
            (Kind::Create, Effect::Unknown) => [2, 0, 0, 1],
            (Kind::Create, _) => [2, 0, 0, 0],
        }
    }
}

/// The call that a case hits.
#[derive(Clone)]
struct Aim {
    case: Case,
    target: Key,
    /// The row whose call is the last before.
    before: Option<Key>,
    time: Duration,
    hit: Arc<Mutex<Option<usize>>>,
}

impl Aim {
    fn deal(&self, number: usize, call: &Call) -> Deal {
        let Self { case, target, before, time, hit } = self;
        let keeps = case.connection == Connection::Reused;
        let afterwards = if keeps { Afterwards::Kept } else { Afterwards::Closed };
        let fair = Deal { afterwards, ..Deal::FAIR };
        let is_of = |key: &Key| call.is_of_row() && call.key() == *key;
        let mut hit = hit.lock().unwrap();
        if hit.is_none() && if case.hits_the_run() { number == 0 } else { is_of(target) } {
            *hit = Some(number);
            let act = if case.carries_out() { Act::CarryOut } else { Act::JudgeOnly };
            return match case.fault.effect() {
                Effect::Answered => Deal { fault: case.fault, ..fair },
                Effect::Unsent => fair,
                Effect::Unknown | Effect::Busy | Effect::Astray => {
                    Deal { fault: case.fault, act, ..fair }
                }
            };
        }
        if hit.is_none() && case.fault == Fault::Refused && before.as_ref().is_some_and(is_of) {
            return Deal { afterwards: Afterwards::Closed, shut: Some(*time), ..fair };
        }
        fair
    }
}

/// Runs a case; gives back everything that is wrong.
fn try_case(case: Case, time: Duration) -> Vec<String> {
    let rows = case.rows();
    let world = referee::world_for(&rows);
    let aim = Aim {
        case,
        target: rows[case.target()].key(),
        before: case.target().checked_sub(1).map(|it| rows[it].key()),
        time,
        hit: Arc::default(),
    };
    let hit = Arc::clone(&aim.hit);
    let switch = Switch::start(world.clone(), move |number, call| aim.deal(number, call));
    let work = Workdir::with("a.csv", referee::csv_of(&rows));
    if case.fault == Fault::Refused && case.hits_the_run() {
        switch.shut(time);
    }
    let ended = referee::finish(&work, &mut referee::command(&work, &switch.url, &case.line(time)));
    let reported = referee::report(&work, "a.report.csv");
    let arrivals = switch.ledger.arrivals();
    let hit = *hit.lock().unwrap();
    let Some(hit) = hit else { return vec![format!("nothing was hit: {ended:?}")] };
    let on_row = arrivals[hit].call.is_of_row();

    let mut wrong = referee::untruths(&rows, &world, &reported, &switch.ledger);
    let expected = case.expected(&rows, on_row);
    let target = &rows[case.target()];
    let found = Expected {
        exit: ended.code.unwrap_or(-1),
        statuses: expected_words(&reported),
        calls: calls_of(target, &arrivals),
    };
    if found != expected {
        wrong.push(format!("expected {expected:?}\n       found {found:?}"));
    }
    wrong.extend(wrong_calls(case, &rows, hit, &arrivals));
    if case.fault == Fault::Refused && on_row && reported.iter().all(|it| it.attempts < 2) {
        wrong.push("no connection was refused".to_owned());
    }
    if !wrong.is_empty() {
        wrong.push(switch.ledger.story());
        wrong.push(ended.stderr);
    }
    wrong
}

/// Statuses in words that live as long as the expected ones; what nobody expects is `?`.
fn expected_words(reported: &[Reported]) -> Vec<&'static str> {
    const WORDS: [&str; 9] = [
        "created", "updated", "accepted", "rejected", "failed", "in_doubt", "conflict", "skipped",
        "not_sent",
    ];
    let word = |it: &Reported| WORDS.into_iter().find(|word| *word == it.status).unwrap_or("?");
    reported.iter().map(word).collect()
}

/// Creates, updates, rehearsals and look-ups of a row.
fn calls_of(row: &Row, arrivals: &[Arrival]) -> [usize; 4] {
    let count = |is_so: &dyn Fn(&Call) -> bool| {
        arrivals.iter().filter(|it| it.call.key() == row.key() && is_so(&it.call)).count()
    };
    [
        count(&|it| it.is_mutating() && it.function == "create"),
        count(&|it| it.is_mutating() && it.function == "update"),
        count(&|it| it.is_of_row() && it.is_rehearsal),
        count(&|it| it.function == "get"),
    ]
}

/// Calls that should not have come, or not as they came.
fn wrong_calls(case: Case, rows: &[Row], hit: usize, arrivals: &[Arrival]) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_used = arrivals[hit].before_on_connection > 0;
    if is_used != (case.connection == Connection::Reused) && case.fault != Fault::Refused {
        wrong.push(format!("the call that was hit came over a used connection: {is_used}"));
    }
    let beside = case.concurrency() - 1;
    if case.fault.effect() == Effect::Astray && arrivals.len() > hit + 1 + beside {
        wrong.push(format!("{} calls came after the redirect", arrivals.len() - hit - 1));
    }
    for (place, row) in rows.iter().enumerate().filter(|it| it.0 != case.target()) {
        let calls: usize = calls_of(row, arrivals).iter().sum();
        if calls > 1 {
            wrong.push(format!("row {} was not hit and has {calls} calls", place + 1));
        }
    }
    wrong
}

/// Runs a case; where it hangs on the speed of this machine, again with more time.
fn run_case(case: Case) -> Option<String> {
    let (first, factor) = (Duration::from_millis(300), 5);
    let hangs_on_speed = case.fault.takes_all_time() || case.fault == Fault::Refused;
    let tries = if hangs_on_speed { TRIES_MAX } else { 1 };
    let mut wrong = Vec::new();
    for number in 0..tries {
        let first =
            if case.fault == Fault::Refused && !case.hits_the_run() { first / 5 } else { first };
        wrong = try_case(case, first * u32::pow(factor, number));
        if wrong.is_empty() {
            return None;
        }
    }
    let name = case.name();
    Some(format!(
        "{name}\n    {}\n    again: BOXLIFT_MATRIX='{name}' cargo test --test suite matrix\n",
        wrong.join("\n    ")
    ))
}

#[test]
fn there_are_at_least_396_cases_and_each_has_a_name_of_its_own() {
    let mut names: Vec<_> = cases().into_iter().map(Case::name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), cases().len());
    assert!(names.len() >= 396, "{}", names.len());
}

#[test]
fn every_fault_in_the_matrix_ends_as_it_should_and_is_told_as_it_was() {
    let words = options::variable("BOXLIFT_MATRIX").unwrap_or_default();
    let mut cases = cases();
    cases.retain(|it| it.name().contains(&words));
    let total = cases.len();
    let (cases, failed) = (Mutex::new(cases), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some(case) = cases.lock().unwrap().pop() else { break };
                    let wrong = run_case(case);
                    failed.lock().unwrap().extend(wrong);
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {total} cases:\n{}", failed.len(), failed.join("\n"));
}
