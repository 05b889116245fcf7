//! The journal's thread: keeps what it is handed in groups, one sync for all that came while the last one went on.
//!
//! Never tries a write again that failed, but for a full disk, where SQLite knows that nothing was written.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::Transaction;
use tokio::sync::watch;

use crate::journal::Complete;
use crate::journal::Entry;
use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Kept;
use crate::journal::queries;
use crate::journal::rows;
use crate::journal::rows::About;
use crate::journal::rows::Call;
use crate::journal::rows::Origin;
use crate::model::RowIndex;

/// Entries that are kept at once.
const GROUP_MAX: usize = 1024;

/// A group as large as that shows that much is going on: the next one is gathered for a while.
const BUSY_FROM: usize = 8;

/// One as large as that shows that intents may run out before this thread is done.
const HURRIED_FROM: usize = 128;

/// How a group is gathered before it is kept: in so many steps, of which each waits so long, and then completes and writes
/// what came. Intents run further ahead than that.
#[derive(Clone, Copy)]
struct Gathering {
    steps: u32,
    wait: Duration,
}

impl Gathering {
    const AT_ONCE: Self = Self { steps: 1, wait: Duration::ZERO };
    const BUSY: Self = Self { steps: 1, wait: Duration::from_millis(4) };
    /// In small steps, since run, switch and this thread may share few cores: what waits for one is soon idle for want of
    /// the other two.
    const HURRIED: Self = Self { steps: 8, wait: Duration::from_micros(250) };

    /// How the next group is gathered after one of so many entries.
    fn after(entries: usize) -> Self {
        match entries {
            ..BUSY_FROM => Self::AT_ONCE,
            BUSY_FROM..HURRIED_FROM => Self::BUSY,
            HURRIED_FROM.. => Self::HURRIED,
        }
    }
}

/// Who keeps entries.
pub(super) struct Scribe {
    journal: Journal,
    job: i64,
    complete: Complete,
    group: Vec<Entry>,
    /// Entries that were handed over as long as they were kept.
    taken: u64,
    /// Nothing more is kept.
    given_up: bool,
    kept: watch::Sender<Kept>,
}

impl Scribe {
    pub(super) fn new(
        journal: Journal,
        job: i64,
        complete: Complete,
        kept: watch::Sender<Kept>,
    ) -> Self {
        let group = Vec::with_capacity(GROUP_MAX);
        Self { journal, job, complete, group, taken: 0, given_up: false, kept }
    }

    /// Keeps what comes until nobody can record any more. Gives the journal back unless it must not be touched.
    pub(super) fn work(mut self, coming: &Receiver<Entry>) -> Option<Journal> {
        let mut gathering = Gathering::AT_ONCE;
        while let Ok(mut first) = coming.recv() {
            if self.given_up {
                // What is over is forgotten even if nothing is kept any more.
                if !matches!(first, Entry::Intent { .. }) {
                    (self.complete)(&mut first);
                }
                continue;
            }
            self.group.push(first);
            let kept = self.keep_group(coming, gathering);
            gathering = Gathering::after(self.group.len());
            self.taken += self.group.len() as u64;
            self.conclude(kept);
            self.group.clear();
        }
        // Left as it is where a write failed: who looks at the file next sees what really is on the disk.
        let failure = self.kept.borrow().failure.clone();
        let may_go_on = failure.is_none_or(|it| it.is_full());
        may_go_on.then_some(self.journal)
    }

    /// Fills a group with what comes and keeps it, all or none.
    fn keep_group(
        &mut self,
        coming: &Receiver<Entry>,
        gathering: Gathering,
    ) -> Result<(), JournalError> {
        let Self { journal, job, complete, group, taken: _, given_up: _, kept: _ } = self;
        let mut transaction = journal.told(journal.connection.unchecked_transaction())?;
        let mut done = 0;
        for _ in 0..gathering.steps {
            if group.len() < GROUP_MAX && !gathering.wait.is_zero() {
                // Nobody wakes this thread meanwhile, and one sync serves all that comes.
                thread::park_timeout(gathering.wait);
            }
            let room = GROUP_MAX - group.len();
            group.extend(coming.try_iter().take(room));
            let new = &mut group[done..];
            if new.is_empty() {
                // The run waits for what is here, or has nothing more to say.
                break;
            }
            new.iter_mut().for_each(&mut *complete);
            transaction = journal.told(put(transaction, *job, new))?;
            done = group.len();
        }
        journal.told(transaction.commit())
    }

    /// Tells what came of a group. On a full disk it is kept in the room of the reserve, if there is one still.
    fn conclude(&mut self, kept: Result<(), JournalError>) {
        match kept {
            Ok(()) => self.publish(self.journal.check_name().err()),
            Err(error) if error.is_full() && self.journal.reserve.take().is_some() => {
                match self.keep_again() {
                    Ok(()) => self.publish(Some(error)),
                    Err(again) => self.give_up(again),
                }
            }
            Err(error) => self.give_up(error),
        }
    }

    fn keep_again(&self) -> Result<(), JournalError> {
        let transaction = self.journal.connection.unchecked_transaction();
        let written = transaction.and_then(|it| put(it, self.job, &self.group));
        self.journal.told(written.and_then(Transaction::commit))
    }

    fn give_up(&mut self, error: JournalError) {
        self.given_up = true;
        if !error.is_full() {
            self.journal.touch_no_more();
        }
        self.publish(Some(error));
    }

    /// Tells how far the journal is. A failure stays told.
    fn publish(&self, failure: Option<JournalError>) {
        let (taken, given_up) = (self.taken, self.given_up);
        self.kept.send_modify(|kept| {
            if !given_up {
                kept.upto = taken;
            }
            kept.is_over = given_up;
            if let Some(failure) = failure {
                kept.failure = Some(Arc::new(failure));
            }
        });
    }
}

/// Writes entries in their order; takes back what the transaction wrote before if one fails.
fn put<'c>(
    transaction: Transaction<'c>,
    job: i64,
    entries: &[Entry],
) -> rusqlite::Result<Transaction<'c>> {
    let connection: &Connection = &transaction;
    let mut call = connection.prepare_cached(rows::PUT_CALL)?;
    let mut withdraw = connection.prepare_cached(rows::WITHDRAW)?;
    let mut result = connection.prepare_cached(rows::PUT_RESULT)?;
    let about = |row: &RowIndex| About { job, row: *row, origin: Origin::Own };
    for entry in entries {
        match entry {
            Entry::Intent { row, at_ms, evidence, fingerprint } => {
                let (at_ms, evidence, fingerprint) = (*at_ms, *evidence, *fingerprint);
                let intent =
                    Call { at_ms, latest_ms: None, evidence, fingerprint, withdrawn: false };
                rows::put_call(&mut call, about(row), intent)?;
            }
            Entry::Withdrawn { row } => {
                withdraw.execute([rows::id(job, *row)])?;
            }
            Entry::Result { row, outcome, asked } => {
                if let Some(fingerprint) = asked {
                    rows::amend_call(connection, rows::id(job, *row), fingerprint)?;
                }
                rows::put_result(&mut result, about(row), outcome)?;
            }
            Entry::Refused(refused) => queries::refuse(connection, refused)?,
        }
    }
    drop((call, withdraw, result));
    Ok(transaction)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::journal::Claim;
    use crate::journal::Fault;
    use crate::model::Detail;
    use crate::model::Outcome;
    use crate::model::Status;

    fn result(row: RowIndex, status: Status, message: String) -> Entry {
        let detail = Detail { message, ..Detail::default() };
        let outcome = Outcome::without_call(status, Some(Arc::new(detail)));
        Entry::Result { row, outcome, asked: None }
    }

    #[test]
    fn a_write_that_fails_after_the_reserve_was_given_up_is_told_and_ends_all_writing() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Claim::open(&folder.path().join("a.boxlift")).unwrap().journal(0, 2).unwrap();
        let connection = &journal.connection;
        let pages: i64 = connection.pragma_query_value(None, "page_count", |it| it.get(0)).unwrap();
        connection.pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(())).unwrap();
        // The second result does not fit; that the first was written before is counted, though it was taken back.
        let failing = format!(
            "CREATE TEMP TRIGGER failing BEFORE INSERT ON main.result
             WHEN new.status = 'failed' AND total_changes() > {}
             BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END",
            connection.total_changes()
        );
        connection.execute_batch(&failing).unwrap();
        let (recording, coming) = mpsc::sync_channel(2);
        recording.send(result(0, Status::Failed, String::new())).unwrap();
        recording.send(result(1, Status::Created, "x".repeat(100_000))).unwrap();
        drop(recording);
        let (sender, kept) = watch::channel(Kept::default());
        let scribe = Scribe::new(journal, 1, Box::new(|_| ()), sender);
        assert!(scribe.work(&coming).is_none(), "the journal is not touched any more");
        let Kept { upto, failure, is_over } = kept.borrow().clone();
        let failure = failure.unwrap();
        assert_eq!((upto, is_over, failure.fault()), (0, true, Fault::File));
        assert!(failure.to_string().ends_with("the disk is gone"), "{failure}");
    }

    /// A scribe with a group of one result, whose next one, `second`, comes while the first one is dealt with.
    fn interrupted(
        journal: Journal,
        second: Entry,
    ) -> (Scribe, Receiver<Entry>, watch::Receiver<Kept>) {
        let (recording, coming) = mpsc::sync_channel(1);
        let complete: Complete = Box::new(move |entry| {
            if matches!(entry, Entry::Result { row: 0, .. }) {
                recording.send(second.clone()).unwrap();
            }
        });
        let (sender, kept) = watch::channel(Kept::default());
        let mut scribe = Scribe::new(journal, 1, complete, sender);
        scribe.group.push(result(0, Status::Created, String::new()));
        (scribe, coming, kept)
    }

    fn results(scribe: &Scribe) -> i64 {
        let sql = "SELECT count(*) FROM result";
        scribe.journal.connection.query_row(sql, [], |it| it.get(0)).unwrap()
    }

    #[test]
    fn what_is_written_while_a_group_is_gathered_is_taken_back_if_the_rest_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Claim::open(&folder.path().join("a.boxlift")).unwrap().journal(0, 2).unwrap();
        let failing = "CREATE TEMP TRIGGER failing BEFORE INSERT ON main.result
             WHEN new.status = 'failed' BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END";
        journal.connection.execute_batch(failing).unwrap();
        let second = result(1, Status::Failed, String::new());
        let (mut scribe, coming, kept) = interrupted(journal, second);
        let put = scribe.keep_group(&coming, Gathering::HURRIED);
        assert_eq!(scribe.group.len(), 2);
        scribe.taken += 2;
        scribe.conclude(put);
        let Kept { upto, failure, is_over } = kept.borrow().clone();
        assert_eq!((results(&scribe), upto, failure.is_some(), is_over), (0, 0, true, true));
    }

    #[test]
    fn a_disk_that_gets_full_while_a_group_is_gathered_is_met_with_the_reserve_for_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Claim::open(&folder.path().join("a.boxlift")).unwrap().journal(0, 2).unwrap();
        let pages_max = |connection: &Connection, pages: i64| {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        };
        let pages = journal.connection.pragma_query_value(None, "page_count", |it| it.get(0));
        pages_max(&journal.connection, pages.unwrap());
        let second = result(1, Status::Created, "x".repeat(100_000));
        let (mut scribe, coming, kept) = interrupted(journal, second);
        let put = scribe.keep_group(&coming, Gathering::HURRIED);
        assert!(put.as_ref().is_err_and(JournalError::is_full), "{put:?}");
        scribe.taken += 2;
        pages_max(&scribe.journal.connection, 1000);
        scribe.conclude(put);
        let Kept { upto, failure, is_over } = kept.borrow().clone();
        assert_eq!((results(&scribe), upto, is_over), (2, 2, false));
        assert!(failure.is_some_and(|it| it.is_full()) && scribe.journal.reserve.is_none());
    }
}
