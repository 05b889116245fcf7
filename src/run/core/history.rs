//! What is remembered of a task whose call was not its last.

use std::sync::Arc;

use crate::model::Action;
use crate::model::Ask;
use crate::model::Carried;
use crate::model::Detail;

/// The calls of one task up to now.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// Calls made in this run.
    pub(super) calls: u16,
    /// Those since what is asked changed, as far as they count against a limit.
    pub(super) attempts: u16,
    /// Times that a create was sent again after a look-up.
    pub(super) resends: u16,
    /// What the next call asks.
    pub(super) ask: Ask,
    /// One of the calls may have been carried out.
    pub(super) maybe_done: bool,
    /// What an earlier run left.
    pub(super) carried: Option<Carried>,
    /// The refusal, after such a call, for another reason than that the mailbox is there.
    pub(super) refusal: Option<Arc<Detail>>,
}

impl History {
    /// That of a task whose call an earlier run never saw the answer of.
    pub(super) fn carried(carried: Carried, ask: Ask) -> Self {
        Self { maybe_done: true, carried: Some(carried), ask, ..Self::default() }
    }

    /// How such a task goes on: a create is looked up, an update sent again.
    pub(super) fn carried_ask(action: Action) -> Ask {
        match action {
            Action::Create => Ask::LookUp,
            Action::Update => Ask::Act,
        }
    }

    /// An update of yesterday is not sent again: somebody may have changed the mailbox since.
    pub(super) fn is_too_old_to_send(&self, action: Action) -> bool {
        action == Action::Update && self.calls == 0 && self.carried.is_some_and(|it| it.aged)
    }

    /// Whether the next call is made because of what became of an earlier one.
    pub(super) fn is_further_call(&self) -> bool {
        self.maybe_done || self.attempts > 0
    }

    /// Goes on to another question.
    pub(super) fn turn_to(&mut self, ask: Ask) {
        if self.ask != ask {
            self.attempts = 0;
        }
        self.ask = ask;
    }
}
