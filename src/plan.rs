//! Stage 3: a checked sheet in, the plan out: what will be sent, in which order, and who waits for whom.
//!
//! Pure. Order: that of the file, but for a row that makes a PIN's source, which comes before its copiers. Waits
//! then only ever point backwards, so no two rows can wait for each other.

mod known;
mod lanes;
mod order;
mod surveys;
mod waits;

pub use known::lay_over;
pub use known::overtaken;

use crate::model::Action;
use crate::model::Dependency;
use crate::model::Plan;
use crate::model::RowIndex;
use crate::model::Sheet;
use crate::model::Standing;
use crate::model::Task;
use lanes::Lanes;
use waits::Creator;
use waits::Made;
use waits::Waits;

/// A row that cannot be tried, since the row it depends on is not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unplanned {
    /// The row.
    pub row: RowIndex,
    /// The row it depends on.
    pub on: RowIndex,
}

/// Plans the valid rows of a sheet; those that hang on a row which is not sent come back apart, in plan order.
pub fn plan(sheet: &Sheet) -> (Plan, Vec<Unplanned>) {
    let lanes = Lanes::of(sheet);
    let mut waits = Waits::new(sheet, &lanes);
    let mut plan = Plan::default();
    let valid = sheet.rows.iter().filter(|it| it.standing == Standing::Valid).count();
    plan.tasks.reserve_exact(valid);
    let mut unplanned = Vec::new();
    for row in order::order(sheet, &lanes) {
        let (Some(_), Some(action)) = (sheet.row(row).mailbox, sheet.row(row).action) else {
            continue;
        };
        let is_valid = match sheet.row(row).standing {
            Standing::Valid => true,
            Standing::Invalid => false,
            Standing::Excluded(_) => continue,
        };
        let lane = lanes.of_row(row);
        let source = lanes.of_source(sheet, row).filter(|_| action == Action::Create);
        let creators: Vec<_> = [Some(lane), source]
            .into_iter()
            .flatten()
            .filter_map(|it| waits.made(it, row))
            .collect();
        let place = if !is_valid {
            None
        } else if let Some(on) = creators.iter().find_map(missing) {
            unplanned.push(Unplanned { row, on });
            None
        } else {
            let place = u32::try_from(plan.tasks.len()).unwrap_or(u32::MAX);
            let customer = sheet.row(row).customer;
            let judged_late = !creators.is_empty();
            let copies_pin = sheet.copied_from(row).is_some();
            plan.tasks.push(Task { row, action, lane, customer, judged_late, copies_pin });
            let before = waits.before(lane, source, &creators);
            let depends = |(on, needs)| Dependency { task: place, on, needs };
            plan.dependencies.extend(before.into_iter().map(depends));
            waits.touch(place, lane, source);
            Some(place)
        };
        if action == Action::Create {
            waits.create(lane, Creator { row, place });
        }
    }
    plan.surveys = surveys::surveys(plan.tasks.iter());
    (plan, unplanned)
}

/// The row that would have made the mailbox, if it is not sent.
fn missing(made: &Made) -> Option<RowIndex> {
    match made {
        Made::Surely(Creator { row, place: None }) => Some(*row),
        Made::Surely(Creator { place: Some(_), .. }) | Made::Perhaps(_) => None,
    }
}

#[cfg(test)]
mod tests;
