//! A journal at work: what is recorded goes to a thread of its own, and whoever records is told how far it is durable.

use std::sync::Arc;
use std::sync::mpsc;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Refused;
use crate::journal::error;
use crate::journal::scribe::Scribe;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Outcome;
use crate::model::RowIndex;

/// Entries that wait for the thread; whoever records more waits too.
const ENTRIES_WAITING_MAX: usize = 4096;

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
        /// What it asks for, if it is done and the intent that stays asked for something else.
        asked: Option<Fingerprint>,
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
        let scribe = Scribe::new(journal, job, complete, sender);
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
