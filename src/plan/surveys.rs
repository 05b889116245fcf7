//! Whose mailboxes are listed before the first create: what is not there then, and is found later, is this run's.
//!
//! One list costs one call. Where it would serve a few rows alone it is left out: the run can go on without.

use std::collections::BTreeMap;

use crate::model::Action;
use crate::model::Task;

/// A customer with as many creates is always listed.
const CREATES_WORTH_A_LIST: u64 = 10;

/// Most customers with fewer that are listed all the same.
const SMALL_MAX: usize = 20;

/// Customers with creates, in their order; nobody is the login's own.
pub(super) fn surveys<'t>(tasks: impl Iterator<Item = &'t Task>) -> Vec<Option<u32>> {
    let mut creates = BTreeMap::<Option<u32>, u64>::new();
    for task in tasks.filter(|it| it.action == Action::Create) {
        *creates.entry(task.customer).or_default() += 1;
    }
    let mut small = 0;
    let mut is_worth_it = |count: u64| {
        small += usize::from(count < CREATES_WORTH_A_LIST);
        count >= CREATES_WORTH_A_LIST || small <= SMALL_MAX
    };
    creates.into_iter().filter(|(_, count)| is_worth_it(*count)).map(|it| it.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creates(customers: impl Iterator<Item = u32>) -> Vec<Task> {
        let task = |customer| Task {
            row: 0,
            action: Action::Create,
            lane: 0,
            customer: Some(customer),
            judged_late: false,
            copies_pin: false,
        };
        customers.map(task).collect()
    }

    #[test]
    fn every_customer_of_a_few_is_listed_and_of_many_those_with_many_rows() {
        assert_eq!(surveys(creates([7, 3, 7].into_iter()).iter()), [Some(3), Some(7)]);
        let mut tasks = creates(0..1000);
        tasks.extend(creates([999; 9].into_iter()));
        let listed = surveys(tasks.iter());
        assert_eq!((listed.len(), listed.last()), (21, Some(&Some(999))));
    }
}
