//! What earlier runs of a job left, laid over its plan.

use std::collections::HashMap;

use crate::model::Known;
use crate::model::Plan;
use crate::model::RowIndex;

/// Tells the plan what is known of rows. Those that are not planned are left out.
pub fn lay_over(plan: &mut Plan, known: &[(RowIndex, Known)]) {
    let places: HashMap<RowIndex, u32> = match known {
        [] => return,
        _ => plan.tasks.iter().map(|it| it.row).zip(0..).collect(),
    };
    let place_of = |(row, known): &(RowIndex, Known)| Some((*places.get(row)?, *known));
    plan.known = known.iter().filter_map(place_of).collect();
    plan.known.sort_unstable_by_key(|it| it.0);
}
