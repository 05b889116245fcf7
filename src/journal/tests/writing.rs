//! What the writer keeps, in which order, and what it says when it cannot.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::NOW_MS;
use super::begin;
use super::folder;
use super::intent;
use super::journal;
use super::keep;
use super::outcome;
use super::report;
use super::result;
use crate::journal::Ended;
use crate::journal::Entry;
use crate::journal::Fault;
use crate::journal::JobKind;
use crate::journal::Journal;
use crate::journal::Left;
use crate::journal::Reading;
use crate::journal::Refused;
use crate::journal::Reported;
use crate::journal::error;
use crate::journal::file;
use crate::model::Action;
use crate::model::Detail;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Status;

/// Most characters that code, key and message of an answer have.
const LONGEST: [usize; 3] = [500, 500, 2_000];

/// Bytes of a row of the input among the rejects, and of what else the report says of it.
const ROW_BYTES: usize = 1_000;

#[test]
fn the_view_is_the_report_of_what_went_in() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Real, &["0201", "x"]);
    let bare = Outcome::without_call(Status::Invalid, None);
    journal.settle_now(job, &mut std::iter::once((1, bare))).unwrap();
    let journal = keep(journal, job, [intent(0), result(0, Status::Rejected)]);
    let mut seen = Vec::new();
    let visited = Reading::open(journal.path()).unwrap().visit(|it| seen.push(it.clone()));
    visited.unwrap();
    let some = |it: &str| Some(it.to_owned());
    let rejected = Reported {
        row: 1,
        line: 2,
        action: Some(Action::Create),
        customer: Some(9),
        mailbox: some("0201"),
        status: Status::Rejected,
        code: some("404"),
        key: some("owner"),
        message: some("no such person"),
        attempts: 2,
        http_status: Some(404),
        elapsed_ms: Some(20),
        finished_at: some("2023-11-14T22:13:20.220Z"),
    };
    let invalid = Reported {
        row: 2,
        line: 3,
        mailbox: None,
        status: Status::Invalid,
        code: None,
        key: None,
        message: None,
        attempts: 0,
        http_status: None,
        elapsed_ms: None,
        finished_at: None,
        ..rejected.clone()
    };
    assert_eq!(seen, [rejected, invalid]);
}

#[test]
fn a_later_intent_takes_the_place_of_an_earlier_one_and_of_its_withdrawal() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Real, &["1"]);
    let fingerprint = Fingerprint { content: 1, secret: None };
    let later = Entry::Intent { row: 0, at_ms: 77, evidence: Evidence::None, fingerprint };
    let journal = keep(journal, job, [intent(0), Entry::Withdrawn { row: 0 }]);
    let withdrawn = "1 1 not_sent no result: the job did not come to it, or it was turned away";
    assert_eq!(report(journal.path()), [withdrawn]);
    let journal = keep(journal, job, [later]);
    assert!(report(journal.path())[0].starts_with("1 1 in_doubt"));
    let columns =
        journal.connection.query_row("SELECT at, evidence, content FROM call", [], |it| {
            Ok((it.get::<_, i64>(0)?, it.get::<_, String>(1)?, it.get::<_, i64>(2)?))
        });
    assert_eq!(columns.unwrap(), (77, "none".to_owned(), 1));
}

#[tokio::test]
async fn entries_become_durable_in_their_order() {
    let folder = folder();
    let mut journal = journal(&folder);
    let path = journal.path().to_owned();
    let mailboxes: Vec<_> = (1..=3000).map(|it| it.to_string()).collect();
    let mailboxes: Vec<_> = mailboxes.iter().map(String::as_str).collect();
    let job = begin(&mut journal, JobKind::Real, &mailboxes);
    let mut writer = journal.writer(job, Box::new(|_| ())).unwrap();
    let mut upto = 0;
    for row in 0..3000 {
        assert_eq!(writer.record(result(row, Status::Created)), u64::from(row) + 1);
    }
    while upto < 3000 {
        let kept = writer.changed().await;
        assert!(kept.upto > upto && kept.failure.is_none());
        upto = kept.upto;
        let totals = Reading::open(&path).unwrap().totals().unwrap();
        assert!(totals[0].1 >= upto, "{totals:?}, and {upto} were said to be kept");
    }
    assert!(writer.close().0.is_some());
}

/// A journal that can grow by a few pages and no more.
fn nearly_full(folder: &tempfile::TempDir) -> (Journal, i64) {
    let mut journal = journal(folder);
    let job = begin(&mut journal, JobKind::Real, &["1"]);
    let pages: i64 =
        journal.connection.pragma_query_value(None, "page_count", |it| it.get(0)).unwrap();
    let limit = pages + 3;
    journal.connection.pragma_update_and_check(None, "max_page_count", limit, |_| Ok(())).unwrap();
    (journal, job)
}

#[tokio::test]
async fn a_full_disk_is_told_once_and_what_was_kept_before_stays() {
    let folder = folder();
    let (journal, job) = nearly_full(&folder);
    let path = journal.path().to_owned();
    let mut writer = journal.writer(job, Box::new(|_| ())).unwrap();
    let first = writer.record(result(0, Status::Created));
    let kept = writer.changed().await;
    assert_eq!((kept.upto, kept.failure.is_none()), (first, true));
    let last = (1..2000).map(|row| writer.record(result(row, Status::Created))).last().unwrap();
    let kept = loop {
        let kept = writer.changed().await;
        if kept.is_over {
            break kept;
        }
    };
    assert!(kept.upto >= first && kept.upto < last);
    let failure = kept.failure.unwrap();
    assert_eq!(
        failure.to_string(),
        format!("`{}` cannot be written: the disk is full", path.display())
    );
    assert_eq!(failure.fault(), Fault::File);
    let silent = tokio::time::timeout(std::time::Duration::ZERO, writer.changed()).await;
    assert!(silent.is_err(), "what was told is not told again");
    let upto = kept.upto;
    let (journal, kept) = writer.close();
    assert_eq!(kept.upto, upto);
    let count = "SELECT count(*) FROM result";
    let count: i64 = journal.unwrap().connection.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(u64::try_from(count).unwrap(), upto);
}

#[tokio::test]
async fn an_error_other_than_a_full_disk_ends_the_writing_and_the_journal_is_not_touched_again() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Real, &["1", "2"]);
    journal.connection.pragma_update(None, "query_only", true).unwrap();
    let mut writer = journal.writer(job, Box::new(|_| ())).unwrap();
    writer.record(result(0, Status::Created));
    let kept = writer.changed().await;
    assert_eq!((kept.upto, kept.failure.is_some(), kept.is_over), (0, true, true));
    assert_eq!(writer.record(result(1, Status::Created)), 2);
    let (journal, kept) = writer.close();
    assert!(journal.is_none());
    assert_eq!(kept.upto, 0);
}

#[test]
fn refused_credentials_stay_refused_until_they_are_forgiven() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Rehearsal, &["1"]);
    let refused = |verifier| Refused {
        url: "https://a/".to_owned(),
        username: "admin".to_owned(),
        verifier,
        at_ms: NOW_MS,
    };
    journal.refuse_credentials(&refused([1; 16])).unwrap();
    let journal = keep(journal, job, [Entry::Refused(Box::new(refused([2; 16])))]);
    drop(journal);
    let mut journal = super::journal(&folder);
    let is = |journal: &Journal, user, verifier| {
        journal.is_refused("https://a/", user, &[verifier; 16]).unwrap()
    };
    assert!(is(&journal, "admin", 1) && is(&journal, "admin", 2));
    assert!(!is(&journal, "admin", 3) && !is(&journal, "other", 1));
    journal.forgive("https://a/", "admin").unwrap();
    assert!(!is(&journal, "admin", 1) && !is(&journal, "admin", 2));
}

#[test]
fn results_of_rows_that_are_not_sent_are_kept_all_or_none() {
    let folder = folder();
    let (mut journal, job) = nearly_full(&folder);
    let mut many = (0..5000).map(|row| (row, outcome(Status::NotSent)));
    let error = journal.settle_now(job, &mut many).unwrap_err();
    assert!(error.to_string().ends_with("the disk is full"), "{error}");
    let count = "SELECT count(*) FROM result";
    let count: i64 = journal.connection.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn what_was_said_of_rows_without_a_result_is_for_the_report_alone_and_a_result_wins() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Real, &["0200", "0201", "0202"]);
    let mut journal = keep(journal, job, [intent(0), result(0, Status::Created)]);
    let [failed, rejected] = [Status::Failed, Status::Rejected].map(outcome);
    let mut said = [(0, failed.clone()), (1, failed), (2, rejected)].into_iter();
    journal.tell(job, &mut said).unwrap();
    let journal = keep(journal, job, [intent(2), result(2, Status::Updated)]);
    assert_eq!(journal.latest(JobKind::Real).unwrap().unwrap().calls, 2);
    assert_eq!(
        report(&folder.path().join("a.boxlift")),
        [
            "1 0200 created no such person",
            "2 0201 failed no such person",
            "3 0202 updated no such person",
        ]
    );
}

/// What a file takes of its disk.
#[cfg(unix)]
fn room(file: &File) -> u64 {
    use std::os::unix::fs::MetadataExt;
    file.metadata().unwrap().blocks() * 512
}

#[cfg(not(unix))]
fn room(file: &File) -> u64 {
    file.metadata().unwrap().len()
}

#[test]
fn where_no_room_is_set_aside_it_is_written_out() {
    let mut file = tempfile::tempfile().unwrap();
    file::write_out(&mut file, 100_000).unwrap();
    assert!(room(&file) >= 100_000, "{}", room(&file));
}

#[test]
fn how_much_room_is_missing_is_told() {
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    let help = |results| {
        let bytes = file::room_for(results);
        error::of_room(Path::new("a.boxlift"), bytes, full()).help()
    };
    let helps = [3, 14, 256].map(help);
    let said =
        [1, 2, 17].map(|it| format!("make room for at least {it} MiB on the disk, then go on"));
    assert_eq!(helps, said);
}

#[test]
fn the_longest_results_and_the_end_of_a_job_fit_into_the_reserve() {
    for results in [1, 16] {
        let folder = folder();
        let mut held = journal(&folder);
        let mailboxes = vec!["0201"; results];
        let job = begin(&mut held, JobKind::Real, &mailboxes);
        let rows = || 0..RowIndex::try_from(results).unwrap();
        let mut held = keep(held, job, rows().map(intent));
        let (path, log) = (folder.path().join("a.boxlift"), folder.path().join("a.boxlift-wal"));
        let length = |path: &Path| path.metadata().map_or(0, |it| it.len());
        // A log that begins anew within its old length would not grow.
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        held.connection.query_row(checkpoint, [], |_| Ok(())).unwrap();
        let before = length(&path);
        assert_eq!(length(&log), 0);
        let [code, key, message] = LONGEST.map(|it| "\u{1F4DE}".repeat(it));
        let beside = results * 2 * (code.len() + key.len() + message.len() + ROW_BYTES);
        for row in rows() {
            let [code, key, message] = [&code, &key, &message].map(Clone::clone);
            let detail = Detail { code, key, message };
            let outcome = Outcome { detail: Some(Arc::new(detail)), ..outcome(Status::Rejected) };
            held = keep(held, job, [Entry::Result { row, outcome, asked: None }]);
        }
        let logged = length(&log);
        let ended = Ended { at_ms: NOW_MS, how: "over".to_owned(), left: Left::Nothing };
        held.end(job, &ended).unwrap();
        let grown = logged + length(&path) - before + u64::try_from(beside).unwrap();
        let mut reserve = file::nameless(&path).unwrap();
        file::take_room(&mut reserve, file::room_for(results.try_into().unwrap())).unwrap();
        let room = room(&reserve);
        assert!(logged > 0 && grown < room, "{results} results take {grown} of {room} bytes");
    }
}
