//! A run against a switch that loses answers, is unavailable and resets connections, at random: how it is done, and
//! what must be true at its end.

use std::collections::BTreeMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Mutex;

use fastrand::Rng;

use super::chaos::Fault;
use super::model::Deal;
use super::model::Switch;
use super::options;
use super::referee;
use super::referee::Row;
use super::support::Workdir;
use super::world::Act;
use super::world::Call;

/// Of a hundred calls: carried out and not answered, turned away without a time, reset unread.
const LOST: u8 = 5;
const UNAVAILABLE: u8 = 2;
const RESET: u8 = 5;

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Lossy {
    pub rows: usize,
    pub calls: usize,
    pub statuses: BTreeMap<String, usize>,
    /// Everything that is not as it must be.
    pub wrong: Vec<String>,
}

/// Throws for every call by itself, so that threads that overtake each other change no throw.
struct Dice {
    seed: u64,
    thrown: Mutex<BTreeMap<(String, String), u64>>,
}

impl Dice {
    /// From 0 to 99.
    fn throw(&self, call: &Call) -> u8 {
        let mut thrown = self.thrown.lock().unwrap();
        let times = thrown.entry((call.mailbox().to_owned(), call.function.clone())).or_default();
        *times += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, call.mailbox(), &call.function, *times).hash(&mut hasher);
        Rng::with_seed(hasher.finish()).u8(0..100)
    }
}

/// Creates so many mailboxes there.
pub(super) fn lose(rows: usize, seed: u64) -> Lossy {
    let rows: Vec<_> = (1..=rows).map(|it| Row::new("create", it)).collect();
    let world = referee::world_for(&rows);
    let dice = Dice { seed, thrown: Mutex::default() };
    let switch = Switch::start(world.clone(), move |_, call| match dice.throw(call) {
        roll if roll < LOST => Deal { fault: Fault::Closed, ..Deal::FAIR },
        roll if roll < LOST + UNAVAILABLE => {
            Deal { fault: Fault::Unavailable503, act: Act::JudgeOnly, ..Deal::FAIR }
        }
        roll if roll < LOST + UNAVAILABLE + RESET => {
            Deal { fault: Fault::ResetUnread, act: Act::JudgeOnly, ..Deal::FAIR }
        }
        _ => Deal::FAIR,
    });
    let work = Workdir::with("a.csv", referee::csv_of(&rows));
    let line = format!("apply a.csv {} --concurrency 16 --settle 200ms", options::FAST);
    let ended = referee::finish(&work, &mut referee::command(&work, &switch.url, &line));
    let reported = referee::report(&work, "a.report.csv");
    let mut wrong = referee::untruths(&rows, &world, &reported, &switch.ledger);
    let legal = |status: &str| status == "created" || status == "in_doubt";
    let illegal = reported.iter().filter(|it| !legal(&it.status));
    wrong.extend(illegal.map(|it| format!("row {} is {}: {}", it.row, it.status, it.message)));
    let statuses = referee::counts(&reported);
    let exit = i32::from(statuses.contains_key("in_doubt"));
    if ended.code != Some(exit) {
        wrong.push(format!("it ended with {:?}: {}", ended.code, ended.stderr));
    }
    // A row in doubt may be done or not; if it is, it is done as the row says.
    for row in &rows {
        let pin = switch.ledger.mailbox(&row.key()).and_then(|it| it.get("pin").cloned());
        if pin.is_some_and(|it| it != row.pin) {
            wrong.push(format!("{:?} has the PIN of another row", row.key()));
        }
    }
    Lossy { rows: rows.len(), calls: switch.ledger.arrivals().len(), statuses, wrong }
}
