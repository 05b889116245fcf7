//! What is remembered of a task whose call was not its last.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Action;
use crate::model::Ask;
use crate::model::Carried;
use crate::model::Detail;
use crate::run::queue::Turn;

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

    /// Whether a call of this run is what the task waits for.
    pub(super) fn turn(&self) -> Turn {
        if self.calls > 0 { Turn::Further } else { Turn::First }
    }

    /// Whether the next call is made because of what may have become of an earlier one of this run. Of a task that was
    /// left open every call after the first is.
    pub(super) fn is_further_call(&self) -> bool {
        self.calls > 0 && (self.maybe_done || self.attempts > 0)
    }

    /// Goes on to another question.
    pub(super) fn turn_to(&mut self, ask: Ask) {
        if self.ask != ask {
            self.attempts = 0;
        }
        self.ask = ask;
    }
}

/// What is remembered of all tasks, and how many of them were begun in this run.
#[derive(Debug, Default)]
pub(super) struct Histories {
    of: HashMap<u32, History>,
    begun: usize,
}

impl Histories {
    pub(super) fn get(&self, task: u32) -> Option<&History> {
        self.of.get(&task)
    }

    pub(super) fn insert(&mut self, task: u32, history: History) {
        self.begun += usize::from(history.turn() == Turn::Further);
        let before = self.of.insert(task, history);
        assert!(before.is_none(), "a history is taken out before it is changed");
    }

    pub(super) fn remove(&mut self, task: u32) -> Option<History> {
        let history = self.of.remove(&task)?;
        self.begun -= usize::from(history.turn() == Turn::Further);
        Some(history)
    }

    /// Tasks that were begun in this run and have no result yet.
    pub(super) fn begun(&self) -> usize {
        self.begun
    }

    pub(super) fn tasks(&self) -> impl Iterator<Item = u32> {
        self.of.keys().copied()
    }
}
