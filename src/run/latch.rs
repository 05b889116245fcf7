//! Kinds of calls that the switch has refused for good: the role does not allow them, or a customer's plan.

use std::collections::HashSet;

use crate::model::Action;

/// What is not to be tried again in this run.
#[derive(Debug, Default)]
pub(super) struct Latch {
    roles: HashSet<Action>,
    rate_plans: HashSet<(Action, Option<u32>)>,
    lookups: bool,
}

impl Latch {
    /// 402: nobody's calls of this kind.
    pub(super) fn role(&mut self, action: Action) {
        self.roles.insert(action);
    }

    /// 403: no calls of this kind for this customer.
    pub(super) fn rate_plan(&mut self, action: Action, customer: Option<u32>) {
        self.rate_plans.insert((action, customer));
    }

    /// 402 to a look-up.
    pub(super) fn no_lookups(&mut self) {
        self.lookups = true;
    }

    /// Whether look-ups are not to be tried.
    pub(super) fn forbids_lookups(&self) -> bool {
        self.lookups
    }

    /// Why a call is not to be tried, if so.
    pub(super) fn forbids(&self, action: Action, customer: Option<u32>) -> Option<&'static str> {
        if self.roles.contains(&action) {
            return Some("the role does not allow this kind of call");
        }
        let by_rate_plan = self.rate_plans.contains(&(action, customer));
        by_rate_plan.then_some("the rate plan does not allow this kind of call for this customer")
    }
}
