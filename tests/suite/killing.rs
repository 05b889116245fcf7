//! Jobs that are killed and resumed: how it is done, and what must be true of each of them at its end.
//!
//! The moment of a kill is decided by the switch's ledger, not by a clock: so many calls have come, and those that
//! came since are held back. A few kills come at any moment, the start included.

use std::collections::BTreeSet;
use std::fs;
use std::process::Child;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use rusqlite::Connection;

use super::chaos::Fault;
use super::ledger::State;
use super::model::Deal;
use super::model::Switch;
use super::options;
use super::referee;
use super::referee::Row;
use super::support::Workdir;
use super::world::Act;
use super::world::World;

/// Jobs that are under way at the same time.
const THREADS: u64 = 2;

/// Rows of a job.
const ROWS: usize = 240;

/// Calls that come between two kills, at the most.
const CALLS_MAX: u64 = 24;

/// One kill in so many comes at any moment.
const BLIND: u64 = 12;

/// Longest wait for a call that should come, or for the program to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// From the start to a kill that comes at any moment.
const BLIND_MS_MAX: u64 = 150;

/// Most kills that a job is put to before it may end in peace.
const KILLS_OF_JOB_MAX: u64 = 60;

/// What was done in all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub kills: u64,
    /// Kills while the switch had calls that it had not answered.
    pub in_flight: u64,
    /// Results that were durable before the last kill of their job.
    pub durable: u64,
    pub jobs: u64,
}

/// From which call on calls are held back; shared with the switch.
type HoldFrom = Arc<AtomicU64>;

/// Kills so often in all, over as many jobs as it takes; panics with the seed if anything is not as it must be.
pub(super) fn kill(kills: u64, seed: u64) -> Tally {
    let tally = Mutex::new(Tally::default());
    let next_job = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while tally.lock().unwrap().kills < kills {
                    let seed = seed.wrapping_add(next_job.fetch_add(1, Ordering::SeqCst));
                    let done = Job::new(seed).run();
                    let mut tally = tally.lock().unwrap();
                    tally.kills += done.kills;
                    tally.in_flight += done.in_flight;
                    tally.durable += done.durable;
                    tally.jobs += 1;
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

/// One input, applied under kills.
struct Job {
    seed: u64,
    random: Rng,
    rows: Vec<Row>,
    before: World,
    work: Workdir,
    switch: Switch,
    hold_from: HoldFrom,
    tally: Tally,
    /// A second start that does not say what to do was tried.
    was_refused: bool,
}

/// Mostly creates, updates of what is there, and updates of what the file makes.
fn rows(random: &mut Rng) -> Vec<Row> {
    let mut rows = Vec::new();
    for number in 1..=ROWS {
        let row = match random.u8(0..10) {
            0..=1 => Row::new("update", number),
            2 if number > 10 => {
                let earlier: &Row = &rows[random.usize(0..number - 1)];
                Row::of_mailbox("update", number, earlier.mailbox.parse().unwrap())
            }
            _ => Row::new("create", number),
        };
        rows.push(row);
    }
    rows
}

impl Job {
    fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let rows = rows(&mut random);
        let before = referee::world_for(&rows);
        let hold_from = HoldFrom::new(AtomicU64::new(u64::MAX));
        let held = Arc::clone(&hold_from);
        let coins = Mutex::new(random.fork());
        let switch = Switch::start(before.clone(), move |number, _| {
            if (number as u64) < held.load(Ordering::SeqCst) {
                return Deal::FAIR;
            }
            // Whoever is killed now does not know whether it was done.
            let act = if coins.lock().unwrap().bool() { Act::CarryOut } else { Act::JudgeOnly };
            Deal { fault: Fault::Hang, act, ..Deal::FAIR }
        });
        let work = Workdir::with("a.csv", referee::csv_of(&rows));
        Self {
            seed,
            random,
            rows,
            before,
            work,
            switch,
            hold_from,
            tally: Tally::default(),
            was_refused: false,
        }
    }

    fn run(mut self) -> Tally {
        let mut known: Vec<(usize, BTreeSet<usize>)> = Vec::new();
        while self.tally.kills < KILLS_OF_JOB_MAX && self.start_and_kill() {
            let arrived = self.switch.ledger.lock().arrivals.len();
            let durable = self.durable_rows();
            // A list alone leaves nothing that anybody would have to go on with.
            let has_begun = self.switch.ledger.arrivals().iter().any(|it| it.call.is_mutating());
            if has_begun && !self.was_refused {
                self.a_second_start_is_refused(arrived);
            }
            known.push((arrived, durable));
        }
        self.hold_from.store(u64::MAX, Ordering::SeqCst);
        let ended = referee::finish(&self.work, &mut self.command(&self.line()));
        let mut wrong = Vec::new();
        if ended.code != Some(0) {
            wrong.push(format!("it ended with {:?}", ended.code));
        }
        wrong.extend(self.wrong_at_the_end(&known));
        let Self { seed, tally, .. } = self;
        let wrong = wrong.join("\n  ");
        assert!(
            wrong.is_empty(),
            "after {tally:?}:\n  {wrong}\n{}\nagain: BOXLIFT_SEED={seed} BOXLIFT_KILLS=1 cargo test --test suite kills",
            ended.stderr
        );
        let durable = known.last().map_or(0, |(_, rows)| rows.len() as u64);
        Tally { durable, ..tally }
    }

    fn command(&self, line: &str) -> std::process::Command {
        referee::command(&self.work, &self.switch.url, line)
    }

    /// The command that starts the job or goes on with it.
    fn line(&self) -> String {
        let resume = if self.work.path("a.boxlift").exists() { "--resume" } else { "" };
        format!("apply a.csv {} --settle 0s --concurrency 4 {resume}", options::FAST)
    }

    /// Starts the program and kills it; `false` if it ended before.
    fn start_and_kill(&mut self) -> bool {
        let ledger = Arc::clone(&self.switch.ledger);
        let is_blind = self.random.u64(0..BLIND) == 0;
        let arrived = ledger.lock().arrivals.len() as u64;
        let hold_from = arrived + self.random.u64(0..CALLS_MAX);
        self.hold_from.store(if is_blind { u64::MAX } else { hold_from }, Ordering::SeqCst);
        let mut command = self.command(&self.line());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if is_blind {
            thread::park_timeout(Duration::from_millis(self.random.u64(0..BLIND_MS_MAX)));
        } else if !wait_for_calls_in_flight(&mut child, &self.switch, hold_from) {
            return false;
        }
        let in_flight = ledger.lock().open() > 0;
        child.kill().unwrap();
        if child.wait().unwrap().code().is_some() {
            // It had come to its end by itself.
            return false;
        }
        self.tally.kills += 1;
        self.tally.in_flight += u64::from(in_flight);
        // The dead program's connections are closed; the switch has to see it before it is called again.
        assert!(self.switch.wait_for_silence(PATIENCE), "seed {}", self.seed);
        true
    }

    /// Rows with a result that outlives a kill, read in a copy, since opening a journal may change it.
    fn durable_rows(&self) -> BTreeSet<usize> {
        let copy = Workdir::new();
        for name in self.work.files() {
            if name.starts_with("a.boxlift") {
                fs::copy(self.work.path(&name), copy.path(&name)).unwrap();
            }
        }
        if copy.files().is_empty() {
            return BTreeSet::new();
        }
        let journal = Connection::open(copy.path("a.boxlift")).unwrap();
        // A journal that was killed before it was laid out holds nothing.
        let Ok(mut rows) = journal.prepare(options::DURABLE_ROWS) else { return BTreeSet::new() };
        let rows = rows.query_map([], |it| it.get::<_, i64>(0)).unwrap();
        rows.map(|it| usize::try_from(it.unwrap()).unwrap()).collect()
    }

    /// Without a word about what to do with the unfinished run, nothing is done.
    fn a_second_start_is_refused(&mut self, arrived: usize) {
        self.was_refused = true;
        self.hold_from.store(u64::MAX, Ordering::SeqCst);
        let line = self.line().replace("--resume", "");
        let ended = referee::finish(&self.work, &mut self.command(&line));
        let seed = self.seed;
        assert_eq!(ended.code, Some(75), "seed {seed}: {ended:?}");
        for way in ["--resume", "--restart"] {
            assert!(ended.stderr.contains(way), "seed {seed}: {ended:?}");
        }
        assert_eq!(self.switch.ledger.lock().arrivals.len(), arrived, "seed {seed}: {ended:?}");
    }

    /// `known`: after each kill, how many calls had come and which rows had a durable result.
    fn wrong_at_the_end(&self, known: &[(usize, BTreeSet<usize>)]) -> Vec<String> {
        let ledger = &self.switch.ledger;
        let reported = referee::report(&self.work, "a.report.csv");
        let mut wrong = referee::untruths(&self.rows, &self.before, &reported, ledger);
        wrong.extend(referee::creates_of_what_exists(ledger));
        let not_done =
            reported.iter().filter(|it| it.status != "created" && it.status != "updated");
        wrong.extend(not_done.map(|it| format!("row {} is {}: {}", it.row, it.status, it.message)));
        let arrivals = ledger.arrivals();
        for (arrived, durable) in known {
            for row in durable.iter().map(|it| &self.rows[*it - 1]) {
                let later = arrivals.iter().skip(*arrived);
                let again = later.filter(|it| it.call.is_mutating() && row.owns(&it.call)).count();
                if again > 0 {
                    wrong.push(format!("{:?} was known, and {again} calls followed", row.key()));
                }
            }
        }
        for (earlier, later) in known.iter().zip(known.iter().skip(1)) {
            if !earlier.1.is_subset(&later.1) {
                wrong.push("results that were durable are gone".to_owned());
            }
        }
        wrong
    }
}

/// Waits until a call is held back; `false` if the program ended before.
fn wait_for_calls_in_flight(child: &mut Child, switch: &Switch, hold_from: u64) -> bool {
    const LOOK_AGAIN: Duration = Duration::from_millis(20);
    let is_held = |it: &State| it.arrivals.len() as u64 > hold_from && it.open() > 0;
    let looks_max = PATIENCE.as_millis() / LOOK_AGAIN.as_millis();
    for _ in 0..looks_max {
        if switch.ledger.wait(LOOK_AGAIN, is_held) {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
    }
    panic!("the program neither called nor ended");
}
