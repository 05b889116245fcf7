//! Holds a report against the ledger of the switch: what it says must be true, of every row, once, in order.
//!
//! Knows nothing of how the program comes to its results. Gives back complaints, one a line; none is good.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::ledger::Arrival;
use super::ledger::Ledger;
use super::support::Ended;
use super::support::Workdir;
use super::world::Call;
use super::world::Fields;
use super::world::HOME;
use super::world::Key;
use super::world::PASSWORD;
use super::world::USERNAME;
use super::world::World;

/// Longest time that the program may take; what goes on after that never ends.
const PATIENCE: Duration = Duration::from_secs(120);

/// Between two looks at a program that runs.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// A row of an input; PINs are all different, so that a call tells whose it is.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub action: &'static str,
    pub customer: Option<u32>,
    pub mailbox: String,
    pub pin: String,
    pub description: String,
}

impl Row {
    /// The nth row of a file, for a mailbox that is numbered after it.
    pub(super) fn new(action: &'static str, number: usize) -> Self {
        Self::of_mailbox(action, number, 20_000 + number)
    }

    /// The nth row of a file, for that mailbox.
    pub(super) fn of_mailbox(action: &'static str, number: usize, mailbox: usize) -> Self {
        // A prime keeps the PINs apart and out of every order that a rule could dislike.
        let pin = (number * 611_953 + 271_828) % 1_000_003;
        Self {
            action,
            customer: None,
            mailbox: mailbox.to_string(),
            pin: format!("7{pin:07}"),
            description: format!("Müller & Söhne; {number} + 1 = 100 %"),
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.customer.unwrap_or(HOME), self.mailbox.clone())
    }

    /// Whether a create or update is this row's.
    pub(super) fn owns(&self, call: &Call) -> bool {
        call.is_of_row() && call.key() == self.key() && call.fields.get("pin") == Some(&self.pin)
    }

    fn fields(&self) -> Fields {
        let pairs =
            [("mailbox", &self.mailbox), ("pin", &self.pin), ("description", &self.description)];
        pairs.map(|(name, value)| (name.to_owned(), value.clone())).into()
    }
}

/// Rows as a file.
pub(super) fn csv_of(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let Row { action, customer, mailbox, pin, description } = row;
        let customer = customer.map_or(String::new(), |it| it.to_string());
        format!("{action},{customer},{mailbox},{pin},\"{description}\"\n")
    };
    "action,customer,mailbox,pin,description\n".to_owned()
        + &rows.iter().map(line).collect::<String>()
}

/// A world in which the mailboxes of all updates exist that no row makes.
pub(super) fn world_for(rows: &[Row]) -> World {
    let mut world = World::default();
    for row in rows.iter().filter(|it| it.action == "update") {
        if !rows.iter().any(|it| it.action == "create" && it.key() == row.key()) {
            let before = Row { pin: "9".into(), description: "before".into(), ..row.clone() };
            world.mailboxes.insert(row.key(), before.fields());
        }
    }
    world
}

/// The program, not yet started, against that switch.
pub(super) fn command(work: &Workdir, url: &str, line: &str) -> Command {
    let mut command = work.command(line);
    command.args(["--url", url, "--username", USERNAME]).env("BOXLIFT_PASSWORD", PASSWORD);
    command
}

/// Runs the program to its end, which must come.
pub(super) fn finish(work: &Workdir, command: &mut Command) -> Ended {
    let file = |name: &str| fs::File::create(work.path(name)).unwrap();
    let mut child = command.stdout(file("out.txt")).stderr(file("err.txt")).spawn().unwrap();
    let looks_max = PATIENCE.as_millis() / LOOK_AGAIN.as_millis();
    let ends = (0..looks_max).find_map(|_| {
        thread::park_timeout(LOOK_AGAIN);
        child.try_wait().unwrap()
    });
    if ends.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // What never ends has no code, as what was killed by somebody else.
    let code = ends.and_then(|it| it.code());
    Ended { code, stdout: work.read("out.txt"), stderr: work.read("err.txt") }
}

/// A row of a report.
#[derive(Clone, Debug)]
pub(super) struct Reported {
    pub row: String,
    pub mailbox: String,
    pub status: String,
    pub message: String,
    pub attempts: u32,
}

/// A report, row by row; nothing where there is none.
pub(super) fn report(work: &Workdir, name: &str) -> Vec<Reported> {
    let Ok(mut reader) = csv::Reader::from_path(work.path(name)) else { return Vec::new() };
    let reported = |cells: csv::StringRecord| Reported {
        row: cells[0].to_owned(),
        mailbox: cells[4].to_owned(),
        status: cells[5].to_owned(),
        message: cells[8].to_owned(),
        attempts: cells[9].parse().unwrap_or_default(),
    };
    reader.records().map(|it| reported(it.unwrap())).collect()
}

/// How many rows have which status.
pub(super) fn counts(reported: &[Reported]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in reported {
        *counts.entry(row.status.clone()).or_default() += 1;
    }
    counts
}

/// Everything in which a report is wrong. `before` is the world as it was.
pub(super) fn untruths(
    rows: &[Row],
    before: &World,
    reported: &[Reported],
    ledger: &Ledger,
) -> Vec<String> {
    let mut wrong = Vec::new();
    if reported.len() != rows.len() {
        wrong.push(format!("{} rows, {} in the report", rows.len(), reported.len()));
    }
    let arrivals = ledger.arrivals();
    let mut calls: BTreeMap<Key, Vec<&Arrival>> = BTreeMap::new();
    for arrival in arrivals.iter().filter(|it| it.call.is_of_row()) {
        calls.entry(arrival.call.key()).or_default().push(arrival);
    }
    for (place, (row, reported)) in rows.iter().zip(reported).enumerate() {
        if reported.row != (place + 1).to_string() || reported.mailbox != row.mailbox {
            wrong.push(format!("row {} stands where {} should", reported.row, place + 1));
        }
        let calls = calls.get(&row.key()).map_or(&[][..], Vec::as_slice);
        let done = calls.iter().any(|it| it.carried_out && row.owns(&it.call));
        if let Some(lie) = lie(row, &reported.status, done) {
            let Reported { row, status, message, .. } = reported;
            wrong.push(format!("row {row} is {status} ({message}), and {lie}"));
        }
    }
    wrong.extend(wrong_mailboxes(rows, before, reported, ledger));
    wrong.extend(ledger.overlaps());
    let strange = arrivals.iter().filter(|it| it.call.function.contains('/'));
    wrong.extend(strange.map(|it| format!("a call of {}", it.call.function)));
    wrong
}

/// What is wrong about a row, by whether a call of it was carried out.
fn lie(row: &Row, status: &str, done: bool) -> Option<&'static str> {
    match status {
        "created" if row.action != "create" => Some("it is an update"),
        "updated" if row.action != "update" => Some("it is a create"),
        "created" | "updated" if !done => Some("no call of it was carried out"),
        "created" | "updated" | "in_doubt" => None,
        _ if done => Some("a call of it was carried out"),
        _ => None,
    }
}

/// Mailboxes that are not what the rows that are done make of them, one after the other.
fn wrong_mailboxes(
    rows: &[Row],
    before: &World,
    reported: &[Reported],
    ledger: &Ledger,
) -> Vec<String> {
    let mut expected: BTreeMap<Key, Option<Fields>> =
        before.mailboxes.iter().map(|(key, fields)| (key.clone(), Some(fields.clone()))).collect();
    let mut in_doubt = Vec::new();
    for (row, Reported { status, .. }) in rows.iter().zip(reported) {
        let mailbox = expected.entry(row.key()).or_default();
        match status.as_str() {
            "created" | "updated" => mailbox.get_or_insert_default().extend(row.fields()),
            "in_doubt" => in_doubt.push(row.key()),
            _ => {}
        }
    }
    let after = ledger.lock().world.mailboxes.clone();
    let strangers = after.keys().filter(|it| !expected.contains_key(it));
    let mut wrong: Vec<_> = strangers.map(|it| format!("nobody asked for {it:?}")).collect();
    for (key, expected) in expected.iter().filter(|it| !in_doubt.contains(it.0)) {
        let found = after.get(key);
        if found != expected.as_ref() {
            wrong.push(format!("{key:?} is {found:?} and should be {expected:?}"));
        }
    }
    wrong
}

/// Creates that came for a mailbox which was there already.
pub(super) fn creates_of_what_exists(ledger: &Ledger) -> Vec<String> {
    let arrivals = ledger.arrivals().into_iter().enumerate();
    let again = arrivals
        .filter(|(_, it)| it.found && it.call.is_mutating() && it.call.function == "create");
    again.map(|(number, it)| format!("call {number} creates {:?} again", it.call.key())).collect()
}
