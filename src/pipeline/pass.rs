//! One pass over a plan: every task sent to the switch, to be rehearsed or for real.

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use crate::check;
use crate::input::Records;
use crate::model::Call;
use crate::model::Kind;
use crate::model::Notice;
use crate::model::Outcome;
use crate::model::Plan;
use crate::model::Reply;
use crate::model::Task;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::resources::mailbox;
use crate::run;
use crate::run::Core;
use crate::run::Interrupt;
use crate::run::Left;
use crate::run::Observer;
use crate::run::Pace;
use crate::run::Stop;
use crate::run::Switch;
use crate::run::Unreadable;
use crate::switch::Client;

/// What passes share: the switch, the timetable, who is told.
pub struct Tools<'t> {
    /// The switch.
    pub client: &'t Client,
    /// When calls may leave; goes on from pass to pass.
    pub pace: Pace,
    /// The moment from which the timetable counts.
    pub start: Instant,
    /// Most calls at the same time.
    pub concurrency: usize,
    /// Decides about waits that vary.
    pub seed: u64,
    /// Who is told.
    pub watch: &'t mut dyn FnMut(&Notice<'_>),
    /// Whence interruptions come.
    pub interrupts: &'t mut Receiver<Interrupt>,
    /// The time of day in milliseconds since 1970 UTC.
    pub wall_ms: fn() -> i64,
}

/// How a pass ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pass {
    /// Why it stopped early, if it did.
    pub stop: Option<Stop>,
    /// What the switch, or the way to it, said last before that.
    pub why: Option<String>,
    /// Every task was done, or found acceptable.
    pub all_done: bool,
}

/// Sends every task of a plan and puts its result in its place.
pub async fn pass(
    batch: &Batch,
    plan: Plan,
    kind: Kind,
    results: &mut Results,
    tools: &mut Tools<'_>,
) -> Pass {
    let tasks = plan.tasks.len();
    (tools.watch)(&Notice::Began { kind, rows: tasks as u64 });
    let settings = run::Settings { kind, concurrency: tools.concurrency, seed: tools.seed };
    let mut records = batch.input.records();
    let mut ledger = Ledger {
        results,
        watch: &mut *tools.watch,
        began: Instant::now(),
        done: 0,
        last_trouble: None,
    };
    let shell = run::Tools {
        switch: &Remote(tools.client),
        call_of: &mut |task| call_of(batch, &mut records, task, kind),
        observer: &mut ledger,
        interrupts: &mut *tools.interrupts,
        start: tools.start,
        wall_ms: tools.wall_ms,
    };
    let stop = run::run(Core::new(plan, settings, &mut tools.pace), shell).await.stop();
    let all_done = ledger.done == tasks;
    let why = ledger.last_trouble.filter(|_| stop.is_some_and(Stop::is_the_switchs));
    (tools.watch)(&Notice::Ended);
    Pass { stop, why, all_done }
}

/// Reads a task's row again and makes its call.
fn call_of(
    batch: &Batch,
    records: &mut Records,
    task: &Task,
    kind: Kind,
) -> Result<Call, Unreadable> {
    let span = batch.checked.sheet.row(task.row).span;
    let made = records.read(span, |row| {
        let reading = check::read(&row, &batch.rules, &mut Vec::new());
        mailbox::call(&reading, task.action, kind)
    });
    made.map_err(|_| Unreadable)
}

/// The client, as the run wants it.
struct Remote<'c>(&'c Client);

impl Switch for Remote<'_> {
    async fn send(&self, call: Call, left: Left) -> Reply {
        self.0.send(&call, left).await
    }
}

/// Keeps the results of a pass and tells the watcher.
struct Ledger<'l> {
    results: &'l mut Results,
    watch: &'l mut dyn FnMut(&Notice<'_>),
    began: Instant,
    done: usize,
    last_trouble: Option<String>,
}

impl Observer for Ledger<'_> {
    fn replied(&mut self, reply: &Reply) {
        if !reply.is_good() {
            self.last_trouble = Some(reply.answer.message.clone()).filter(|it| !it.is_empty());
        }
        (self.watch)(&Notice::Replied(reply));
    }

    fn settled(&mut self, task: &Task, outcome: Outcome) {
        let status = outcome.status;
        self.done += usize::from(status.is_done());
        self.results.set(task.row, outcome);
        let at: Duration = self.began.elapsed();
        (self.watch)(&Notice::Settled { status, at });
    }

    fn stopping(&mut self) {
        (self.watch)(&Notice::Stopping);
    }

    fn breaking_off(&mut self) {
        (self.watch)(&Notice::BreakingOff);
    }
}
