//! One pass over a plan: every task sent to the switch, to be rehearsed or for real.

use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use crate::model::Kind;
use crate::model::Notice;
use crate::model::Plan;
use crate::pipeline::Batch;
use crate::pipeline::Keeping;
use crate::pipeline::Results;
use crate::pipeline::desk::Counter;
use crate::pipeline::remote::Remote;
use crate::run;
use crate::run::Core;
use crate::run::Interrupt;
use crate::run::Pace;
use crate::run::Settings;
use crate::run::Stop;
use crate::switch::Client;

/// What passes share: the switch, the timetable, who is told.
pub struct Tools<'t> {
    /// The switch.
    pub client: &'t Client,
    /// When calls may leave; goes on from pass to pass.
    pub pace: Pace,
    /// The moment from which the timetable counts.
    pub start: Instant,
    /// How to go about a pass of that kind over so many rows.
    pub settings: &'t dyn Fn(u64, Kind) -> Settings,
    /// Who is told.
    pub watch: &'t mut dyn FnMut(&Notice<'_>),
    /// Whence interruptions come.
    pub interrupts: &'t mut Receiver<Interrupt>,
    /// What happens is kept there.
    pub keeping: &'t mut Keeping,
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
    let tasks = plan.tasks.len() - plan.known_results();
    (tools.watch)(&Notice::Began { kind, rows: tasks as u64 });
    let settings = (tools.settings)(tasks as u64, kind);
    let wall_ms = tools.keeping.wall_ms;
    let switch = Remote::new(tools.client, batch, &plan);
    let mut desk = Counter::new(batch, kind, results, &mut *tools.watch, &mut *tools.keeping);
    let shell = run::Tools {
        switch: &switch,
        desk: &mut desk,
        interrupts: &mut *tools.interrupts,
        start: tools.start,
        wall_ms,
    };
    let stop = run::run(Core::new(plan, settings, &mut tools.pace), shell).await.stop();
    let all_done = desk.done() == tasks;
    let why = desk.into_last_trouble().filter(|_| stop.is_some_and(Stop::is_the_switchs));
    (tools.watch)(&Notice::Ended);
    Pass { stop, why, all_done }
}
