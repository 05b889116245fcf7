//! What a journal keeps, and what it refuses.

mod carry;
mod files;
mod writing;

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use crate::journal::Carry;
use crate::journal::Claim;
use crate::journal::Entry;
use crate::journal::Identity;
use crate::journal::JobKind;
use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::NewJob;
use crate::journal::Reading;
use crate::journal::Writer;
use crate::model::Action;
use crate::model::Detail;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Mailbox;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Status;

const NOW_MS: i64 = 1_700_000_000_120;

/// Results that a journal has room for.
const RESULTS: RowIndex = 4;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(path: &Path) -> Result<Journal, JournalError> {
    Claim::open(path)?.journal(NOW_MS, RESULTS)
}

fn claim(folder: &TempDir) -> Claim {
    Claim::open(&folder.path().join("a.boxlift")).unwrap()
}

fn journal(folder: &TempDir) -> Journal {
    claim(folder).journal(NOW_MS, RESULTS).unwrap()
}

fn new_job(kind: JobKind) -> NewJob {
    NewJob {
        kind,
        input: "/srv/a.csv".to_owned(),
        digest: [7; 32],
        url: "https://switch.example/api/json/".to_owned(),
        username: "admin".to_owned(),
        verifier: [3; 16],
        options: "--api 3.14".to_owned(),
        began_ms: NOW_MS,
    }
}

/// A row that creates a mailbox.
fn identity(row: RowIndex, mailbox: &str, nth: u32) -> Identity {
    let mailbox = Mailbox::parse(mailbox).ok();
    Identity { row, line: row + 2, action: Some(Action::Create), customer: Some(9), mailbox, nth }
}

/// A job whose rows create these mailboxes, with nothing taken over.
fn begin(journal: &mut Journal, kind: JobKind, mailboxes: &[&str]) -> i64 {
    let mut rows = (0..).zip(mailboxes).map(|(row, mailbox)| identity(row, mailbox, 0));
    journal.begin(&new_job(kind), &mut rows, None, &mut |_| Carry::Drop).unwrap()
}

fn intent(row: RowIndex) -> Entry {
    let fingerprint = Fingerprint { content: -5, secret: Some(i64::from(row)) };
    let at_ms = NOW_MS + i64::from(row);
    Entry::Intent { row, at_ms, evidence: Evidence::Absent, fingerprint }
}

fn outcome(status: Status) -> Outcome {
    let said = |it: &str| it.to_owned();
    let detail = Detail { code: said("404"), key: said("owner"), message: said("no such person") };
    Outcome {
        status,
        attempts: 2,
        http_status: Some(404),
        elapsed_ms: Some(20),
        finished_ms: Some(NOW_MS + 100),
        detail: Some(Arc::new(detail)),
    }
}

fn result(row: RowIndex, status: Status) -> Entry {
    Entry::Result { row, outcome: outcome(status), asked: None }
}

/// Records entries and waits until they are kept.
fn keep(journal: Journal, job: i64, entries: impl IntoIterator<Item = Entry>) -> Journal {
    let mut writer: Writer = journal.writer(job, Box::new(|_| ())).unwrap();
    let count = entries.into_iter().map(|it| writer.record(it)).last().unwrap_or(0);
    let (journal, kept) = writer.close();
    assert_eq!((kept.upto, kept.failure.is_none(), kept.is_over), (count, true, false));
    journal.unwrap()
}

/// The report as the view has it: row, mailbox, status, message.
fn report(path: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let seen = Reading::open(path).unwrap().visit(|it| {
        let mailbox = it.mailbox.as_deref().unwrap_or("-");
        let message = it.message.as_deref().unwrap_or("-");
        lines.push(format!("{} {mailbox} {} {message}", it.row, it.status.as_str()));
    });
    seen.unwrap();
    lines
}
