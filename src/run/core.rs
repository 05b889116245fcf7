//! The core: what happened goes in, what to do comes out. No I/O, no clock, no chance but a seed.
//!
//! A call's intent is recorded, and known to be durable, before the call is sent. Calls of one lane never overlap:
//! the plan's waits see to that, and a result frees those who waited for it.

mod history;
mod replies;
mod results;
mod sending;
mod settling;

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::time::Duration;

use foldhash::fast::FixedState;

use super::Command;
use super::Entry;
use super::Event;
use super::Settings;
use super::Stop;
use super::Subject;
use super::breaker::Breaker;
use super::budget::Budget;
use super::gate::Gate;
use super::latch::Latch;
use super::limit::Limit;
use super::pace::Pace;
use super::queue::Queue;
use super::queue::Turn;
use crate::model::Evidence;
use crate::model::Kind;
use crate::model::Known;
use crate::model::Plan;
use crate::model::Status;
use crate::model::Task;
use history::Histories;
use history::History;
use results::Results;
use sending::Sent;

pub use sending::results_open_max;

/// The state of a run.
pub struct Core<'p> {
    plan: Plan,
    settings: Settings,
    pace: &'p mut Pace,
    queue: Queue,
    breaker: Breaker,
    limit: Limit,
    budget: Budget,
    gate: Gate,
    latch: Latch,
    random: fastrand::Rng,
    begun: bool,
    /// No row's call was answered yet: until then each goes alone.
    alone: bool,
    /// The next customer to be listed.
    survey: u32,
    /// Surveys in a row whose answer was none.
    unlisted: u8,
    /// Tasks whose intents are on their way to be recorded.
    recording: HashSet<u32, FixedState>,
    /// Tasks whose intents are recorded: those sent before, and those that were not.
    recovering: VecDeque<u32>,
    fresh: VecDeque<u32>,
    /// Calls under way, with the time at which they were sent.
    in_flight: HashMap<Subject, Duration, FixedState>,
    /// Those of them that are not known to have left.
    leaving: HashSet<Subject, FixedState>,
    /// What was seen of the tasks' mailboxes.
    evidence: Vec<Evidence>,
    /// Tasks with more than one call.
    histories: Histories,
    /// What a probe asks for in an outage.
    probed: Subject,
    held_until: Duration,
    stop: Option<Stop>,
    finished: bool,
    results: Results,
}

impl<'p> Core<'p> {
    /// A run that has not begun. `pace` goes on where an earlier run left it.
    pub fn new(mut plan: Plan, settings: Settings, pace: &'p mut Pace) -> Self {
        let succeeded = |(_, it): &(u32, Known)| {
            matches!(it, Known::Settled(Status::Created | Status::Updated | Status::Accepted))
        };
        let is_small = plan.tasks.len() as u64 <= settings.canaries;
        let canaries = if is_small { 0 } else { settings.canaries };
        let gate = Gate::new(settings.errors_max, canaries, plan.known.iter().any(succeeded));
        // A rehearsal needs no evidence of what it does not make.
        let surveyed = match settings.kind {
            Kind::Real => 0,
            Kind::Rehearsal => surveys(&plan),
        };
        Self {
            queue: Queue::new(&plan),
            settings,
            pace,
            breaker: Breaker::new(settings.outage_max, settings.seed),
            limit: Limit::new(settings.concurrency),
            budget: Budget::default(),
            gate,
            latch: Latch::default(),
            random: fastrand::Rng::with_seed(settings.seed),
            begun: false,
            alone: true,
            survey: surveyed,
            unlisted: 0,
            recording: HashSet::default(),
            recovering: VecDeque::new(),
            fresh: VecDeque::new(),
            in_flight: HashMap::default(),
            leaving: HashSet::default(),
            evidence: std::mem::take(&mut plan.evidence),
            histories: Histories::default(),
            probed: Subject::Survey(0),
            held_until: Duration::ZERO,
            stop: None,
            finished: false,
            results: Results::default(),
            plan,
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

    /// The customer of a survey of the plan; nobody is the login's own.
    pub fn surveyed(&self, survey: u32) -> Option<u32> {
        self.plan.surveys[survey as usize]
    }

    /// Takes note of what happened at `now` and adds what is to be done about it.
    pub fn handle(&mut self, now: Duration, event: Event, commands: &mut Vec<Command>) {
        if !self.begun {
            self.begin(commands);
        }
        match event {
            Event::Tick => {}
            Event::Durable { task } => self.durable(task),
            Event::Left { subject, at } => self.left(subject, at),
            Event::Replied(end) => self.replied(now, &end, commands),
            Event::Abandoned => self.abandoned(now, commands),
            Event::Unreadable { task } => {
                self.in_flight.remove(&Subject::Task(task));
                self.left(Subject::Task(task), now);
                self.stop.get_or_insert(Stop::Input);
                self.leave_open(task, Stop::Input.as_str(), commands);
            }
            Event::Interrupted => {
                self.stop.get_or_insert(Stop::Interrupted);
            }
            Event::JournalFailed => {
                self.stop.get_or_insert(Stop::Journal);
                self.recording.clear();
            }
        }
        self.go_on(now, commands);
    }

    /// Lays what earlier runs left over the plan.
    fn begin(&mut self, commands: &mut Vec<Command>) {
        self.begun = true;
        for (task, known) in std::mem::take(&mut self.plan.known) {
            if let Known::Open(carried) = known {
                self.see(task, carried.evidence);
                let ask = History::carried_ask(self.task(task).action);
                self.histories.insert(task, History::carried(carried, ask));
            }
        }
        // Whoever can no longer be tried because of those that are settled may have been left open.
        let lost = self.queue.begin();
        self.lose(lost, commands);
    }

    fn durable(&mut self, task: u32) {
        // After the journal failed, what is told late is no longer waited for.
        if self.recording.remove(&task) {
            let is_begun = self.histories.get(task).is_some_and(|it| it.turn() == Turn::Further);
            if is_begun { &mut self.recovering } else { &mut self.fresh }.push_back(task);
        }
    }

    fn go_on(&mut self, now: Duration, commands: &mut Vec<Command>) {
        if self.finished {
            return;
        }
        let mut sent = Sent::One;
        // Asked each time, and in the end: a row that is told of on the way may have been one too many.
        while !self.is_stopped() && sent == Sent::One {
            self.prepare(now, commands);
            sent = self.send(now, commands);
        }
        if self.is_stopped() {
            self.wind_up(commands);
            return;
        }
        let asleep_until = match sent {
            Sent::NoneBefore(time) => Some(time),
            Sent::One | Sent::None => None,
        };
        // One that is due already waits for room among the intents, not for time.
        let delayed = self.queue.next_delayed();
        let later = delayed.filter(|it| *it > now);
        let is_idle = self.in_flight.is_empty() && self.is_unprepared() && !self.is_surveying();
        if is_idle && delayed.is_none() {
            self.finish(commands);
        } else if let Some(time) = [asleep_until, later].into_iter().flatten().min() {
            commands.push(Command::WaitUntil(time));
        }
    }

    fn is_stopped(&mut self) -> bool {
        if self.stop.is_none()
            && let Some(stop) = self.gate.closed()
            && self.queue_has_work()
        {
            self.stop = Some(stop);
        }
        self.stop.is_some()
    }

    fn is_unprepared(&self) -> bool {
        self.recording.is_empty() && self.recovering.is_empty() && self.fresh.is_empty()
    }

    fn is_surveying(&self) -> bool {
        self.survey < surveys(&self.plan)
    }

    fn queue_has_work(&mut self) -> bool {
        self.queue.has_work() || !self.is_unprepared()
    }

    /// A call counts for the rate when it leaves; one that never left counts when that is known.
    fn left(&mut self, subject: Subject, at: Duration) {
        if self.leaving.remove(&subject) {
            self.pace.left(at);
        }
    }

    /// Takes note of what was seen of a task's mailbox, if it is more than what is known.
    fn see(&mut self, task: u32, evidence: Evidence) {
        if self.evidence.is_empty() && evidence != Evidence::None {
            self.evidence.resize(self.plan.tasks.len(), Evidence::None);
        }
        if let Some(known) = self.evidence.get_mut(task as usize) {
            *known = evidence.max(*known);
        }
    }

    fn seen(&self, task: u32) -> Evidence {
        self.evidence.get(task as usize).copied().unwrap_or_default()
    }

    fn finish(&mut self, commands: &mut Vec<Command>) {
        debug_assert!(self.stop.is_some() || !self.queue_has_work(), "rows were forgotten");
        self.finished = true;
        commands.push(Command::Finish);
    }
}

/// How many customers are to be listed.
fn surveys(plan: &Plan) -> u32 {
    u32::try_from(plan.surveys.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
