//! The shell: carries out what the core says, with tokio's clock and a real switch. Decides nothing.
//!
//! All calls are futures of one task: nothing is spawned, so dropping the run drops every call.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::stream::StreamExt;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::core::CallEnd;
use super::core::Command;
use super::core::Core;
use super::core::Entry;
use super::core::Event;
use crate::model::Call;
use crate::model::Outcome;
use crate::model::Reply;
use crate::model::Task;

/// Tells that a call has left.
pub type Left = Box<dyn FnOnce() + Send + Sync>;

/// Calls that have left, of which the core was not told yet.
const LEFT_MAX: usize = 1024;

/// Where calls go: the client in the program, a script in tests.
pub trait Switch {
    /// Sends one call and waits for what comes of it. Dropping the future breaks the call off.
    ///
    /// `left` is called when the call's bytes go onto a connection.
    fn send(&self, call: Call, left: Left) -> impl Future<Output = Reply>;
}

/// Who is told what happens, while it happens.
pub trait Observer {
    /// A call is over.
    fn replied(&mut self, reply: &Reply);
    /// A task has its one result.
    fn settled(&mut self, task: &Task, outcome: Outcome);
    /// The operator wants no further calls.
    fn stopping(&mut self);
    /// The operator does not even want to wait for those under way.
    fn breaking_off(&mut self);
}

/// A row's bytes are not what they were when they were checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unreadable;

/// The operator wants no further calls; said twice: not even those under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Interrupt;

/// What the shell works with.
pub struct Tools<'t, S, O> {
    /// Where calls go.
    pub switch: &'t S,
    /// Makes the call of a task from its row.
    pub call_of: &'t mut dyn FnMut(&Task) -> Result<Call, Unreadable>,
    /// Who is told.
    pub observer: &'t mut O,
    /// Whence interruptions come.
    pub interrupts: &'t mut Receiver<Interrupt>,
    /// The moment from which the core's time counts.
    pub start: Instant,
    /// The time of day in milliseconds since 1970 UTC.
    pub wall_ms: fn() -> i64,
}

/// Runs the core to its end.
pub async fn run<'p, S: Switch, O: Observer>(
    mut core: Core<'p>,
    tools: Tools<'_, S, O>,
) -> Core<'p> {
    let Tools { switch, call_of, observer, interrupts, start, wall_ms } = tools;
    let mut calls = FuturesUnordered::new();
    let (leaving, mut left) = mpsc::channel(LEFT_MAX);
    let mut events = VecDeque::from([Event::Tick]);
    let (mut commands, mut wake_at) = (Vec::new(), None::<Duration>);
    // An interruption that came before is heard before the first call.
    let mut interrupted = interrupts.try_recv().is_ok();
    if interrupted {
        observer.stopping();
        events.push_front(Event::Interrupted);
    }
    loop {
        while let Some(event) = events.pop_front() {
            wake_at = None;
            core.handle(start.elapsed(), event, &mut commands);
            for command in commands.drain(..) {
                match command {
                    Command::Record(Entry::Intent { task }) => {
                        events.push_back(Event::Durable { task });
                    }
                    Command::Record(Entry::Result { task, outcome }) => {
                        observer.settled(core.task(task), outcome);
                    }
                    Command::Send { task } => match call_of(core.task(task)) {
                        Ok(call) => {
                            let left = departure(task, start, &leaving);
                            calls.push(timed(task, switch.send(call, left)));
                        }
                        Err(Unreadable) => events.push_back(Event::Unreadable { task }),
                    },
                    Command::WaitUntil(time) => wake_at = Some(time),
                    Command::Finish => return core,
                }
            }
        }
        tokio::select! {
            biased;
            Some(Interrupt) = interrupts.recv() => {
                if interrupted {
                    observer.breaking_off();
                    calls.clear();
                    events.push_back(Event::Abandoned);
                } else {
                    observer.stopping();
                }
                interrupted = true;
                events.push_back(Event::Interrupted);
            }
            Some((task, at)) = left.recv() => events.push_back(Event::Left { task, at }),
            Some((task, reply, elapsed)) = calls.next() => {
                observer.replied(&reply);
                let end = CallEnd { task, reply, elapsed, finished_ms: wall_ms() };
                events.push_back(Event::Replied(end));
            }
            () = tokio::time::sleep_until(start + wake_at.unwrap_or_default()), if wake_at.is_some() => {
                events.push_back(Event::Tick);
            }
        }
    }
}

/// Tells the shell when a task's call leaves. Of what is lost where there is no room the core hears with the reply.
fn departure(task: u32, start: Instant, to: &Sender<(u32, Duration)>) -> Left {
    let to = to.clone();
    Box::new(move || {
        let _ = to.try_send((task, start.elapsed()));
    })
}

async fn timed(task: u32, call: impl Future<Output = Reply>) -> (u32, Reply, Duration) {
    let sent = Instant::now();
    let reply = call.await;
    (task, reply, sent.elapsed())
}
