//! What ought to have become of the rows: they are carried out one after another, in their order, by the simplest
//! switch there is. Knows nothing of calls, and shares nothing with the core or the plan.

use boxlift::model::Action;
use boxlift::model::Kind;
use boxlift::model::Status;

use super::disk::Line;
use super::referee::Fate;
use super::scenario::Key;
use super::scenario::Row;
use super::scenario::Scenario;
use super::switch::Made;
use super::world::World;

/// The rows as they ought to be, as far as nothing is in doubt.
struct Oracle<'w> {
    scenario: &'w Scenario,
    boxes: Vec<(Key, Made)>,
    /// Rows of which nobody knows whether they are done, and those that hang on them.
    uncertain: Vec<bool>,
    succeeded: Vec<bool>,
    /// Rows that one run did not try, and a later one did.
    came_again: Vec<bool>,
}

/// Compares what was reported of every row, and what the switch holds in the end, with what ought to be.
pub(crate) fn compare(world: &World, fates: &[Fate]) -> Result<(), String> {
    let scenario = &world.scenario;
    let rows = scenario.rows.len();
    let mut oracle = Oracle {
        scenario,
        boxes: scenario.boxes.clone(),
        uncertain: vec![false; rows],
        succeeded: vec![false; rows],
        came_again: (0..rows).map(|it| came_again(world, it)).collect(),
    };
    for (place, fate) in fates.iter().enumerate() {
        oracle
            .row(place, world.versions[place], *fate)
            .map_err(|it| format!("I6/I16 row {place} is {fate:?}: {it}"))?;
    }
    if scenario.settings.kind == Kind::Real {
        oracle.compare_boxes(world)?;
    }
    Ok(())
}

fn came_again(world: &World, row: usize) -> bool {
    let untried = |it: &Line| {
        *it == Line::Result { row, status: Status::Skipped }
            || *it == Line::Result { row, status: Status::NotSent }
    };
    let lines = world.facts.runs.last().map_or(&[][..], |it| &it.journal);
    let first = lines.iter().position(untried);
    first.is_some_and(|it| lines[it..].iter().any(|it| it.row() == row && !untried(it)))
}

impl Oracle<'_> {
    fn row(&mut self, place: usize, version: usize, fate: Fate) -> Result<(), String> {
        let row = &self.scenario.rows[place];
        let content = row.versions[version];
        if let Some(doubtful) = self.hangs_on_doubt(place) {
            self.uncertain[place] = true;
            // One that was not tried in an earlier run comes after those that waited for it there, and after those
            // that waited for them.
            self.came_again[place] |= self.came_again[doubtful];
            return match fate {
                _ if self.came_again[doubtful] => Ok(()),
                // It may have been begun, or turned away for its kind, before the one that is in doubt now.
                Fate::Result(Status::Skipped | Status::InDoubt | Status::NotSent)
                | Fate::Open
                | Fate::Untried => Ok(()),
                Fate::Result(_) => Err("a row before it is in doubt".to_owned()),
            };
        }
        let status = match fate {
            Fate::Result(Status::InDoubt) | Fate::Open | Fate::Untried => {
                self.uncertain[place] = true;
                return Ok(());
            }
            Fate::Result(status) => status,
        };
        let expected = self.expected(place, content.bad);
        let agrees = match (expected, status) {
            // Left open by an earlier run it is looked up first.
            (Expected::Forbidden, Status::Conflict) => {
                self.get(self.scenario.key_of(row)).is_some()
            }
            // One that is refused because it is there may be told as a conflict; where nothing of a kind is
            // allowed only the first row is refused, and the others are not tried.
            (Expected::There, Status::Rejected | Status::Conflict)
            | (Expected::Forbidden, Status::Rejected | Status::NotSent) => true,
            (Expected::Forbidden | Expected::There, _) => false,
            (Expected::Is(expected), status) => expected == status,
        };
        if !agrees {
            return Err(format!("it ought to be {expected:?}"));
        }
        if status.is_done() {
            self.succeeded[place] = true;
            let key = self.scenario.key_of(row);
            let known = self.get(key).map(|it| it.pin);
            let copied = row.copies.and_then(|it| self.get((key.0, it))).map(|it| it.pin);
            let pin = match row.action {
                Action::Create => copied.unwrap_or(content.pin),
                Action::Update if row.copies.is_some() => known.unwrap_or(content.pin),
                Action::Update => content.pin,
            };
            self.boxes.retain(|it| it.0 != key);
            self.boxes.push((key, Made { fields: content.fields, pin }));
        }
        Ok(())
    }

    fn get(&self, key: Key) -> Option<Made> {
        self.boxes.iter().find(|it| it.0 == key).map(|it| it.1)
    }

    fn expected(&self, place: usize, is_bad: bool) -> Expected {
        let row = &self.scenario.rows[place];
        let key = self.scenario.key_of(row);
        if self.lacks_success(place, row.number)
            || row.copies.is_some_and(|it| self.lacks_success(place, it))
        {
            return Expected::Is(Status::Skipped);
        }
        let creates = row.action == Action::Create;
        let roles = self.scenario.roles;
        let allowed = if creates { roles.create } else { roles.update };
        if !allowed || (creates && self.scenario.barred == Some(key.0)) {
            return Expected::Forbidden;
        }
        let source_is_missing = row.copies.is_some_and(|it| self.get((key.0, it)).is_none());
        match (row.action, self.get(key)) {
            (Action::Create, Some(_)) => Expected::There,
            (Action::Update, None) => Expected::Is(Status::Rejected),
            _ if is_bad || source_is_missing => Expected::Is(Status::Rejected),
            (Action::Create, None) => Expected::Is(Status::Created),
            (Action::Update, Some(_)) => Expected::Is(Status::Updated),
        }
    }

    /// The row that was to make that mailbox, if any, is earlier in the file and did not.
    fn lacks_success(&self, place: usize, number: u8) -> bool {
        let rows = &self.scenario.rows;
        let makes = |it: &Row| {
            it.action == Action::Create
                && it.number == number
                && it.customer == rows[place].customer
        };
        rows[..place].iter().position(makes).is_some_and(|it| !self.succeeded[it])
    }

    /// An earlier row touches one of its mailboxes, and nobody knows how that went.
    fn hangs_on_doubt(&self, place: usize) -> Option<usize> {
        let rows = &self.scenario.rows;
        let row = &rows[place];
        let hangs_on = |other: &Row| {
            let touches = |number: u8| other.number == number && Self::may_be_one(other, row);
            let is_read = other.copies == Some(row.number) && Self::may_be_one(other, row);
            touches(row.number) || row.copies.is_some_and(touches) || is_read
        };
        let doubtful = (0..place).filter(|it| self.uncertain[*it] && hangs_on(&rows[*it]));
        doubtful.max_by_key(|it| self.came_again[*it])
    }

    /// Mailboxes of the same number may be the same one: a blank customer may be any.
    fn may_be_one(one: &Row, other: &Row) -> bool {
        one.customer == other.customer || one.customer.is_none() || other.customer.is_none()
    }

    /// The switch holds what the done rows give, but for mailboxes that a row in doubt touched.
    fn compare_boxes(&self, world: &World) -> Result<(), String> {
        let rows = &self.scenario.rows;
        let is_uncertain = |key: Key| {
            (0..rows.len()).any(|it| self.uncertain[it] && self.scenario.key_of(&rows[it]) == key)
        };
        for (key, made) in world.switch.boxes.iter().filter(|it| !is_uncertain(it.0)) {
            let expected = self.get(*key);
            if expected != Some(*made) {
                return Err(format!("I7 mailbox {key:?} is {made:?}, ought to be {expected:?}"));
            }
        }
        let is_missing = |it: &&(Key, Made)| world.switch.get(it.0).is_none();
        match self.boxes.iter().filter(|it| !is_uncertain(it.0)).find(is_missing) {
            Some((key, _)) => Err(format!("I7 mailbox {key:?} is not there")),
            None => Ok(()),
        }
    }
}

/// What ought to be reported.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Is(Status),
    /// The role or the rate plan does not allow it.
    Forbidden,
    /// The mailbox is there already.
    There,
}
