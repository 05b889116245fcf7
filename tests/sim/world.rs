//! The world of a seed: one clock, one agenda, the switch, the disk, and the facts.

use std::time::Duration;

use boxlift::model::Ask;
use boxlift::model::Kind;
use boxlift::model::Meaning;
use boxlift::model::Refusal;
use fastrand::Rng;

use super::bugs::Bug;
use super::disk::Disk;
use super::facts::Call;
use super::facts::Facts;
use super::network::Arrival;
use super::network::fate;
use super::network::latency;
use super::scenario::MS;
use super::scenario::Scenario;
use super::switch::Request;
use super::switch::Switch;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Happening {
    /// A call's bytes go onto a connection.
    Leaves(usize),
    /// A request reaches the switch; this alone outlives the process.
    Arrives(usize),
    /// A call is over for its caller.
    Returns(usize),
    /// The disk has done what it was told.
    Committed,
    /// The core wanted to be woken.
    Wakes(u32),
    /// The operator breaks off what is under way.
    BreaksOff,
}

/// Everything around the core.
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) dice: Rng,
    pub(crate) now: u64,
    agenda: Vec<(u64, u32, Happening)>,
    planned: u32,
    pub(crate) switch: Switch,
    pub(crate) disk: Disk,
    pub(crate) facts: Facts,
    pub(crate) bug: Option<Bug>,
    /// Which version of each row the file has.
    pub(crate) versions: Vec<usize>,
}

impl World {
    pub(crate) fn new(seed: u64, bug: Option<Bug>, traces: bool) -> Self {
        let mut dice = Rng::with_seed(seed);
        let scenario = Scenario::of(&mut dice);
        let rows = scenario.rows.len();
        let switch = Switch { boxes: scenario.boxes.clone(), ledger: Vec::new() };
        let facts = Facts { trace: traces.then(Vec::new), ..Facts::default() };
        Self {
            scenario,
            dice,
            now: 0,
            agenda: Vec::new(),
            planned: 0,
            switch,
            disk: Disk::default(),
            facts,
            bug,
            versions: vec![0; rows],
        }
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub(crate) fn plan(&mut self, at: u64, what: Happening) {
        self.planned += 1;
        self.agenda.push((at, self.planned, what));
    }

    /// Takes what happens next, and lets the time pass until then.
    pub(crate) fn next(&mut self) -> Option<Happening> {
        let next = (0..self.agenda.len()).min_by_key(|it| {
            let (at, number, _) = self.agenda[*it];
            (at, number)
        })?;
        let (at, _, what) = self.agenda.swap_remove(next);
        self.now = self.now.max(at);
        Some(what)
    }

    /// Forgets what no longer happens.
    pub(crate) fn drop_plans(&mut self, is_dropped: impl Fn(Happening) -> bool) {
        self.agenda.retain(|it| !is_dropped(it.2));
    }

    /// A call is on its way; gives its number.
    pub(crate) fn issue(&mut self, row: Option<usize>, place: usize, ask: Ask) -> usize {
        let fate = fate(&self.scenario, &mut self.dice, self.now);
        let connecting = match self.scenario.trouble.always_ms {
            // What never leaves takes as long as what is not answered.
            Some(always) if fate.stays => always * MS,
            Some(_) => 0,
            None => self.dice.u64(..=self.scenario.trouble.connect_ms * MS),
        };
        let leaves = self.now + connecting;
        let number = self.facts.calls.len();
        let real = self.scenario.settings.kind == Kind::Real || self.has(Bug::RehearsalActs);
        let changes = ask != Ask::LookUp || (self.has(Bug::LookUpActs) && row.is_some());
        let call = Call {
            run: self.facts.runs.len() - 1,
            row,
            ask,
            version: self.versions[place],
            key: self.scenario.key_of(&self.scenario.rows[place]),
            mutates: changes && real,
            issued: self.now,
            left: None,
            left_told: None,
            fate,
            answer: None,
            heard: None,
            cut_at: None,
            durable_intent: row.is_none_or(|it| self.disk.has_intent(it)),
        };
        if call.fate.stays {
            self.plan(leaves, Happening::Returns(number));
        } else {
            self.plan(leaves, Happening::Leaves(number));
        }
        self.facts.calls.push(call);
        number
    }

    /// A call's bytes leave: from now on the switch may carry it out.
    pub(crate) fn leaves(&mut self, number: usize) {
        let fate = self.facts.calls[number].fate.clone();
        self.facts.calls[number].left = Some(self.now);
        let returns = self.now + latency(&self.scenario, &mut self.dice, &fate);
        let in_time = self.now + (returns - self.now) / 2;
        match fate.arrival {
            Arrival::InTime => self.plan(in_time, Happening::Arrives(number)),
            Arrival::Twice => {
                self.plan(in_time, Happening::Arrives(number));
                self.plan(in_time, Happening::Arrives(number));
            }
            Arrival::Late => {
                let late = returns + self.dice.u64(..self.scenario.settle());
                self.plan(late, Happening::Arrives(number));
            }
            Arrival::Never => {}
        }
        self.plan(returns, Happening::Returns(number));
    }

    /// A request reaches the switch.
    pub(crate) fn arrives(&mut self, number: usize) {
        let Call { row, ask, version, .. } = self.facts.calls[number];
        let is_revoked = self.scenario.trouble.revoked_at.is_some_and(|it| self.now >= it);
        let ask = if self.has(Bug::LookUpActs) { Ask::Act } else { ask };
        let answer = match row {
            _ if is_revoked => Meaning::Refused(Refusal::Credentials),
            // A survey or a probe: only that it was answered counts.
            None if !self.scenario.roles.list => Meaning::Refused(Refusal::Role),
            None => Meaning::Found(boxlift::model::Likeness::Same),
            Some(row) => {
                let other =
                    if self.has(Bug::ContentOfAnother) { row.saturating_sub(1) } else { row };
                let content = self.scenario.rows[other].versions[version];
                let rehearses =
                    self.scenario.settings.kind == Kind::Rehearsal && !self.has(Bug::RehearsalActs);
                let request = Request { row, content, ask, rehearses };
                self.switch.answer(&self.scenario, request)
            }
        };
        self.facts.tell(self.now, || format!("call {number} arrives: {answer:?}"));
        self.facts.calls[number].answer.get_or_insert(answer);
    }

    /// What the caller hears of a call.
    pub(crate) fn returns(&mut self, number: usize) -> Meaning {
        let call = &mut self.facts.calls[number];
        let meaning = call.fate.heard.clone().or(call.answer.clone()).unwrap_or(Meaning::Lost);
        call.heard = Some((self.now, meaning.clone()));
        let now = self.now;
        match &meaning {
            Meaning::Refused(Refusal::Credentials) => {
                self.facts.run().credentials_refused_at.get_or_insert(now);
            }
            Meaning::Busy { wait: Some(wait) } => {
                let wait = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
                self.facts.run().holds.push((now, now + wait));
            }
            _ => {}
        }
        self.facts.tell(self.now, || format!("call {number} returns: {meaning:?}"));
        meaning
    }

    /// Calls of this run that are under way are given up by their caller; the switch may still carry them out.
    pub(crate) fn cut(&mut self) {
        let now = self.now;
        let settle = self.scenario.settle();
        let under_way: Vec<usize> = (0..self.facts.calls.len())
            .rev()
            .take_while(|it| self.facts.calls[*it].run + 1 == self.facts.runs.len())
            .filter(|it| self.facts.calls[*it].heard.is_none())
            .filter(|it| self.facts.calls[*it].cut_at.is_none())
            .collect();
        for number in under_way {
            self.facts.calls[number].cut_at = Some(now);
            let is_this = |it: &(u64, u32, Happening)| it.2 == Happening::Arrives(number);
            let is_dropped = self.dice.u32(..3) == 0;
            let latest = now + self.dice.u64(..settle);
            if is_dropped {
                self.agenda.retain(|it| !is_this(it));
            }
            for arrival in self.agenda.iter_mut().filter(|it| is_this(it)) {
                arrival.0 = arrival.0.min(latest);
            }
        }
        self.drop_plans(|it| matches!(it, Happening::Leaves(_) | Happening::Returns(_)));
    }

    /// Time since a moment, as the core counts it.
    pub(crate) fn since(&self, base: u64) -> Duration {
        Duration::from_nanos(self.now - base)
    }
}
