//! The core: what happened goes in, what to do comes out. No I/O, no clock, no chance but a seed.
//!
//! A call's intent is recorded, and known to be durable, before the call is sent. Calls of one lane never overlap:
//! the plan's waits see to that, and a result frees those who waited for it.

mod results;
mod settling;

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::time::Duration;

use super::Settings;
use super::Stop;
use super::backoff;
use super::judgement;
use super::judgement::Asked;
use super::judgement::Judgement;
use super::latch::Latch;
use super::pace::Pace;
use super::queue::Queue;
use super::trouble::Effect;
use super::trouble::Trouble;
use crate::model::Meaning;
use crate::model::Outcome;
use crate::model::Plan;
use crate::model::Refusal;
use crate::model::Reply;
use crate::model::Task;
use results::History;
use results::Results;

/// Intents that may be recorded ahead of their calls.
const INTENTS_AHEAD_MAX: usize = 64;

/// How long a call without an answer may still take effect at the switch.
const SETTLE: Duration = Duration::from_secs(60);

/// What happened. A task is named by its place in the plan.
#[derive(Debug)]
pub enum Event {
    /// Time has passed; also the first event of a run.
    Tick,
    /// A task's intent is recorded.
    Durable {
        /// The task.
        task: u32,
    },
    /// A call that was sent has left, later than it was asked for if a connection had to be opened.
    Left {
        /// The task.
        task: u32,
        /// When.
        at: Duration,
    },
    /// A call is over.
    Replied(CallEnd),
    /// All calls under way were broken off by the shell; they may have been carried out.
    Abandoned,
    /// A task's row could not be read again; its call was not sent.
    Unreadable {
        /// The task.
        task: u32,
    },
    /// The operator wants no further calls.
    Interrupted,
}

/// What came of one call.
#[derive(Debug)]
pub struct CallEnd {
    /// The task.
    pub task: u32,
    /// The switch's answer, or why there is none.
    pub reply: Reply,
    /// From its sending to now.
    pub elapsed: Duration,
    /// The time of day in milliseconds since 1970 UTC.
    pub finished_ms: i64,
}

/// What is worth keeping.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// A call is about to be sent.
    Intent {
        /// The task.
        task: u32,
    },
    /// A task has its one result.
    Result {
        /// The task.
        task: u32,
        /// The result.
        outcome: Outcome,
    },
}

/// What to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// Keep this; an intent is answered by [`Event::Durable`].
    Record(Entry),
    /// Send a task's call now; answered by [`Event::Replied`].
    Send {
        /// The task.
        task: u32,
    },
    /// Unless something happens before, come back with [`Event::Tick`] at that time.
    WaitUntil(Duration),
    /// All is over. Tasks without a result were not tried.
    Finish,
}

/// The state of a run.
pub struct Core<'p> {
    plan: Plan,
    settings: Settings,
    pace: &'p mut Pace,
    queue: Queue,
    trouble: Trouble,
    latch: Latch,
    random: fastrand::Rng,
    /// Intents on their way to be recorded.
    recording: usize,
    /// Tasks whose intents are recorded.
    durable: VecDeque<u32>,
    in_flight: HashSet<u32>,
    /// Those of them that are not known to have left.
    leaving: HashSet<u32>,
    /// Tasks with more than one call.
    histories: HashMap<u32, History>,
    held_until: Duration,
    stop: Option<Stop>,
    finished: bool,
    results: Results,
}

impl<'p> Core<'p> {
    /// A run that has not begun. `pace` goes on where an earlier run left it.
    pub fn new(plan: Plan, settings: Settings, pace: &'p mut Pace) -> Self {
        Self {
            queue: Queue::new(&plan),
            plan,
            settings,
            pace,
            trouble: Trouble::default(),
            latch: Latch::default(),
            random: fastrand::Rng::with_seed(settings.seed),
            recording: 0,
            durable: VecDeque::new(),
            in_flight: HashSet::new(),
            leaving: HashSet::new(),
            histories: HashMap::new(),
            held_until: Duration::ZERO,
            stop: None,
            finished: false,
            results: Results::default(),
        }
    }

    /// Why the run stopped early, if it did.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// The task at a place of the plan.
    pub fn task(&self, task: u32) -> &Task {
        &self.plan.tasks[task as usize]
    }

    /// Takes note of what happened at `now` and adds what is to be done about it.
    pub fn handle(&mut self, now: Duration, event: Event, commands: &mut Vec<Command>) {
        match event {
            Event::Tick => {}
            Event::Durable { task } => {
                self.recording -= 1;
                self.durable.push_back(task);
            }
            Event::Left { task, at } => self.left(task, at),
            Event::Replied(end) => self.replied(now, &end, commands),
            Event::Abandoned => self.abandoned(now, commands),
            Event::Unreadable { task } => {
                self.in_flight.remove(&task);
                self.left(task, now);
                self.stop.get_or_insert(Stop::Input);
                if let Some(history) = self.histories.remove(&task) {
                    let outcome = self.results.left_open(history, Stop::Input.as_str());
                    self.settle(task, outcome, commands);
                }
            }
            Event::Interrupted => {
                self.stop.get_or_insert(Stop::Interrupted);
            }
        }
        self.go_on(now, commands);
    }

    fn go_on(&mut self, now: Duration, commands: &mut Vec<Command>) {
        if self.finished {
            return;
        }
        if self.stop.is_some() {
            self.wind_up(commands);
            return;
        }
        let mut asleep_until = None;
        loop {
            self.prepare(now, commands);
            match self.send(now, commands) {
                Sent::One => {}
                Sent::NoneBefore(time) => {
                    asleep_until = Some(time);
                    break;
                }
                Sent::None => break,
            }
        }
        // One that is due already waits for room among the intents, not for time.
        let delayed = self.queue.next_delayed();
        let later = delayed.filter(|it| *it > now);
        let is_idle = self.in_flight.is_empty() && self.recording == 0 && self.durable.is_empty();
        if is_idle && delayed.is_none() {
            self.finish(commands);
        } else if let Some(time) = [asleep_until, later].into_iter().flatten().min() {
            commands.push(Command::WaitUntil(time));
        }
    }

    /// Has intents recorded for the tasks that come next.
    fn prepare(&mut self, now: Duration, commands: &mut Vec<Command>) {
        while self.recording + self.durable.len() < INTENTS_AHEAD_MAX {
            let Some(task) = self.queue.take(now) else { break };
            self.recording += 1;
            commands.push(Command::Record(Entry::Intent { task }));
        }
    }

    fn send(&mut self, now: Duration, commands: &mut Vec<Command>) -> Sent {
        let Some(&task) = self.durable.front() else { return Sent::None };
        let Task { action, customer, .. } = *self.task(task);
        if let Some(why) = self.latch.forbids(action, customer) {
            self.durable.pop_front();
            let outcome = match self.histories.remove(&task) {
                Some(history) => self.results.left_open(history, why),
                None => self.results.not_sent(why),
            };
            self.settle(task, outcome, commands);
            return Sent::One;
        }
        let at_once = if self.trouble.one_at_a_time() { 1 } else { self.settings.concurrency };
        if self.in_flight.len() >= at_once {
            return Sent::None;
        }
        if now < self.held_until {
            return Sent::NoneBefore(self.held_until);
        }
        if let Err(time) = self.pace.take(now) {
            return Sent::NoneBefore(time);
        }
        self.durable.pop_front();
        self.in_flight.insert(task);
        self.leaving.insert(task);
        commands.push(Command::Send { task });
        Sent::One
    }

    fn replied(&mut self, now: Duration, end: &CallEnd, commands: &mut Vec<Command>) {
        let CallEnd { task, reply, elapsed: _, finished_ms: _ } = end;
        self.in_flight.remove(task);
        self.left(*task, now);
        let mut history = self.histories.remove(task).unwrap_or_default();
        history.calls = history.calls.saturating_add(1);
        let held_for_all = matches!(reply.meaning, Meaning::Busy { .. } | Meaning::NotSent);
        if !held_for_all {
            history.attempts += 1;
        }
        let (judgement, stop) = judgement::judge(self.asked(*task, history), &reply.meaning);
        self.note_trouble(now, &reply.meaning, *task);
        self.stop = self.stop.or(stop);
        let again_at = match judgement {
            Judgement::Settled(status) => {
                let outcome = self.results.of_call(end, status, history.calls);
                return self.settle(*task, outcome, commands);
            }
            Judgement::Depends => {
                let row = self.depends_on(*task);
                let outcome = self.results.depends(end, row, history.calls);
                return self.settle(*task, outcome, commands);
            }
            Judgement::Again if held_for_all => now,
            Judgement::Again => {
                now + backoff::TRANSIENT.after(u32::from(history.attempts), &mut self.random)
            }
            Judgement::AgainSettled => {
                history.maybe_done = true;
                now + SETTLE
            }
        };
        self.histories.insert(*task, history);
        self.queue.delay(*task, again_at);
    }

    /// A call counts for the rate when it leaves; one that never left counts when that is known.
    fn left(&mut self, task: u32, at: Duration) {
        if self.leaving.remove(&task) {
            self.pace.left(at);
        }
    }

    fn asked(&self, task: u32, history: History) -> Asked {
        let Task { action, judged_late, .. } = *self.task(task);
        let History { calls: _, attempts, maybe_done } = history;
        Asked { kind: self.settings.kind, action, judged_late, attempts, maybe_done }
    }

    /// What a reply means for the other tasks.
    fn note_trouble(&mut self, now: Duration, meaning: &Meaning, task: u32) {
        match self.trouble.note(now, meaning, &mut self.random) {
            Effect::None => {}
            Effect::HoldUntil(time) => self.held_until = time,
            Effect::Stop(stop) => {
                self.stop.get_or_insert(stop);
            }
        }
        let Task { action, customer, .. } = *self.task(task);
        match meaning {
            Meaning::Refused(Refusal::Role) => self.latch.role(action),
            Meaning::Refused(Refusal::RatePlan) => self.latch.rate_plan(action, customer),
            _ => {}
        }
    }

    fn finish(&mut self, commands: &mut Vec<Command>) {
        self.finished = true;
        commands.push(Command::Finish);
    }
}

/// What came of the wish to send one more call.
enum Sent {
    One,
    NoneBefore(Duration),
    None,
}

#[cfg(test)]
mod tests;
