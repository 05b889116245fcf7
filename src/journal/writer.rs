//! The thread that keeps what is recorded, in groups: one sync for all that came while the last one went on.
//!
//! Never tries a write again that failed, but for a full disk, where SQLite knows that nothing was written.

use std::sync::Arc;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;

use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Refused;
use crate::journal::error;
use crate::journal::queries;
use crate::journal::rows;
use crate::journal::rows::About;
use crate::journal::rows::Call;
use crate::journal::rows::Origin;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Outcome;
use crate::model::RowIndex;

/// Entries that wait for the thread; whoever records more waits too.
const ENTRIES_WAITING_MAX: usize = 4096;

/// Entries that are kept at once.
const GROUP_MAX: usize = 1024;

/// A group as large as that shows that much is going on: the next one is gathered for a while.
const BUSY_FROM: usize = 8;

/// One as large as that shows that intents may run out before this thread is done.
const HURRIED_FROM: usize = 128;

/// How long entries are gathered where much is going on, and where too much is; intents run further ahead than that.
const GATHERING: Duration = Duration::from_millis(4);
const HURRIED_GATHERING: Duration = Duration::from_millis(2);

/// What is recorded of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// A call is about to be made. Of one that may have been carried out before, time and fingerprint stay; none follows
    /// a result.
    Intent {
        /// The row.
        row: RowIndex,
        /// When.
        at_ms: i64,
        /// What is known from before.
        evidence: Evidence,
        /// What is asked for.
        fingerprint: Fingerprint,
    },
    /// The call of an intent was not made after all.
    Withdrawn {
        /// The row.
        row: RowIndex,
    },
    /// What became of a row.
    Result {
        /// The row.
        row: RowIndex,
        /// Its result.
        outcome: Outcome,
    },
    /// The switch refused the credentials.
    Refused(Box<Refused>),
}

/// Puts what is still missing into an entry before it is kept, on the writer's thread.
pub type Complete = Box<dyn FnMut(&mut Entry) + Send>;

/// How far the journal is.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Entries up to this number are durable.
    pub upto: u64,
    /// Why no more calls may be made. On a full disk, results of those in flight are kept from the reserve.
    pub failure: Option<Arc<JournalError>>,
    /// Nothing beyond `upto` will ever be durable.
    pub is_over: bool,
}

/// A journal at work.
#[derive(Debug)]
pub struct Writer {
    entries: SyncSender<Entry>,
    thread: JoinHandle<Option<Journal>>,
    kept: watch::Receiver<Kept>,
    recorded: u64,
    told_upto: u64,
    told_failure: bool,
    told_over: bool,
}

impl Writer {
    pub(super) fn start(
        journal: Journal,
        job: i64,
        complete: Complete,
    ) -> Result<Self, JournalError> {
        let (entries, coming) = mpsc::sync_channel(ENTRIES_WAITING_MAX);
        let (sender, kept) = watch::channel(Kept::default());
        let path = journal.path.clone();
        let group = Vec::with_capacity(GROUP_MAX);
        let (taken, given_up) = (0, false);
        let scribe = Scribe { journal, job, complete, group, taken, given_up, kept: sender };
        let thread = thread::Builder::new().name("journal".to_owned());
        let thread = thread.spawn(move || scribe.work(&coming));
        let thread = thread.map_err(|source| error::of_io(&path, source))?;
        Ok(Self {
            entries,
            thread,
            kept,
            recorded: 0,
            told_upto: 0,
            told_failure: false,
            told_over: false,
        })
    }

    /// Hands an entry over and gives its number, from 1. It is durable once [`Kept::upto`] has come to it.
    pub fn record(&mut self, entry: Entry) -> u64 {
        self.recorded += 1;
        // A thread that is gone keeps nothing; that is told by `changed`.
        let _ = self.entries.send(entry);
        self.recorded
    }

    /// Waits until more is durable than was told before, or a failure is known, or the end. Can be dropped at any point.
    pub async fn changed(&mut self) -> Kept {
        loop {
            let kept = self.kept.borrow_and_update().clone();
            if let Some(kept) = self.news(kept) {
                return kept;
            }
            if self.kept.changed().await.is_err() {
                let last = broken_off(self.kept.borrow().clone());
                match self.news(last) {
                    Some(kept) => return kept,
                    None => std::future::pending().await,
                }
            }
        }
    }

    fn news(&mut self, kept: Kept) -> Option<Kept> {
        let is_new_failure = kept.failure.is_some() && !self.told_failure;
        let is_new_end = kept.is_over && !self.told_over;
        let is_news = kept.upto > self.told_upto || is_new_failure || is_new_end;
        self.told_upto = kept.upto;
        self.told_failure |= kept.failure.is_some();
        self.told_over |= kept.is_over;
        is_news.then_some(kept)
    }

    /// Waits until all that was recorded is durable or lost. Gives the journal back unless it must not be touched any more.
    pub fn close(self) -> (Option<Journal>, Kept) {
        let Self {
            entries,
            thread,
            kept,
            recorded: _,
            told_upto: _,
            told_failure: _,
            told_over: _,
        } = self;
        drop(entries);
        let ended = thread.join();
        let last = kept.borrow().clone();
        match ended {
            Ok(journal) => (journal, last),
            Err(_panic) => (None, broken_off(last)),
        }
    }
}

/// What is known of a thread that is gone without saying why.
fn broken_off(kept: Kept) -> Kept {
    let Kept { upto, failure, is_over: _ } = kept;
    let failure = failure.unwrap_or_else(|| Arc::new(JournalError::BrokeOff));
    Kept { upto, failure: Some(failure), is_over: true }
}

/// The thread's own side.
struct Scribe {
    journal: Journal,
    job: i64,
    complete: Complete,
    group: Vec<Entry>,
    /// Entries that were handed over so far.
    taken: u64,
    /// Nothing more is kept.
    given_up: bool,
    kept: watch::Sender<Kept>,
}

impl Scribe {
    fn work(mut self, coming: &Receiver<Entry>) -> Option<Journal> {
        let mut gathering = None;
        while let Ok(first) = coming.recv() {
            self.group.push(first);
            if let Some(time) = gathering {
                // Nobody wakes this thread meanwhile, and one sync serves all that comes.
                thread::park_timeout(time);
            }
            self.group.extend(coming.try_iter().take(GROUP_MAX - 1));
            gathering = match self.group.len() {
                ..BUSY_FROM => None,
                BUSY_FROM..HURRIED_FROM => Some(GATHERING),
                HURRIED_FROM.. => Some(HURRIED_GATHERING),
            };
            self.taken += self.group.len() as u64;
            // What is over is forgotten even if nothing is kept any more.
            let is_open = |it: &&mut Entry| matches!(it, Entry::Intent { .. });
            let (given_up, complete) = (self.given_up, &mut self.complete);
            self.group.iter_mut().filter(|it| !given_up || !is_open(it)).for_each(complete);
            if !given_up {
                self.keep_group();
            }
            self.group.clear();
        }
        // Left as it is where a write failed: who looks at the file next sees what really is on the disk.
        let failure = self.kept.borrow().failure.clone();
        let may_go_on = failure.is_none_or(|it| it.is_full());
        may_go_on.then_some(self.journal)
    }

    fn keep_group(&mut self) {
        match self.put() {
            Ok(()) => self.publish(self.journal.check_name().err()),
            Err(error) if error.is_full() && self.journal.reserve.take().is_some() => {
                match self.put() {
                    Ok(()) => self.publish(Some(error)),
                    Err(again) => self.give_up(again),
                }
            }
            Err(error) => self.give_up(error),
        }
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

    fn put(&self) -> Result<(), JournalError> {
        let connection = &self.journal.connection;
        self.journal.told(put(connection, self.job, &self.group))
    }
}

/// Keeps entries in their order, all or none.
fn put(connection: &Connection, job: i64, entries: &[Entry]) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
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
            Entry::Result { row, outcome } => {
                rows::put_result(&mut result, about(row), outcome)?;
            }
            Entry::Refused(refused) => queries::refuse(connection, refused)?,
        }
    }
    drop((call, withdraw, result));
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Claim;
    use crate::journal::Fault;
    use crate::model::Detail;
    use crate::model::Status;

    fn result(row: RowIndex, status: Status, message: String) -> Entry {
        let detail = Detail { message, ..Detail::default() };
        Entry::Result { row, outcome: Outcome::without_call(status, Some(Arc::new(detail))) }
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
        let large = "x".repeat(100_000);
        let group =
            vec![result(0, Status::Failed, String::new()), result(1, Status::Created, large)];
        let (sender, kept) = watch::channel(Kept::default());
        let complete: Complete = Box::new(|_| ());
        let (job, taken, given_up) = (1, 2, false);
        let mut scribe = Scribe { journal, job, complete, group, taken, given_up, kept: sender };
        scribe.keep_group();
        let Kept { upto, failure, is_over } = kept.borrow().clone();
        let failure = failure.unwrap();
        assert_eq!((upto, is_over, failure.fault()), (0, true, Fault::File));
        assert!(failure.to_string().ends_with("the disk is gone"), "{failure}");
        let (_, nothing_comes) = mpsc::sync_channel(1);
        assert!(scribe.work(&nothing_comes).is_none(), "the journal is not touched any more");
    }
}
