//! What earlier runs of a job left, laid over its plan.

use std::collections::HashSet;

use crate::model::Known;
use crate::model::Plan;
use crate::model::RowIndex;
use crate::model::Status;
use crate::plan::surveys::surveys;

/// Tells the plan what is known of rows. Those that are not planned are left out.
pub fn lay_over(plan: &mut Plan, known: &[(RowIndex, Known)]) {
    if known.is_empty() {
        return;
    }
    let mut places: Vec<(RowIndex, u32)> = plan.tasks.iter().map(|it| it.row).zip(0..).collect();
    places.sort_unstable();
    let place_of = |(row, known): &(RowIndex, Known)| {
        let found = places.binary_search_by_key(row, |it| it.0).ok()?;
        Some((places[found].1, *known))
    };
    plan.known = known.iter().filter_map(place_of).collect();
    plan.known.sort_unstable_by_key(|it| it.0);
    // Nobody needs to know what was absent before rows that are done.
    let is_settled = |place: u32| {
        let found = plan.known.binary_search_by_key(&place, |it| it.0);
        found.is_ok_and(|it| matches!(plan.known[it].1, Known::Settled(_)))
    };
    let open = (0..).zip(&plan.tasks).filter(|(place, _)| !is_settled(*place));
    let surveys = surveys(open.map(|it| it.1));
    plan.surveys = surveys;
}

/// Rows that are to be sent for the first time though a later one of their mailbox is done, and is not sent again; in
/// plan order. Where one of two rows leaves the customer blank, their mailbox may be the same.
pub fn overtaken(plan: &Plan) -> Vec<RowIndex> {
    let mut known = plan.known.iter().rev().peekable();
    let (mut done, mut lanes) = (HashSet::new(), HashSet::new());
    let mut rows = Vec::new();
    for (place, task) in plan.tasks.iter().enumerate().rev() {
        match known.next_if(|it| it.0 as usize == place) {
            Some((_, Known::Settled(Status::Created | Status::Updated))) => {
                done.insert((task.lane, task.customer));
                lanes.insert(task.lane);
            }
            Some(_) => {}
            None => {
                let same = [task.customer, None].map(|it| done.contains(&(task.lane, it)));
                if same.contains(&true) || task.customer.is_none() && lanes.contains(&task.lane) {
                    rows.push(task.row);
                }
            }
        }
    }
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use crate::model::Status;
    use crate::model::Task;

    fn create(row: RowIndex, customer: u32) -> Task {
        Task {
            row,
            action: Action::Create,
            lane: row,
            customer: Some(customer),
            judged_late: false,
            copies_pin: false,
        }
    }

    #[test]
    fn rows_find_their_tasks_and_customers_whose_rows_are_done_are_not_listed() {
        let tasks = vec![create(4, 7), create(2, 8)];
        let surveys = vec![Some(7), Some(8)];
        let mut plan = Plan { tasks, surveys, ..Plan::default() };
        let done = Known::Settled(Status::Created);
        lay_over(&mut plan, &[(2, done), (3, done)]);
        assert_eq!((plan.known, plan.surveys), (vec![(1, done)], vec![Some(7)]));
    }

    #[test]
    fn a_row_before_one_of_its_mailbox_that_is_done_is_overtaken() {
        let task = |(row, lane, customer)| Task { lane, customer, ..create(row, 7) };
        let sent = [(0, 0, Some(7)), (1, 0, None), (2, 0, Some(8)), (3, 1, None)];
        let rest = [(4, 0, Some(7)), (5, 1, None), (6, 0, Some(7))];
        let tasks = sent.into_iter().chain(rest).map(task).collect();
        let known =
            vec![(4, Known::Settled(Status::Updated)), (5, Known::Settled(Status::Rejected))];
        assert_eq!(overtaken(&Plan { tasks, known, ..Plan::default() }), [0, 1]);
    }
}
