//! Rows are read again ahead of their calls on the journal's thread, which the run does not wait for.
//!
//! What a row is recognised by goes into its intent; its call waits until the intent is durable and the run asks for it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use foldhash::fast::FixedState;

use crate::input::Records;
use crate::journal::Complete;
use crate::journal::Entry;
use crate::journal::Keys;
use crate::model::Call;
use crate::model::Fingerprint;
use crate::model::Kind;
use crate::model::RowIndex;
use crate::pipeline::Batch;
use crate::pipeline::job;
use crate::resources::mailbox;
use crate::resources::mailbox::Purpose;

/// Calls of rows whose intents were recorded and that were not sent yet: as many as the core prepares.
#[derive(Clone, Default)]
pub struct Prepared {
    calls: Arc<Mutex<HashMap<RowIndex, Call, FixedState>>>,
}

impl fmt::Debug for Prepared {
    /// Shows no call: it may hold a PIN.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(…)")
    }
}

impl Prepared {
    /// Takes the call of a row, if there is one.
    pub(super) fn take(&self, row: RowIndex) -> Option<Call> {
        // Whoever panicked left the map whole: it is never half changed.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(&row)
    }

    fn put(&self, row: RowIndex, call: Call) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).insert(row, call);
    }
}

/// What a journal's writer completes intents with, and where the calls are then.
pub fn preparing(batch: &Arc<Batch>, keys: Keys, kind: Kind) -> (Complete, Prepared) {
    let prepared = Prepared::default();
    let records = batch.input.records();
    let mut it =
        Preparer { batch: Arc::clone(batch), keys, kind, records, prepared: prepared.clone() };
    (Box::new(move |entry| it.complete(entry)), prepared)
}

struct Preparer {
    batch: Arc<Batch>,
    keys: Keys,
    kind: Kind,
    records: Records,
    prepared: Prepared,
}

impl Preparer {
    fn complete(&mut self, entry: &mut Entry) {
        match entry {
            Entry::Intent { row, at_ms: _, evidence: _, fingerprint } => {
                *fingerprint = self.prepare(*row);
            }
            Entry::Withdrawn { row } | Entry::Result { row, outcome: _ } => {
                self.prepared.take(*row);
            }
            Entry::Refused(_) => {}
        }
    }

    /// Reads a row once for what it is recognised by and for its call.
    fn prepare(&mut self, row: RowIndex) -> Fingerprint {
        let Self { batch, keys, kind, records, prepared } = self;
        let Some(action) = batch.checked.sheet.row(row).action else {
            return Fingerprint::UNREADABLE;
        };
        let purpose = Purpose::Act(action, *kind);
        let call = |reading: &mailbox::Reading<'_>| mailbox::call(reading, purpose);
        let Ok((fingerprint, call)) = job::recognise((batch, keys), records, row, call) else {
            return Fingerprint::UNREADABLE;
        };
        prepared.put(row, call);
        fingerprint
    }
}
