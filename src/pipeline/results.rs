//! The results of all rows of an input, from the plan to the report.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Detail;
use crate::model::Evidence;
use crate::model::Known;
use crate::model::Outcome;
use crate::model::Plan;
use crate::model::RowIndex;
use crate::model::Sheet;
use crate::model::Standing;
use crate::model::Status;
use crate::model::Totals;
use crate::pipeline::outcomes::Outcomes;
use crate::plan::Unplanned;

/// Reasons that are told apart; a switch whose every answer differs has more.
const CAUSES_MAX: usize = 1000;

/// Rows that came to the same for the same reason.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    /// What became of them.
    pub status: Status,
    /// The reason.
    pub detail: Arc<Detail>,
    /// How many.
    pub rows: u64,
    /// The first of them, counted from 1.
    pub row: u64,
}

/// One result for every row, once all is over.
#[derive(Debug)]
pub struct Results {
    outcomes: Outcomes,
    /// What is said of rows that were never tried.
    untried: Arc<Detail>,
    /// Results that came for rows which had one: none, unless there is a bug.
    surplus: u64,
}

impl Results {
    /// Results of rows before anything is sent: those that are left out or invalid, and those that hang on an invalid one.
    pub fn before_sending(sheet: &Sheet, unplanned: &[Unplanned]) -> Self {
        let mut outcomes = Outcomes::none(sheet.rows.len());
        for (place, row) in sheet.rows.iter().enumerate() {
            let status = match row.standing {
                Standing::Valid => continue,
                Standing::Invalid => Status::Invalid,
                Standing::Excluded(_) => Status::Excluded,
            };
            outcomes.set(place, Outcome::without_call(status, None));
        }
        let mut results = Self { outcomes, untried: Arc::default(), surplus: 0 };
        for Unplanned { row, on } in unplanned {
            let message = format!("not tried: row {} is not sent", u64::from(*on) + 1);
            let detail = said("depends", &message);
            results.set(*row, Outcome::without_call(Status::Skipped, Some(detail)));
        }
        results
    }

    /// Gives a row its result.
    pub fn set(&mut self, row: RowIndex, outcome: Outcome) {
        self.surplus += u64::from(self.is_set(row));
        self.outcomes.set(row as usize, outcome);
    }

    /// Gives a row what an earlier run said of it, whatever was said of it before sending.
    pub fn overrule(&mut self, row: RowIndex, outcome: Outcome) {
        self.outcomes.set(row as usize, outcome);
    }

    /// Says of a row whose call an earlier run never saw the answer of that nobody found out.
    pub fn doubt(&mut self, row: RowIndex, why: &str) {
        self.overrule(row, Outcome::without_call(Status::InDoubt, Some(not_found_out(why))));
    }

    /// Whether a row has its result.
    pub fn is_set(&self, row: RowIndex) -> bool {
        self.outcomes.status(row as usize).is_some()
    }

    /// The results of rows that are not sent, in their order.
    pub fn settled(&self) -> impl Iterator<Item = (RowIndex, Outcome)> {
        let places = (0..).zip(self.outcomes.rows());
        places.filter_map(|(row, place)| Some((row, self.outcomes.get(place)?)))
    }

    /// What the report says of rows beyond that they were not sent, for a journal that knows no result of them.
    pub fn said(&self) -> impl Iterator<Item = (RowIndex, Outcome)> {
        self.settled().filter(|(_, it)| match it.status {
            // Words about these are found again and not kept.
            Status::Excluded | Status::Invalid => false,
            Status::NotSent => it.attempts > 0,
            Status::Created
            | Status::Updated
            | Status::Accepted
            | Status::Rejected
            | Status::Failed
            | Status::InDoubt
            | Status::Conflict
            | Status::Skipped => true,
        })
    }

    /// Says why rows without a result were not tried.
    pub fn give_up_the_rest(&mut self, why: &str) {
        self.untried = said("", why);
    }

    /// What a rehearsal that passed shows of the plan's mailboxes.
    pub fn rehearsed(&self, plan: &Plan) -> Vec<Evidence> {
        let passed = |row: RowIndex| {
            let row = row as usize;
            let depends = self.outcomes.detail(row).is_some_and(|it| it.key == "depends");
            self.outcomes.status(row) == Some(Status::Accepted) && !depends
        };
        let evidence = |row| if passed(row) { Evidence::Rehearsed } else { Evidence::None };
        plan.tasks.iter().map(|it| evidence(it.row)).collect()
    }

    /// Forgets what a rehearsal found acceptable, since the real run is about to begin: it has to earn its results.
    pub fn forget_accepted(&mut self) {
        for row in self.outcomes.rows() {
            if self.outcomes.status(row) == Some(Status::Accepted) {
                self.outcomes.clear(row);
            }
        }
    }

    /// Takes back what a rehearsal found acceptable, since it led to nothing.
    pub fn take_back_accepted(&mut self, why: &str) {
        let detail = said("", why);
        for row in self.outcomes.rows() {
            if self.outcomes.status(row) == Some(Status::Accepted) {
                let detail = Some(Arc::clone(&detail));
                self.outcomes.set(row, Outcome::without_call(Status::NotSent, detail));
            }
        }
    }

    /// Says of rows whose calls an earlier run never saw the answers of that nobody found out.
    pub fn leave_in_doubt(&mut self, plan: &Plan, why: &str) {
        let detail = not_found_out(why);
        for (task, known) in &plan.known {
            let row = plan.tasks[*task as usize].row;
            if matches!(known, Known::Open(_)) && !self.is_set(row) {
                let detail = Some(Arc::clone(&detail));
                self.overrule(row, Outcome::without_call(Status::InDoubt, detail));
            }
        }
    }

    /// A row's result.
    pub fn of(&self, row: usize) -> Outcome {
        let untried = || Outcome::without_call(Status::NotSent, Some(Arc::clone(&self.untried)));
        self.outcomes.get(row).unwrap_or_else(untried)
    }

    /// Whether calls were made, and the role allowed none of them (402).
    pub fn all_refused_for_role(&self) -> bool {
        let is_refused = |row: usize| {
            let detail = self.outcomes.detail(row);
            detail.is_some_and(|it| it.code.split("; ").any(|it| it == "402"))
        };
        let rows = self.outcomes.rows();
        let mut called = rows.filter(|it| self.outcomes.attempts(*it) > 0).peekable();
        called.peek().is_some() && called.all(is_refused)
    }

    /// Results that came for rows which had one already.
    pub fn surplus(&self) -> u64 {
        self.surplus
    }

    /// Counts all results, each row once.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for row in self.outcomes.rows() {
            totals.note(self.outcomes.status(row).unwrap_or(Status::NotSent));
        }
        totals
    }

    /// Why calls did not do what they should, the commonest reasons first.
    pub fn causes(&self) -> Vec<Cause> {
        let mut known = HashMap::<(Status, Arc<Detail>), Cause>::new();
        for (row, place) in (1..).zip(self.outcomes.rows()) {
            let (status, detail) = (self.outcomes.status(place), self.outcomes.detail(place));
            let Some((status, detail)) = status.zip(detail) else { continue };
            let is_told_elsewhere = matches!(status, Status::Invalid | Status::Skipped);
            if status.is_done() || is_told_elsewhere || known.len() >= CAUSES_MAX {
                continue;
            }
            let first = || Cause { status, detail: Arc::clone(detail), rows: 0, row };
            known.entry((status, Arc::clone(detail))).or_insert_with(first).rows += 1;
        }
        let mut causes: Vec<_> = known.into_values().collect();
        causes.sort_unstable_by_key(|it| (Reverse(it.rows), it.row));
        causes
    }
}

fn not_found_out(why: &str) -> Arc<Detail> {
    said("", &format!("may be done by an earlier run, and not found out: {why}"))
}

fn said(key: &str, message: &str) -> Arc<Detail> {
    Arc::new(Detail { code: String::new(), key: key.to_owned(), message: message.to_owned() })
}
