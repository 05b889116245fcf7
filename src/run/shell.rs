//! The shell: carries out what the core says, with tokio's clock and a real switch. Decides nothing.
//!
//! All calls are futures of one task: nothing is spawned, so dropping the run drops every call. What is recorded is
//! told to the core, or shown to anybody, once it is durable.

use std::collections::VecDeque;
use std::iter;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future;
use futures_util::stream::FuturesUnordered;
use futures_util::stream::StreamExt;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::CallEnd;
use super::Command;
use super::Core;
use super::Entry;
use super::Event;
use super::Subject;
use crate::model::Ask;
use crate::model::Call;
use crate::model::Outcome;
use crate::model::Reply;
use crate::model::Task;
use crate::model::WhenLeft;

/// Calls that have left, of which the core was not told yet.
const LEFT_MAX: usize = 1024;

/// Where calls go: the client in the program, a script in tests.
pub trait Switch {
    /// Sends one call and waits for what comes of it. Dropping the future breaks the call off.
    fn send(&self, subject: Subject, call: Call, left: WhenLeft) -> impl Future<Output = Answered>;
}

/// What came of a call.
#[derive(Debug)]
pub struct Answered {
    /// The switch's answer, or why there is none.
    pub reply: Reply,
    /// Of a survey: the tasks whose mailbox it did not show.
    pub absent: Vec<u32>,
}

/// Who reads rows again, keeps what happens, and is told of it.
pub trait Desk {
    /// Makes a task's call from its row.
    fn call_of(&mut self, task: &Task, ask: Ask) -> Result<Call, Unreadable>;
    /// Makes the call that lists a customer's mailboxes; nobody is the login's own.
    fn survey_of(&mut self, customer: Option<u32>) -> Call;
    /// Hands an entry on to be kept.
    fn record(&mut self, task: &Task, entry: &Entry) -> Recorded;
    /// Waits until more is kept, or nothing more can be.
    fn kept(&mut self) -> impl Future<Output = Kept>;
    /// A call is over.
    fn replied(&mut self, reply: &Reply);
    /// A task has its one result, and that is kept.
    fn settled(&mut self, task: &Task, outcome: Outcome);
    /// The run ends before a task has a result.
    fn left_open(&mut self, task: &Task, outcome: Outcome);
    /// The operator wants no further calls.
    fn stopping(&mut self);
    /// The operator does not even want to wait for those under way.
    fn breaking_off(&mut self);
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recorded {
    /// It is as durable as it will ever be.
    Kept,
    /// It is kept once [`Desk::kept`] comes to this number.
    Pending(u64),
}

/// How far entries are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kept {
    /// The number of the last entry that is durable.
    pub upto: u64,
    /// No new calls: there is no room, or worse.
    pub failed: bool,
    /// Nothing more will be kept.
    pub dead: bool,
}

/// A row's bytes are not what they were when they were checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unreadable;

/// The operator wants no further calls; said twice: not even those under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Interrupt;

/// What the shell works with.
pub struct Tools<'t, S, D> {
    /// Where calls go.
    pub switch: &'t S,
    /// Who reads rows, keeps and is told.
    pub desk: &'t mut D,
    /// Whence interruptions come.
    pub interrupts: &'t mut Receiver<Interrupt>,
    /// The moment from which the core's time counts.
    pub start: Instant,
    /// The time of day in milliseconds since 1970 UTC.
    pub wall_ms: fn() -> i64,
}

/// Runs the core to its end.
pub async fn run<'p, S: Switch, D: Desk>(mut core: Core<'p>, tools: Tools<'_, S, D>) -> Core<'p> {
    let Tools { switch, desk, interrupts, start, wall_ms } = tools;
    let mut calls = FuturesUnordered::new();
    let (leaving, mut left) = mpsc::channel(LEFT_MAX);
    let mut events = VecDeque::from([Event::Tick]);
    let (mut commands, mut wake_at) = (Vec::new(), None::<Duration>);
    let mut pending = Pending::default();
    // An interruption that came before is heard before the first call.
    let mut interrupted = interrupts.try_recv().is_ok();
    if interrupted {
        interrupt(false, desk, &mut events);
    }
    loop {
        while let Some(event) = events.pop_front() {
            wake_at = None;
            core.handle(start.elapsed(), event, &mut commands);
            for command in commands.drain(..) {
                match command {
                    Command::Record(entry) => pending.record(&core, desk, entry, &mut events),
                    Command::Call { subject, ask } => match call_of(&core, desk, subject, ask) {
                        Ok(call) => {
                            let left = departure(subject, start, &leaving);
                            calls.push(timed(subject, switch.send(subject, call, left)));
                        }
                        Err(task) => events.push_back(Event::Unreadable { task }),
                    },
                    Command::LeaveOpen { task, outcome } => {
                        desk.left_open(core.task(task), outcome);
                    }
                    Command::WaitUntil(time) => wake_at = Some(time),
                    Command::Finish => {
                        pending.wait_for_all(&core, desk).await;
                        return core;
                    }
                }
            }
        }
        tokio::select! {
            biased;
            Some(Interrupt) = interrupts.recv() => {
                interrupt(interrupted, desk, &mut events);
                if interrupted {
                    calls.clear();
                }
                interrupted = true;
            }
            Some(first) = left.recv() => events.extend(departures(first, &mut left)),
            kept = desk.kept(), if pending.is_waiting() => {
                pending.note(kept, &core, desk, &mut events);
            }
            Some(mut end) = calls.next() => {
                desk.replied(&end.reply);
                end.finished_ms = wall_ms();
                events.push_back(Event::Replied(end));
            }
            () = tokio::time::sleep_until(start + wake_at.unwrap_or_default()), if wake_at.is_some() => {
                events.push_back(Event::Tick);
            }
        }
    }
}

/// The operator wants no further calls, and the second time not even those under way.
fn interrupt<D: Desk>(again: bool, desk: &mut D, events: &mut VecDeque<Event>) {
    if again {
        desk.breaking_off();
        events.push_back(Event::Abandoned);
    } else {
        desk.stopping();
    }
    events.push_front(Event::Interrupted);
}

/// Entries on their way to be kept, in their order: intents that run ahead, results of calls under way, and those of all
/// rows that hang on one that failed.
#[derive(Default)]
struct Pending {
    entries: VecDeque<(u64, Entry)>,
    failed: bool,
    dead: bool,
}

impl Pending {
    fn is_waiting(&self) -> bool {
        !self.entries.is_empty() && !self.dead
    }

    fn record<D: Desk>(
        &mut self,
        core: &Core<'_>,
        desk: &mut D,
        entry: Entry,
        events: &mut VecDeque<Event>,
    ) {
        let (Entry::Intent { task, evidence: _ }
        | Entry::Withdrawn { task }
        | Entry::Result { task, outcome: _ }) = entry;
        match desk.record(core.task(task), &entry) {
            Recorded::Kept => events.extend(tell(core, desk, entry)),
            Recorded::Pending(number) => self.entries.push_back((number, entry)),
        }
    }

    fn note<D: Desk>(
        &mut self,
        kept: Kept,
        core: &Core<'_>,
        desk: &mut D,
        events: &mut VecDeque<Event>,
    ) {
        // Before anything else, so that no call is made of what became durable with it.
        if kept.failed && !self.failed {
            events.push_back(Event::JournalFailed);
        }
        let durable = self.entries.partition_point(|it| it.0 <= kept.upto);
        for (_, entry) in self.entries.drain(..durable) {
            events.extend(tell(core, desk, entry));
        }
        self.failed |= kept.failed;
        self.dead |= kept.dead;
    }

    /// The end of a run: results that cannot be kept are told all the same, since they are true.
    async fn wait_for_all<D: Desk>(&mut self, core: &Core<'_>, desk: &mut D) {
        let mut events = VecDeque::new();
        while self.is_waiting() {
            let kept = desk.kept().await;
            self.note(kept, core, desk, &mut events);
        }
        for (_, entry) in self.entries.drain(..) {
            tell(core, desk, entry);
        }
    }
}

/// Says that an entry is kept to whom it concerns.
fn tell<D: Desk>(core: &Core<'_>, desk: &mut D, entry: Entry) -> Option<Event> {
    match entry {
        Entry::Intent { task, evidence: _ } => Some(Event::Durable { task }),
        Entry::Withdrawn { task: _ } => None,
        Entry::Result { task, outcome } => {
            desk.settled(core.task(task), outcome);
            None
        }
    }
}

/// Makes a call, or says which task's row cannot be read. A probe that cannot be made from its row is made without.
fn call_of<D: Desk>(
    core: &Core<'_>,
    desk: &mut D,
    subject: Subject,
    ask: Ask,
) -> Result<Call, u32> {
    match subject {
        Subject::Survey(survey) => Ok(desk.survey_of(core.surveyed(survey))),
        Subject::Probe(task) => {
            let call = desk.call_of(core.task(task), Ask::LookUp);
            Ok(call.unwrap_or_else(|_| desk.survey_of(core.task(task).customer)))
        }
        Subject::Task(task) => desk.call_of(core.task(task), ask).map_err(|_| task),
    }
}

/// The calls that have left by now.
fn departures(
    first: (Subject, Duration),
    left: &mut Receiver<(Subject, Duration)>,
) -> impl Iterator<Item = Event> {
    let others = iter::from_fn(move || left.try_recv().ok());
    iter::once(first).chain(others).map(|(subject, at)| Event::Left { subject, at })
}

/// Tells the shell when a call leaves. Of what is lost where there is no room the core hears with the reply.
fn departure(subject: Subject, start: Instant, to: &Sender<(Subject, Duration)>) -> WhenLeft {
    let to = to.clone();
    Box::new(move || {
        let _ = to.try_send((subject, start.elapsed()));
    })
}

/// In a box, since a call is large and moved about until it waits. Chained, not awaited: what awaits has room for it twice.
fn timed(subject: Subject, call: impl Future<Output = Answered>) -> impl Future<Output = CallEnd> {
    let call = Box::pin(call);
    let timed = move |sent: Instant| {
        call.map(move |Answered { reply, absent }| CallEnd {
            subject,
            reply,
            absent,
            elapsed: sent.elapsed(),
            finished_ms: 0,
        })
    };
    future::lazy(|_| Instant::now()).then(timed)
}
