//! One run of the program: the core, unchanged, in a shell that the world can stop at every step.

use std::collections::VecDeque;
use std::time::Duration;

use boxlift::model::Action;
use boxlift::model::Answer;
use boxlift::model::Ask;
use boxlift::model::Meaning;
use boxlift::model::Outcome;
use boxlift::model::Reply;
use boxlift::model::Status;
use boxlift::run::CallEnd;
use boxlift::run::Command;
use boxlift::run::Core;
use boxlift::run::Entry;
use boxlift::run::Event;
use boxlift::run::Pace;
use boxlift::run::Subject;

use super::bugs::Bug;
use super::disk::Line;
use super::lies;
use super::scenario::MS;
use super::world::Happening;
use super::world::World;

/// Steps after which a run is taken for one that never ends.
const STEPS_MAX: u32 = 40_000;

/// How a run is disturbed, if it is: after so many steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disturbance {
    pub(crate) crash: Option<u32>,
    pub(crate) interrupt: Option<u32>,
    /// After an interruption the operator does not even wait for calls under way.
    pub(crate) breaks_off: bool,
    pub(crate) disk_fails: Option<u32>,
}

/// A run under way.
pub(crate) struct Process<'w> {
    world: &'w mut World,
    disturbance: Disturbance,
    base: u64,
    steps: u32,
    events: VecDeque<Event>,
    wake: u32,
    /// Calls by their subject.
    under_way: Vec<(Subject, usize)>,
    /// Results and intents that are written and not known to be durable, by their place in the journal.
    pending: VecDeque<(usize, u32, usize, Option<Status>)>,
    finished: bool,
    crossed: Option<(Subject, Meaning)>,
}

impl<'w> Process<'w> {
    pub(crate) fn new(world: &'w mut World, disturbance: Disturbance) -> Self {
        let base = world.now;
        Self {
            world,
            disturbance,
            base,
            steps: 0,
            events: VecDeque::from([Event::Tick]),
            wake: 0,
            under_way: Vec::new(),
            pending: VecDeque::new(),
            finished: false,
            crossed: None,
        }
    }

    /// Runs until the core has finished, the process has died, or nothing goes on.
    pub(crate) fn live(mut self, plan: boxlift::model::Plan, pace: &mut Pace) {
        let settings = lies::settings(self.world);
        let mut core = Core::new(plan, settings, pace);
        let mut commands = Vec::new();
        while !self.finished {
            let Some(event) = self.events.pop_front() else {
                if !self.pass(&core) {
                    break;
                }
                continue;
            };
            if self.step() {
                return;
            }
            self.wake += 1;
            let now = self.world.since(self.base);
            self.world.facts.tell(self.world.now, || format!("event {event:?}"));
            core.handle(now, event, &mut commands);
            for command in commands.drain(..) {
                if self.step() {
                    return;
                }
                self.carry_out(command, &core);
            }
        }
        let run = self.world.facts.run();
        run.stop = core.stop();
        run.stuck = !self.finished;
        self.end();
    }

    /// Counts a step; says whether the process dies at it.
    fn step(&mut self) -> bool {
        self.steps += 1;
        let steps = self.steps;
        let is_now = |at: Option<u32>| at == Some(steps);
        if is_now(self.disturbance.crash) {
            self.world.facts.run().crashed = true;
            self.world.facts.tell(self.world.now, || "the process dies".to_owned());
            return true;
        }
        if is_now(self.disturbance.interrupt) {
            self.interrupt();
        }
        if is_now(self.disturbance.disk_fails) && !self.world.disk.is_dead {
            self.world.disk.is_dead = true;
            self.world.facts.run().disk_died = true;
            self.world.drop_plans(|it| it == Happening::Committed);
            if !self.world.has(Bug::DiskFailureHidden) {
                self.events.push_back(Event::JournalFailed);
            }
        }
        false
    }

    fn interrupt(&mut self) {
        let now = self.world.now;
        self.world.facts.run().interrupted_at = Some(now);
        self.world.facts.tell(now, || "the operator interrupts".to_owned());
        let heard =
            if self.world.has(Bug::InterruptionIgnored) { Event::Tick } else { Event::Interrupted };
        self.events.push_back(heard);
        if self.disturbance.breaks_off {
            let at = self.world.now + self.world.dice.u64(..2000 * MS);
            self.world.plan(at, Happening::BreaksOff);
        }
    }

    /// Lets time pass until something happens; says whether anything did.
    fn pass(&mut self, core: &Core<'_>) -> bool {
        let Some(what) = self.world.next() else { return false };
        match what {
            Happening::Leaves(number) => {
                self.world.leaves(number);
                if !self.world.scenario.trouble.departures_unseen {
                    self.world.facts.calls[number].left_told = Some(self.world.now);
                    let at = self.world.since(self.base);
                    let subject = self.under_way.iter().find(|it| it.1 == number);
                    self.events.extend(subject.map(|it| Event::Left { subject: it.0, at }));
                }
            }
            Happening::Arrives(number) => self.world.arrives(number),
            Happening::Returns(number) => self.returned(number, core),
            Happening::Committed => self.committed(),
            Happening::Wakes(wake) if wake == self.wake => self.events.push_back(Event::Tick),
            Happening::Wakes(_) => {}
            Happening::BreaksOff => {
                self.world.cut();
                self.under_way.clear();
                self.events.push_back(Event::Abandoned);
            }
        }
        self.steps < STEPS_MAX
    }

    fn returned(&mut self, number: usize, core: &Core<'_>) {
        let Some(place) = self.under_way.iter().position(|it| it.1 == number) else { return };
        let (subject, _) = self.under_way.swap_remove(place);
        let truth = self.world.returns(number);
        let absent = match subject {
            Subject::Survey(survey) if matches!(truth, Meaning::Found(_)) => {
                self.absent(core.surveyed(survey))
            }
            _ => Vec::new(),
        };
        let call = &self.world.facts.calls[number];
        let told = lies::meaning(self.world.bug, call, &self.world.scenario, truth);
        if self.world.has(Bug::RepliesCrossed) && matches!(subject, Subject::Task(_)) {
            self.cross(subject, told);
            return;
        }
        self.reply(subject, told, absent);
    }

    /// Every third reply or so waits for the next one, and changes places with it.
    fn cross(&mut self, subject: Subject, told: Meaning) {
        match self.crossed.take() {
            Some((other, earlier)) => {
                self.reply(other, told, Vec::new());
                self.reply(subject, earlier, Vec::new());
            }
            None if !self.under_way.is_empty() => self.crossed = Some((subject, told)),
            None => self.reply(subject, told, Vec::new()),
        }
    }

    fn reply(&mut self, subject: Subject, meaning: Meaning, absent: Vec<u32>) {
        let reply = Reply { http_status: None, meaning, answer: Answer::default() };
        let elapsed = Duration::from_millis(1);
        let end = CallEnd { subject, reply, absent, elapsed, finished_ms: 0 };
        self.events.push_back(Event::Replied(end));
    }

    /// The creates of a customer whose mailboxes the switch does not list.
    fn absent(&self, customer: Option<u32>) -> Vec<u32> {
        let scenario = &self.world.scenario;
        let is_absent = |row: usize| {
            let row = &scenario.rows[row];
            let is_there = self.world.switch.get(scenario.key_of(row)).is_some();
            let is_shown = is_there != self.world.has(Bug::SurveyFlipped)
                && !self.world.has(Bug::SurveyShowsNothing);
            row.customer == customer && row.action == Action::Create && !is_shown
        };
        let places = (0..).zip(&scenario.plan.tasks);
        places.filter(|(_, it)| is_absent(it.row as usize)).map(|it| it.0).collect()
    }

    fn carry_out(&mut self, command: Command, core: &Core<'_>) {
        self.world.facts.tell(self.world.now, || format!("command {command:?}"));
        let row_of = |task: u32| core.task(task).row as usize;
        match command {
            Command::Record(entry) => self.record(&entry, core),
            Command::Call { subject, ask } => self.call(subject, ask, core),
            Command::LeaveOpen { task, outcome } => {
                if !self.world.has(Bug::LeftOpenDropped) {
                    self.world.facts.run().left_open.push((row_of(task), outcome.status));
                }
            }
            Command::WaitUntil(time) => {
                let at = self.base + u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 2);
                let wake = self.wake;
                self.world.plan(at, Happening::Wakes(wake));
            }
            Command::Finish => self.finished = true,
        }
    }

    fn call(&mut self, subject: Subject, ask: Ask, core: &Core<'_>) {
        let row = match subject {
            Subject::Task(task) => Some(core.task(task).row as usize),
            Subject::Survey(_) | Subject::Probe(_) => None,
        };
        if self.world.has(Bug::AssertionSkipped) && matches!(ask, Ask::AssertPin | Ask::AssertAll) {
            self.reply(subject, Meaning::Done, Vec::new());
            return;
        }
        let place = row.unwrap_or(0);
        if self.world.has(Bug::SentTwice) {
            self.world.issue(row, place, ask);
        }
        let number = self.world.issue(row, place, ask);
        self.world.facts.tell(self.world.now, || format!("call {number}: {subject:?} {ask:?}"));
        self.under_way.push((subject, number));
    }

    fn record(&mut self, entry: &Entry, core: &Core<'_>) {
        let (Entry::Intent { task, .. } | Entry::Withdrawn { task } | Entry::Result { task, .. }) =
            *entry;
        let row = core.task(task).row as usize;
        let line = match entry {
            Entry::Intent { task: _, evidence } => Line::Intent {
                row,
                evidence: *evidence,
                version: self.world.versions[row],
                at: self.world.now,
            },
            Entry::Withdrawn { task: _ } => Line::Withdrawn { row },
            Entry::Result { task: _, outcome: Outcome { status, .. } } => {
                let now = self.world.now;
                self.world.facts.run().results.push((row, *status, now));
                Line::Result { row, status: *status }
            }
        };
        let status = match line {
            Line::Result { status, .. } => Some(status),
            Line::Intent { .. } | Line::Withdrawn { .. } => None,
        };
        if lies::is_lost(self.world.bug, line) {
            self.kept(task, row, status);
            return;
        }
        let is_early = lies::is_told_early(self.world, line);
        if is_early {
            self.kept(task, row, status);
        }
        if self.world.disk.is_dead {
            return;
        }
        self.world.disk.lines.push(line);
        if !is_early && !matches!(line, Line::Withdrawn { .. }) {
            self.pending.push_back((self.world.disk.lines.len(), task, row, status));
        }
        self.commit();
    }

    /// Has the disk write what it holds, unless it is writing.
    fn commit(&mut self) {
        let disk = &mut self.world.disk;
        if disk.committing.is_some() || disk.durable == disk.lines.len() || disk.is_dead {
            return;
        }
        disk.committing = Some(disk.lines.len());
        let at = self.world.now + self.world.dice.u64(MS / 10..8 * MS);
        self.world.plan(at, Happening::Committed);
    }

    fn committed(&mut self) {
        let disk = &mut self.world.disk;
        disk.durable = disk.committing.take().unwrap_or(disk.durable);
        let durable = disk.durable;
        while let Some(&(_, task, row, status)) = self.pending.front().filter(|it| it.0 <= durable)
        {
            self.pending.pop_front();
            self.kept(task, row, status);
        }
        self.commit();
    }

    /// An entry is told to be kept: an intent to the core, a result to people.
    fn kept(&mut self, task: u32, row: usize, status: Option<Status>) {
        match status {
            Some(status) => self.world.facts.run().shown.push((row, status)),
            None => self.events.push_back(Event::Durable { task }),
        }
    }

    /// A run that has finished waits for its journal.
    fn end(&mut self) {
        let last = self.world.now;
        while self.world.disk.committing.is_some() {
            self.committed();
            self.world.now = last.max(self.world.now) + MS;
        }
    }
}
