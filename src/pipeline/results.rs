//! The results of all rows of an input, from the plan to the report.

use std::sync::Arc;

use crate::model::Detail;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Sheet;
use crate::model::Status;
use crate::model::Totals;
use crate::pipeline::RunError;
use crate::plan::Unplanned;

/// One result for every row, once all is over.
#[derive(Debug)]
pub struct Results {
    outcomes: Vec<Option<Outcome>>,
    /// What is said of rows that were never tried.
    untried: Arc<Detail>,
}

impl Results {
    /// Results of rows before anything is sent: those that are invalid, and those that hang on one.
    pub fn before_sending(sheet: &Sheet, unplanned: &[Unplanned]) -> Self {
        let invalid = Outcome::without_call(Status::Invalid, None);
        let mut results = Self {
            outcomes: sheet.rows.iter().map(|it| (!it.valid).then(|| invalid.clone())).collect(),
            untried: Arc::default(),
        };
        for Unplanned { row, on } in unplanned {
            let message = format!("not tried: row {} is not sent", u64::from(*on) + 1);
            let detail = said("depends", &message);
            results.set(*row, Outcome::without_call(Status::Skipped, Some(detail)));
        }
        results
    }

    /// Gives a row its result.
    pub fn set(&mut self, row: RowIndex, outcome: Outcome) {
        self.outcomes[row as usize] = Some(outcome);
    }

    /// Says why rows without a result were not tried.
    pub fn give_up_the_rest(&mut self, why: &str) {
        self.untried = said("", why);
    }

    /// Forgets what a rehearsal found acceptable, since the real run is about to begin: it has to earn its results.
    pub fn forget_accepted(&mut self) {
        for outcome in &mut self.outcomes {
            if outcome.as_ref().is_some_and(|it| it.status == Status::Accepted) {
                *outcome = None;
            }
        }
    }

    /// Takes back what a rehearsal found acceptable, since it led to nothing.
    pub fn take_back_accepted(&mut self, why: &str) {
        let detail = said("", why);
        for outcome in self.outcomes.iter_mut().flatten() {
            if outcome.status == Status::Accepted {
                *outcome = Outcome::without_call(Status::NotSent, Some(Arc::clone(&detail)));
            }
        }
    }

    /// A row's result.
    pub fn of(&self, row: usize) -> Outcome {
        let untried = || Outcome::without_call(Status::NotSent, Some(Arc::clone(&self.untried)));
        self.outcomes[row].clone().unwrap_or_else(untried)
    }

    /// Whether calls were made, and the role allowed none of them (402).
    pub fn all_refused_for_role(&self) -> bool {
        let code = |it: &Outcome| it.detail.as_ref().is_some_and(|detail| detail.code == "402");
        let mut called = self.outcomes.iter().flatten().filter(|it| it.attempts > 0).peekable();
        called.peek().is_some() && called.all(code)
    }

    /// Counts all results, each row once.
    pub fn totals(&self) -> Result<Totals, RunError> {
        let mut totals = Totals::default();
        for outcome in &self.outcomes {
            totals.note(outcome.as_ref().map_or(Status::NotSent, |it| it.status));
        }
        let rows = self.outcomes.len() as u64;
        if totals.sum() == rows {
            return Ok(totals);
        }
        Err(RunError::Totals { rows, results: totals.sum() })
    }
}

fn said(key: &str, message: &str) -> Arc<Detail> {
    Arc::new(Detail { code: String::new(), key: key.to_owned(), message: message.to_owned() })
}
