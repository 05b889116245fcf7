//! Rows are read again ahead of their calls on the journal's thread, which the run does not wait for.
//!
//! What a row is recognised by goes into its intent; its call waits until the intent is durable and the run asks for it.

use std::collections::HashMap;
use std::collections::HashSet;
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
use crate::resources::mailbox::CallDraft;

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

/// What a journal's writer completes entries with, and where the calls are then. `edited` are the rows that ask for
/// something else than a call of an earlier run that may have been carried out.
pub fn preparing(
    batch: &Arc<Batch>,
    keys: Keys,
    kind: Kind,
    edited: HashSet<RowIndex, FixedState>,
) -> (Complete, Prepared) {
    let prepared = Prepared::default();
    let (batch, records) = (Arc::clone(batch), batch.input.records());
    let mut it = Preparer { batch, keys, kind, edited, records, prepared: prepared.clone() };
    (Box::new(move |entry| it.complete(entry)), prepared)
}

struct Preparer {
    batch: Arc<Batch>,
    keys: Keys,
    kind: Kind,
    /// Rows that ask for something else than a call of an earlier run that may have been carried out.
    edited: HashSet<RowIndex, FixedState>,
    records: Records,
    prepared: Prepared,
}

impl Preparer {
    fn complete(&mut self, entry: &mut Entry) {
        match entry {
            Entry::Intent { row, at_ms: _, evidence: _, fingerprint } => {
                *fingerprint = self.prepare(*row);
            }
            Entry::Withdrawn { row } => {
                self.prepared.take(*row);
            }
            Entry::Result { row, outcome, asked } => {
                self.prepared.take(*row);
                if outcome.status.is_done() && self.edited.contains(row) {
                    *asked = self.recognise(*row).map(|it| it.0);
                }
            }
            Entry::Refused(_) => {}
        }
    }

    /// Reads a row once for what it is recognised by and for its call.
    fn prepare(&mut self, row: RowIndex) -> Fingerprint {
        // What an earlier intent of the row had prepared, as that of a look-up does, is not what this one is about.
        self.prepared.take(row);
        let Some((fingerprint, draft)) = self.recognise(row) else {
            return Fingerprint::UNREADABLE;
        };
        self.prepared.put(row, draft.into_call());
        fingerprint
    }

    fn recognise(&mut self, row: RowIndex) -> Option<(Fingerprint, CallDraft)> {
        job::recognise((&self.batch, &self.keys), &mut self.records, row, self.kind)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::check::Rules;
    use crate::check::Selection;
    use crate::check::Strictness;
    use crate::input;
    use crate::input::Format;
    use crate::input::Source;
    use crate::journal::Claim;
    use crate::model::Action;
    use crate::model::Evidence;
    use crate::model::Function;
    use crate::model::Outcome;
    use crate::model::Secret;
    use crate::model::Status;
    use crate::pipeline::Telling;
    use crate::resources::Version;
    use crate::resources::mailbox;

    const FILE: &str = "mailbox,pin,description\n0201,480913,a\n0202,480914,b\n";

    /// A writer's side of that file, which `change` has had before any row is read again.
    fn preparer(change: impl FnOnce(&Path)) -> Preparer {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, FILE).unwrap();
        let settings = mailbox::Settings::new(Version::V3_14, Action::Create);
        let (strictness, selection) = (Strictness::default(), Selection::default());
        let rules = Rules { settings, strictness, selection };
        let source = Source::open(&path, u64::MAX).unwrap();
        let input = input::Settings::new(mailbox::columns(&[]));
        let batch = Batch::check(source, Format::Csv, input, rules, Telling::default()).unwrap();
        change(&path);
        let records = batch.input.records();
        let claim = Claim::open(&folder.path().join("a.boxlift")).unwrap();
        let keys = Keys::derive(&Secret::new("password"), claim.salt()).unwrap();
        let (batch, prepared) = (Arc::new(batch), Prepared::default());
        Preparer {
            batch,
            keys,
            kind: Kind::Real,
            edited: HashSet::from_iter([1]),
            records,
            prepared,
        }
    }

    /// The fingerprint that an intent of a row gets.
    fn intent(preparer: &mut Preparer, row: RowIndex) -> Fingerprint {
        let (at_ms, evidence, fingerprint) = (0, Evidence::None, Fingerprint::UNREADABLE);
        let mut entry = Entry::Intent { row, at_ms, evidence, fingerprint };
        preparer.complete(&mut entry);
        let Entry::Intent { fingerprint, .. } = entry else { panic!() };
        fingerprint
    }

    fn waiting(preparer: &Preparer) -> usize {
        preparer.prepared.calls.lock().unwrap().len()
    }

    #[test]
    fn an_intent_gets_its_rows_fingerprint_and_the_call_lies_ready_once() {
        let mut preparer = preparer(|_| ());
        let prints = [intent(&mut preparer, 0), intent(&mut preparer, 1)];
        assert!(prints[0] != prints[1] && !prints.contains(&Fingerprint::UNREADABLE));
        assert_eq!(intent(&mut preparer, 0), prints[0]);
        let call = preparer.prepared.take(0).unwrap();
        assert_eq!(call.function, Function::Create);
        assert_eq!(call.body, b"mailbox=0201&pin=480913&description=a");
        assert!(preparer.prepared.take(0).is_none());
    }

    #[test]
    fn what_is_withdrawn_or_has_a_result_lies_ready_no_longer() {
        let mut preparer = preparer(|_| ());
        intent(&mut preparer, 0);
        intent(&mut preparer, 1);
        preparer.complete(&mut Entry::Withdrawn { row: 0 });
        assert_eq!(waiting(&preparer), 1);
        let outcome = Outcome::without_call(Status::Failed, None);
        preparer.complete(&mut Entry::Result { row: 1, outcome, asked: None });
        assert_eq!(waiting(&preparer), 0);
    }

    #[test]
    fn the_result_of_a_row_that_was_edited_says_what_it_asked_for_once_it_is_done() {
        let mut preparer = preparer(|_| ());
        let mut asked = |row, status| {
            let outcome = Outcome::without_call(status, None);
            let mut entry = Entry::Result { row, outcome, asked: None };
            preparer.complete(&mut entry);
            let Entry::Result { asked, .. } = entry else { panic!() };
            asked
        };
        assert_eq!(asked(0, Status::Created), None);
        assert_eq!(asked(1, Status::InDoubt), None);
        let done = asked(1, Status::Created);
        assert_eq!(done, Some(intent(&mut preparer, 1)));
    }

    #[test]
    fn a_row_that_was_changed_has_no_call_and_nobody_can_recognise_it() {
        let mut preparer = preparer(|path| fs::write(path, FILE.replace(",b", ",c")).unwrap());
        assert_ne!(intent(&mut preparer, 0), Fingerprint::UNREADABLE);
        assert_eq!(intent(&mut preparer, 1), Fingerprint::UNREADABLE);
        assert_eq!(waiting(&preparer), 1);
    }
}
