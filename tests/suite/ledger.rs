//! What arrived at a model switch, in order: each call with its connection, whether it was carried out and how it
//! ended. The witness against which reports are held; it is told everything and decides nothing.

use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use std::time::Instant;

use super::world::Act;
use super::world::Call;
use super::world::Fields;
use super::world::Key;
use super::world::World;

/// How a call ended at the switch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// It is still under way.
    Open,
    /// An answer was written, whole and to be believed or not.
    Answered,
    /// The switch broke it off.
    Cut,
    /// The client went away.
    Abandoned,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub at: Instant,
    /// Connections are counted in the order in which they were accepted.
    pub connection: usize,
    /// How many calls came over the same connection before.
    pub before_on_connection: usize,
    pub call: Call,
    /// Whether its mailbox existed when it came.
    pub found: bool,
    /// Whether it changed the mailbox.
    pub carried_out: bool,
    pub end: End,
    /// Calls that change the same mailbox and were under way when it came.
    beside: Vec<usize>,
}

/// Everything that a model switch knows.
#[derive(Debug, Default)]
pub(super) struct State {
    pub world: World,
    pub arrivals: Vec<Arrival>,
    open: Vec<usize>,
    connections: usize,
}

impl State {
    /// Calls that were not answered yet.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Connections that were taken and are not closed yet.
    pub(super) fn connections(&self) -> usize {
        self.connections
    }

    /// The call that arrived as the nth.
    pub(super) fn call(&self, number: usize) -> &Call {
        &self.arrivals[number].call
    }
}

/// The state, shared by the threads of a switch and a test.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    state: Mutex<State>,
    changed: Condvar,
}

impl Ledger {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A connection was taken.
    pub(super) fn connected(&self) {
        self.lock().connections += 1;
    }

    /// A connection is closed.
    pub(super) fn disconnected(&self) {
        self.lock().connections -= 1;
        self.changed.notify_all();
    }

    /// A call has come; its number is its name from now on.
    pub(super) fn arrive(&self, connection: usize, before: usize, call: Call) -> usize {
        #[expect(clippy::disallowed_methods, reason = "a witness tells when a call came")]
        let at = Instant::now();
        let mut state = self.lock();
        let number = state.arrivals.len();
        let is_beside = |it: &&usize| {
            let other = state.call(**it);
            call.is_mutating() && other.is_mutating() && other.key() == call.key()
        };
        let beside = state.open.iter().filter(is_beside).copied().collect();
        let found = state.world.mailboxes.contains_key(&call.key());
        state.arrivals.push(Arrival {
            at,
            connection,
            before_on_connection: before,
            call,
            found,
            carried_out: false,
            end: End::Open,
            beside,
        });
        state.open.push(number);
        drop(state);
        self.changed.notify_all();
        number
    }

    /// Lets the world answer a call.
    pub(super) fn answer(&self, number: usize, act: Act) -> String {
        let mut state = self.lock();
        let call = state.call(number).clone();
        let (body, carried_out) = state.world.answer(&call, act);
        state.arrivals[number].carried_out |= carried_out;
        body
    }

    /// A call is over. Said before the last byte leaves, so that nobody can act on it earlier.
    pub(super) fn end(&self, number: usize, end: End) {
        let mut state = self.lock();
        state.arrivals[number].end = end;
        state.open.retain(|it| *it != number);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until the state is as wanted; `false` where it never was.
    pub(super) fn wait(&self, patience: Duration, is_so: impl Fn(&State) -> bool) -> bool {
        let not_yet = |state: &mut State| !is_so(state);
        let (_state, waited) =
            self.changed.wait_timeout_while(self.lock(), patience, not_yet).unwrap();
        !waited.timed_out()
    }

    /// Everything that came up to now.
    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        self.lock().arrivals.clone()
    }

    pub(super) fn mailbox(&self, key: &Key) -> Option<Fields> {
        self.lock().world.mailboxes.get(key).cloned()
    }

    /// What happened, a call a line, the last calls only.
    pub(super) fn story(&self) -> String {
        const CALLS_MAX: usize = 40;
        let state = self.lock();
        let Some(first) = state.arrivals.first() else { return "nobody called".to_owned() };
        let line = |(number, arrival): (usize, &Arrival)| {
            let Arrival { at, connection, call, carried_out, end, .. } = arrival;
            let ms = (*at - first.at).as_millis();
            let Call { function, is_rehearsal, .. } = call;
            let key = call.key();
            format!(
                "{number} at {ms} ms on connection {connection}: {function} of {key:?}, \
                 rehearsal {is_rehearsal}, carried out {carried_out}, {end:?}"
            )
        };
        let skipped = state.arrivals.len().saturating_sub(CALLS_MAX);
        let lines = state.arrivals.iter().enumerate().skip(skipped).map(line);
        lines.collect::<Vec<_>>().join("\n    ")
    }

    /// Pairs of calls that changed one mailbox and were under way at the same time.
    ///
    /// A call that the client had turned away from is not counted: whoever gave up waiting may go on, since the
    /// settle time of these tests is shorter than any ghost.
    pub(super) fn overlaps(&self) -> Vec<String> {
        let state = self.lock();
        let mut pairs = Vec::new();
        for (number, arrival) in state.arrivals.iter().enumerate() {
            let others = arrival.beside.iter();
            for other in others.filter(|it| state.arrivals[**it].end != End::Abandoned) {
                pairs.push(format!("calls {other} and {number} on {:?}", arrival.call.key()));
            }
        }
        pairs
    }
}
