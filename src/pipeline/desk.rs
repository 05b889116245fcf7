//! The desk of a run: reads rows again, keeps what happens, puts results in their places, tells the watcher.

use std::time::Duration;

use tokio::time::Instant;

use crate::check;
use crate::input::Records;
use crate::model::Ask;
use crate::model::Call;
use crate::model::Kind;
use crate::model::Notice;
use crate::model::Outcome;
use crate::model::Reply;
use crate::model::Task;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::resources::mailbox;
use crate::resources::mailbox::Purpose;
use crate::run::Desk;
use crate::run::Entry;
use crate::run::Kept;
use crate::run::Recorded;
use crate::run::Unreadable;

/// Where a run's rows come from and its results go.
pub(super) struct Counter<'d> {
    batch: &'d Batch,
    kind: Kind,
    records: Records,
    results: &'d mut Results,
    watch: &'d mut dyn FnMut(&Notice<'_>),
    wall_ms: fn() -> i64,
    began: Instant,
    done: usize,
    last_trouble: Option<String>,
}

impl<'d> Counter<'d> {
    pub(super) fn new(
        batch: &'d Batch,
        kind: Kind,
        results: &'d mut Results,
        watch: &'d mut dyn FnMut(&Notice<'_>),
        wall_ms: fn() -> i64,
    ) -> Self {
        let records = batch.input.records();
        let (began, done, last_trouble) = (Instant::now(), 0, None);
        Self { batch, kind, records, results, watch, wall_ms, began, done, last_trouble }
    }

    /// Tasks that were done, or found acceptable.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// What the switch said when it last did not do what it should.
    pub(super) fn into_last_trouble(self) -> Option<String> {
        self.last_trouble
    }
}

impl Desk for Counter<'_> {
    fn call_of(&mut self, task: &Task, ask: Ask) -> Result<Call, Unreadable> {
        let purpose = match ask {
            Ask::Act => Purpose::Act(task.action, self.kind),
            Ask::LookUp => Purpose::LookUp,
            Ask::AssertPin => Purpose::AssertPin,
            Ask::AssertAll => Purpose::AssertAll,
        };
        let rules = &self.batch.rules;
        let made = self.records.read(self.batch.checked.sheet.row(task.row).span, |row| {
            mailbox::call(&check::read(&row, rules, &mut Vec::new()), purpose)
        });
        made.map_err(|_| Unreadable)
    }

    fn survey_of(&mut self, customer: Option<u32>) -> Call {
        mailbox::list_call(customer)
    }

    fn record(&mut self, _task: &Task, _entry: &Entry) -> Recorded {
        let _ = self.wall_ms;
        Recorded::Kept
    }

    async fn kept(&mut self) -> Kept {
        std::future::pending().await
    }

    fn replied(&mut self, reply: &Reply) {
        if !reply.is_good() {
            self.last_trouble = Some(reply.answer.message.clone()).filter(|it| !it.is_empty());
        }
        (self.watch)(&Notice::Replied(reply));
    }

    fn settled(&mut self, task: &Task, outcome: Outcome) {
        let status = outcome.status;
        self.done += usize::from(status.is_done());
        self.results.set(task.row, outcome);
        let at: Duration = self.began.elapsed();
        (self.watch)(&Notice::Settled { status, at });
    }

    fn left_open(&mut self, task: &Task, outcome: Outcome) {
        self.results.set(task.row, outcome);
    }

    fn stopping(&mut self) {
        (self.watch)(&Notice::Stopping);
    }

    fn breaking_off(&mut self) {
        (self.watch)(&Notice::BreakingOff);
    }
}
