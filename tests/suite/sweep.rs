//! Every single operation on an output file fails once, in turn and in every way, and a referee looks at what is left.
//!
//! A library that is loaded before the program carries the faults out (`tests/shim`); the program knows nothing of it.
//! `BOXLIFT_SWEEP=lose@37` runs one case, `BOXLIFT_SWEEP=lose` one kind, `BOXLIFT_SWEEP_ROWS=50` a longer job.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;

use super::accounts::Accounts;
use super::accounts::World;
use super::support::Ended;
use super::support::Workdir;
use super::support::project;
use super::support::skipped;

/// The run that meets the fault.
const RUN: &str = "apply a.csv --rate 100000/s --settle 0s";

/// The run that goes on where that one stopped; none as long as the program keeps no journal.
const RESUME: Option<&str> = Some("apply a.csv --rate 100000/s --settle 0s --resume");

/// Rows of the job: so few that all cases of all kinds fit into a minute.
const ROWS_DEFAULT: usize = 12;

/// One row in so many is an update.
const UPDATE_EVERY: usize = 4;

/// What happens to an operation.
const KINDS: [&str; 7] = ["eio", "enospc", "eio-always", "enospc-always", "short", "crash", "lose"];

/// A kind is through once so many cases in a row found no operation: runs do not all have the same number.
const MISSES_MAX: usize = 4;

/// More operations than any job of this test has.
const OPERATIONS_MAX: usize = 20_000;

/// Complaints that are told one by one.
const COMPLAINTS_MAX: usize = 40;

/// Longest time for one run.
const PATIENCE: Duration = Duration::from_secs(60);

/// What stands at the report's place before the first run.
const OLD_REPORT: &str = "of an earlier run\n";

/// Exit code of a run that the shim ended.
const CRASHED: i32 = 137;

/// The job, as the referee knows it.
struct Job {
    rows: Vec<Row>,
}

struct Row {
    mailbox: String,
    is_update: bool,
}

impl Job {
    fn new(rows: usize) -> Self {
        let row = |it: usize| Row {
            mailbox: (10_000 + it).to_string(),
            is_update: it % UPDATE_EVERY == 1,
        };
        Self { rows: (0..rows).map(row).collect() }
    }

    fn csv(&self) -> String {
        let mut text = "mailbox,pin,action,description\n".to_owned();
        for (place, Row { mailbox, is_update }) in self.rows.iter().enumerate() {
            let cells = if *is_update {
                format!(",update,seat {place}")
            } else {
                format!("48{:04},create,seat {place}", (place * 7919 + 13) % 10_000)
            };
            writeln!(text, "{mailbox},{cells}").unwrap();
        }
        text
    }

    /// The world before the job: what it updates is there.
    fn world(&self) -> World {
        World::with(self.rows.iter().filter(|it| it.is_update).map(|it| it.mailbox.as_str()))
    }
}

/// The folders of one case: only what lies in `job` counts.
struct Case<'c> {
    job: &'c Job,
    accounts: &'c Accounts,
    work: Workdir,
}

/// Which operation meets which fate.
#[derive(Clone, Copy)]
struct Fault<'f> {
    shim: &'f Path,
    kind: &'static str,
    at: usize,
}

impl<'c> Case<'c> {
    fn new(job: &'c Job, accounts: &'c Accounts) -> Self {
        let work = Workdir::in_memory();
        for name in ["job", "tmp"] {
            fs::create_dir(work.path(name)).unwrap();
        }
        work.write("job/a.csv", job.csv());
        work.write("job/a.report.csv", OLD_REPORT);
        fs::set_permissions(work.path("job/a.report.csv"), PermissionsExt::from_mode(0o600))
            .unwrap();
        *accounts.world() = job.world();
        Self { job, accounts, work }
    }

    fn run(&self, line: &str, fault: Option<Fault<'_>>) -> Ended {
        let mut command = self.work.command(line);
        command.args(["--url", &self.accounts.server.url, "--username", "admin"]);
        command.current_dir(self.work.path("job"));
        command.env("BOXLIFT_PASSWORD", "s3cr3t-canary").env("TMPDIR", self.work.path("tmp"));
        if let Some(Fault { shim, kind, at }) = fault {
            let folder = self.work.path("job").canonicalize().unwrap();
            command.env("LD_PRELOAD", shim).env("SHIM_DIR", folder);
            command.env("SHIM_LOG", self.work.path("shim.log"));
            command.env("SHIM_KIND", kind).env("SHIM_AT", at.to_string());
        }
        let output = |name: &str| File::create(self.work.path(name)).unwrap();
        let mut child = command.stdout(Stdio::null()).stderr(output("stderr")).spawn().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's bound on its own patience")]
        let began = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > PATIENCE {
                child.kill().unwrap();
            }
            thread::park_timeout(Duration::from_millis(1));
        };
        self.accounts.server.settle();
        let stderr = self.work.read("stderr");
        Ended { code: status.code(), stdout: String::new(), stderr }
    }

    /// The counted operations of the run with the shim; nothing if the shim could not work.
    fn operations(&self) -> Option<Vec<String>> {
        let log = fs::read_to_string(self.work.path("shim.log")).ok()?;
        let mut lines = log.lines().map(str::to_owned);
        (lines.next()? == "ready").then(|| lines.collect())
    }

    /// Mailboxes with a result in the journal, read in a copy, since opening one may change it.
    fn durable(&self) -> BTreeSet<String> {
        let copy = Workdir::new();
        for entry in fs::read_dir(self.work.path("job")).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("a.boxlift") {
                fs::copy(entry.path(), copy.path(&name)).unwrap();
            }
        }
        let sql = "SELECT w.mailbox FROM result AS r JOIN row AS w USING (id)
                   WHERE r.job = (SELECT max(id) FROM job)";
        let Ok(journal) = Connection::open(copy.path("a.boxlift")) else { return BTreeSet::new() };
        // A journal that was broken off before it was laid out holds nothing.
        let Ok(mut rows) = journal.prepare(sql) else { return BTreeSet::new() };
        let rows = rows.query_map([], |it| it.get(0)).unwrap();
        rows.map(|it| it.unwrap()).collect()
    }

    /// Names of private files.
    fn parts(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.work.path("job")).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        names.filter(|it| it.contains(".part")).collect()
    }

    /// The statuses of the rows in a report that is whole, or why it is not.
    fn statuses(&self, name: &str) -> Result<Vec<String>, String> {
        let text = fs::read_to_string(self.work.path(name)).map_err(|error| error.to_string())?;
        if !text.ends_with('\n') {
            return Err("it ends within a line".to_owned());
        }
        let mut statuses = Vec::new();
        for (place, record) in csv::Reader::from_reader(text.as_bytes()).records().enumerate() {
            let record = record.map_err(|error| error.to_string())?;
            let row = self.job.rows.get(place).ok_or("it has too many records")?;
            if record[0] != (place + 1).to_string() || record[4] != row.mailbox {
                return Err(format!("record {} is {record:?}", place + 1));
            }
            statuses.push(record[5].to_owned());
        }
        let all = self.job.rows.len();
        if statuses.len() == all {
            Ok(statuses)
        } else {
            Err(format!("{} of {all}", statuses.len()))
        }
    }
}

/// What a referee has to say against a run.
struct Referee<'r> {
    case: &'r Case<'r>,
    /// Once a run goes on: the mailboxes whose result the journal held before.
    durable: Option<BTreeSet<String>>,
    complaints: Vec<String>,
}

impl Referee<'_> {
    fn claim(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.complaints.push(otherwise());
        }
    }

    /// Looks at the run that met the fault on this operation.
    fn after_fault(&mut self, kind: &str, operation: &str, ended: &Ended) {
        let was_ended = kind == "crash" || kind == "lose";
        let code = ended.code;
        let expected: &[i32] = match kind {
            _ if was_ended => &[CRASHED],
            "short" => &[0],
            _ => &[0, 74],
        };
        self.claim(code.is_some_and(|it| expected.contains(&it)), || {
            format!("exit {code:?}, not one of {expected:?}: {}", ended.stderr)
        });
        if code == Some(74) {
            let says = ended.stderr.contains("error: ") && ended.stderr.contains("help: ");
            let is_space = kind.starts_with("enospc");
            let says = says && (!is_space || ended.stderr.contains("make room"));
            self.claim(says, || format!("no clear text: {}", ended.stderr));
        }
        self.report(code == Some(0));
        let is_excused =
            was_ended && self.shows_a_name(operation) || operation.contains(" unlink ");
        self.files(&if is_excused { self.case.parts() } else { BTreeSet::new() });
        self.calls();
        if RESUME.is_none() && code == Some(74) {
            self.something_is_known();
        }
    }

    /// Whether a file that is not in its place yet has a name at an operation: while it takes its place, or wherever the
    /// file system has no files without one.
    fn shows_a_name(&self, operation: &str) -> bool {
        let takes_its_place =
            [".part", " rename ", " sync "].iter().any(|it| operation.contains(it));
        let operations = self.case.operations().unwrap_or_default();
        takes_its_place || operations.iter().any(|it| it.contains(" open .boxlift-"))
    }

    /// A report is the old one, or whole and true; the new one if the run says that all went well.
    fn report(&mut self, all_is_well: bool) {
        let case = self.case;
        let text = fs::read_to_string(case.work.path("job/a.report.csv"));
        if text.is_ok_and(|it| it == OLD_REPORT) {
            self.claim(!all_is_well, || "exit 0 without a report".to_owned());
            return;
        }
        match case.statuses("job/a.report.csv") {
            Ok(statuses) => self.is_true(&statuses, all_is_well),
            Err(why) => self.complaints.push(format!("the report is not whole: {why}")),
        }
    }

    /// What the report says is what the switch knows.
    fn is_true(&mut self, statuses: &[String], all_is_well: bool) {
        for (row, status) in self.case.job.rows.iter().zip(statuses) {
            let Row { mailbox, is_update } = row;
            let (exists, writes) = {
                let world = self.case.accounts.world();
                (world.mailboxes.contains_key(mailbox), world.writes(mailbox))
            };
            let agrees = match status.as_str() {
                "created" => !is_update && exists && writes > 0,
                "updated" => *is_update && writes > 0,
                "not_sent" => !all_is_well && writes == 0,
                "in_doubt" | "failed" => !all_is_well,
                _ => false,
            };
            self.claim(agrees, || format!("{mailbox} is `{status}` after {writes} writes"));
        }
    }

    /// No private file is left behind, and nobody else may read any.
    fn files(&mut self, excused: &BTreeSet<String>) {
        for name in self.case.parts().difference(excused) {
            self.complaints.push(format!("`{name}` was left behind"));
        }
        for entry in fs::read_dir(self.case.work.path("job")).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            let is_private = mode.trailing_zeros() >= 6 || name == "a.csv";
            self.claim(is_private, || format!("`{name}` has mode {mode:o}"));
        }
    }

    /// Nothing is sent that nobody asked for, and nothing twice unless somebody looked in between.
    fn calls(&mut self) {
        let asked: BTreeSet<_> = self.case.job.rows.iter().map(|it| &it.mailbox).collect();
        let mut complaints = Vec::new();
        let world = self.case.accounts.world();
        for mailbox in world.mailboxes.keys().filter(|it| !asked.contains(it)) {
            complaints.push(format!("{mailbox} was never asked for"));
        }
        // An update whose result the journal did not keep is sent again, once; a create is looked for.
        let is_open = |it: &Row| {
            let durable = self.durable.as_ref();
            it.is_update && durable.is_some_and(|durable| !durable.contains(&it.mailbox))
        };
        let may_be_again = |told: &String| {
            let mut mine = self.case.job.rows.iter().filter(|it| told.starts_with(&it.mailbox));
            mine.any(|it| is_open(it) && world.writes(&it.mailbox) == 2)
        };
        complaints.extend(world.blind_writes().into_iter().filter(|it| !may_be_again(it)));
        drop(world);
        self.complaints.append(&mut complaints);
    }

    /// Without a journal, a run that wrote to the switch leaves a whole report somewhere.
    fn something_is_known(&mut self) {
        let case = self.case;
        let rescued = fs::read_dir(case.work.path("tmp")).unwrap().flatten();
        let mut places: Vec<_> =
            rescued.map(|it| format!("tmp/{}", it.file_name().display())).collect();
        places.push("job/a.report.csv".to_owned());
        let is_known = places.iter().any(|it| case.statuses(it).is_ok());
        let wrote = !case.accounts.world().calls.is_empty();
        self.claim(is_known || !wrote, || {
            "the switch was written to, and no report says so".into()
        });
    }

    /// Looks at the run that went on after the fault.
    fn after_resume(
        &mut self,
        ended: &Ended,
        sent_before: &[usize],
        parts_before: &BTreeSet<String>,
    ) {
        let case = self.case;
        let statuses = match case.statuses("job/a.report.csv") {
            Ok(statuses) => statuses,
            Err(why) => {
                let told = format!("no whole report after going on: {why}: {}", ended.stderr);
                return self.complaints.push(told);
            }
        };
        let mut in_doubt = 0;
        for ((place, row), status) in case.job.rows.iter().enumerate().zip(&statuses) {
            let Row { mailbox, is_update } = row;
            let wanted = if *is_update { "updated" } else { "created" };
            if status == "in_doubt" {
                in_doubt += 1;
                let was_sent = sent_before[place] > 0;
                self.claim(was_sent, || format!("{mailbox} is in doubt, and was never sent"));
                continue;
            }
            self.claim(status == wanted, || format!("{mailbox} is `{status}`, not `{wanted}`"));
            let held =
                case.accounts.world().mailboxes.get(mailbox).map(|it| it["description"].clone());
            let told = format!("seat {place}");
            let is_held = held.as_ref().is_some_and(|it| *it == told);
            self.claim(is_held, || format!("{mailbox} is {held:?} on the switch"));
        }
        let expected = i32::from(in_doubt > 0);
        self.claim(ended.code == Some(expected), || {
            format!("exit {:?} after going on, not {expected}: {}", ended.code, ended.stderr)
        });
        self.files(parts_before);
        self.calls();
    }
}

/// Runs one case. Nothing if no operation met the fault.
fn complaints(job: &Job, accounts: &Accounts, fault: Fault<'_>) -> Option<Vec<String>> {
    let case = Case::new(job, accounts);
    let ended = case.run(RUN, Some(fault));
    let operations = case.operations().unwrap();
    let operation = operations.get(fault.at - 1)?;
    let mut referee = Referee { case: &case, durable: None, complaints: Vec::new() };
    referee.after_fault(fault.kind, operation, &ended);
    if let Some(line) = RESUME {
        let sent_before: Vec<_> = {
            let world = accounts.world();
            job.rows.iter().map(|it| world.writes(&it.mailbox)).collect()
        };
        // What a run that was killed left behind nobody else can be blamed for.
        let parts_before = case.parts();
        referee.durable = Some(case.durable());
        let ended = case.run(line, None);
        referee.after_resume(&ended, &sent_before, &parts_before);
    }
    let Referee { case: _, durable: _, complaints } = referee;
    Some(complaints.into_iter().map(|it| format!("({operation}): {it}")).collect())
}

/// Cases that are still to be run, and what was found.
struct Sweep {
    /// The next operation and the misses in a row, of each kind that is not through.
    left: Vec<(&'static str, usize, usize)>,
    only: Option<usize>,
    cases: usize,
    failures: Vec<String>,
}

impl Sweep {
    /// The next case, each kind in its turn.
    fn next(&mut self) -> Option<(&'static str, usize)> {
        let at = self.left.iter().enumerate().min_by_key(|(_, it)| it.1)?.0;
        let (kind, next, _) = &mut self.left[at];
        let case = (*kind, *next);
        *next += 1;
        if self.only.is_some() || *next > OPERATIONS_MAX {
            self.left.remove(at);
        }
        Some(case)
    }

    fn note(&mut self, kind: &str, at: usize, complaints: Option<Vec<String>>) {
        let place = self.left.iter().position(|it| it.0 == kind);
        let Some(complaints) = complaints else {
            if let Some(place) = place {
                self.left[place].2 += 1;
                if self.left[place].2 >= MISSES_MAX {
                    self.left.remove(place);
                }
            }
            return;
        };
        self.cases += 1;
        if let Some(place) = place {
            self.left[place].2 = 0;
        }
        self.failures.extend(complaints.into_iter().map(|it| format!("{kind}@{at} {it}")));
    }
}

/// The shim as a library, or why there is none.
fn built(work: &Workdir) -> Result<PathBuf, String> {
    if !cfg!(target_os = "linux") {
        return Err("faults can be put under a program on Linux alone".to_owned());
    }
    let library = work.path("shim.so");
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library);
    let built = command.arg(project("tests/shim/shim.c")).output();
    let output = built.map_err(|error| format!("no C compiler: {error}"))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(library)
}

#[expect(clippy::disallowed_methods, reason = "a case is chosen by whoever replays it")]
fn wished(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn sweep_of(wish: Option<&str>) -> Sweep {
    let (kind, at) = wish.map_or((None, None), |it| match it.split_once('@') {
        Some((kind, at)) => (Some(kind), Some(at.parse().unwrap())),
        None => (Some(it), None),
    });
    let kinds = KINDS.into_iter().filter(|it| kind.is_none_or(|kind| kind == *it));
    let left: Vec<_> = kinds.map(|it| (it, at.unwrap_or(1), 0)).collect();
    assert!(!left.is_empty(), "no such kind of fault");
    Sweep { left, only: at, cases: 0, failures: Vec::new() }
}

#[test]
fn no_failing_file_operation_loses_a_result_or_writes_twice() {
    let tools = Workdir::new();
    let shim = match built(&tools) {
        Ok(shim) => shim,
        Err(why) => return skipped(&why),
    };
    let rows = wished("BOXLIFT_SWEEP_ROWS").map_or(ROWS_DEFAULT, |it| it.parse().unwrap());
    let job = Job::new(rows);
    let accounts = Accounts::start();
    let whole = Case::new(&job, &accounts);
    let ended = whole.run(RUN, Some(Fault { shim: &shim, kind: "none", at: 0 }));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let Some(operations) = whole.operations() else {
        return skipped("system calls cannot be trapped here");
    };
    assert!(operations.iter().any(|it| it.ends_with("rename a.report.csv")), "{operations:#?}");

    let sweep = Mutex::new(sweep_of(wished("BOXLIFT_SWEEP").as_deref()));
    thread::scope(|scope| {
        for _ in 0..2 * thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let accounts = Accounts::start();
                loop {
                    let next = sweep.lock().unwrap().next();
                    let Some((kind, at)) = next else { break };
                    let found = complaints(&job, &accounts, Fault { shim: &shim, kind, at });
                    sweep.lock().unwrap().note(kind, at, found);
                }
            });
        }
    });
    let Sweep { left: _, only, cases, mut failures } = sweep.into_inner().unwrap();
    failures.truncate(COMPLAINTS_MAX);
    let replay = "replay one with BOXLIFT_SWEEP=KIND@N cargo test --test suite no_failing_file";
    assert!(failures.is_empty(), "{}\n{replay}", failures.join("\n"));
    let all = if only.is_some() { 1 } else { operations.len() };
    assert!(cases >= all, "{cases} cases for {all} operations");
}
