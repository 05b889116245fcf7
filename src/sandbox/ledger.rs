//! The list of calls that reached the sandbox, for tests and for an access log. Bounded, and never
//! holds a PIN, a password or a raw body.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

/// How many calls are kept; the oldest go first.
pub const CALLS_MAX: usize = 200_000;

/// One request that reached the sandbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    /// Counts from 1 in the order of arrival.
    pub number: u64,
    /// When its head had arrived, since the sandbox started.
    pub at: Duration,
    /// When its answer was ready to be sent; nothing where none was sent.
    pub answered: Option<Duration>,
    /// The function, e.g. `mailboxes/create`; `?` where there is no such function.
    pub function: &'static str,
    /// The mailbox it named, where that looks like one.
    pub mailbox: Option<String>,
    /// The customer it named, or else the caller's own once known.
    pub customer: Option<i64>,
    /// Whether it asked for a check only.
    pub validation: bool,
    /// The (first) code of the switch; present too where a fault then ate the answer.
    pub code: Option<u16>,
    /// The fault that struck, e.g. `lost` or `503`.
    pub fault: Option<String>,
}

/// The calls so far.
pub(super) struct Ledger {
    started: Instant,
    calls: Mutex<Calls>,
    log: Option<mpsc::Sender<Call>>,
}

struct Calls {
    kept: VecDeque<Call>,
    next: u64,
    max: usize,
}

impl Ledger {
    pub(super) fn new(log: Option<mpsc::Sender<Call>>) -> Self {
        let calls = Calls { kept: VecDeque::new(), next: 1, max: CALLS_MAX };
        Self { started: Instant::now(), calls: Mutex::new(calls), log }
    }

    /// The calls that are kept, oldest first.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.lock().kept.iter().cloned().collect()
    }

    /// Notes that a request has arrived; the entry is complete once the result is dropped.
    pub(super) fn arrive(self: &Arc<Self>) -> Entry {
        let at = self.started.elapsed();
        let mut calls = self.lock();
        let call = Call {
            number: calls.next,
            at,
            answered: None,
            function: "?",
            mailbox: None,
            customer: None,
            validation: false,
            code: None,
            fault: None,
        };
        calls.next += 1;
        if calls.kept.len() == calls.max {
            calls.kept.pop_front();
        }
        calls.kept.push_back(call.clone());
        drop(calls);
        Entry { ledger: Arc::clone(self), call }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, call: &Call) {
        let mut calls = self.lock();
        let first = calls.kept.front().map_or(u64::MAX, |it| it.number);
        let place = call.number.checked_sub(first).and_then(|it| usize::try_from(it).ok());
        if let Some(kept) = place.and_then(|it| calls.kept.get_mut(it)) {
            kept.clone_from(call);
        }
    }
}

/// A call in the making. Dropping it, for whatever reason, completes it.
pub(super) struct Entry {
    ledger: Arc<Ledger>,
    /// What is known so far; the ledger sees it at `save` and at the end.
    pub(super) call: Call,
}

impl Entry {
    /// Lets the ledger see what is known so far.
    pub(super) fn save(&self) {
        self.ledger.write(&self.call);
    }

    /// Notes that the answer is on its way.
    pub(super) fn answered(&mut self) {
        self.call.answered = Some(self.ledger.started.elapsed());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.save();
        if let Some(log) = &self.ledger.log {
            // A reader that is too slow loses lines; an answer must not wait for a log.
            drop(log.try_send(self.call.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_calls_go_first_and_late_ends_find_their_place() {
        let ledger = Arc::new(Ledger::new(None));
        ledger.lock().max = 2;
        let first = ledger.arrive();
        let mut second = ledger.arrive();
        drop(ledger.arrive());
        second.call.code = Some(204);
        drop(second);
        drop(first);
        let seen: Vec<_> = ledger.calls().iter().map(|it| (it.number, it.code)).collect();
        assert_eq!(seen, [(2, Some(204)), (3, None)]);
    }

    #[tokio::test]
    async fn a_full_log_loses_lines_rather_than_wait() {
        let (sender, mut receiver) = mpsc::channel(1);
        let ledger = Arc::new(Ledger::new(Some(sender)));
        drop(ledger.arrive());
        drop(ledger.arrive());
        assert_eq!(receiver.recv().await.map(|it| it.number), Some(1));
        assert_eq!(receiver.try_recv().ok(), None);
    }
}
