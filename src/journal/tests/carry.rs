//! What a new job takes over from an earlier one.

use super::NOW_MS;
use super::begin;
use super::folder;
use super::identity;
use super::intent;
use super::journal;
use super::keep;
use super::new_job;
use super::outcome;
use super::report;
use super::result;
use crate::journal::Carry;
use crate::journal::Ended;
use crate::journal::Entry;
use crate::journal::Identity;
use crate::journal::JobKind;
use crate::journal::Journal;
use crate::journal::Known;
use crate::journal::KnownState;
use crate::journal::Left;
use crate::journal::Orphans;
use crate::model::Action;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Mailbox;
use crate::model::Outcome;
use crate::model::Status;

fn by_state(known: &Known) -> Carry {
    match &known.state {
        KnownState::Open { .. } => Carry::Open(known.fingerprint),
        KnownState::Settled(outcome) if outcome.status.is_done() => Carry::Keep(known.fingerprint),
        KnownState::Settled(_) => Carry::Drop,
    }
}

#[test]
fn rows_are_found_again_in_another_order_with_rows_between_them_and_without_some() {
    let folder = folder();
    let mut journal = journal(&folder);
    let first = begin(&mut journal, JobKind::Real, &["100", "200", "300", "400", "500", "600"]);
    let entries = [
        intent(0),
        result(0, Status::Created),
        intent(1),
        intent(2),
        result(2, Status::Rejected),
        intent(3),
        Entry::Withdrawn { row: 3 },
        intent(5),
    ];
    let mut journal = keep(journal, first, entries);
    let mut rows = (0..).zip(["400", "300", "700", "200", "100"]);
    let mut rows = rows.by_ref().map(|(row, mailbox)| identity(row, mailbox, 0));
    let mut shown = Vec::new();
    let mut decide = |known: &Known| {
        shown.push(known.clone());
        by_state(known)
    };
    let job = journal.begin(&new_job(JobKind::Real), &mut rows, Some(first), &mut decide).unwrap();
    let fingerprint = |row| Fingerprint { content: -5, secret: Some(row) };
    let open = KnownState::Open { at_ms: NOW_MS + 1, evidence: Evidence::Absent };
    let settled = |status| KnownState::Settled(outcome(status));
    let expected =
        [(1, 2, settled(Status::Rejected)), (3, 1, open), (4, 0, settled(Status::Created))];
    let expected = expected.map(|(row, old_row, state)| Known {
        row,
        fingerprint: fingerprint(i64::from(old_row)),
        verifier: [3; 16],
        state,
    });
    assert_eq!(shown, expected);
    assert_eq!(
        journal.orphans(job, first).unwrap(),
        Orphans { rows: 1, first: vec![Mailbox::parse("600").unwrap()] }
    );
    let lines = report(journal.path()).join("\n");
    expect_test::expect![[r#"
        1 400 not_sent not tried: the job did not come to it
        2 300 not_sent not tried: the job did not come to it
        3 700 not_sent not tried: the job did not come to it
        4 200 in_doubt its call may have been carried out; the same command with --resume settles it
        5 100 created no such person"#]]
    .assert_eq(&lines);
    let latest = journal.latest(JobKind::Real).unwrap().unwrap();
    assert_eq!((latest.id, latest.rows, latest.calls), (job, 5, 2));
    let journal = keep(journal, job, [intent(0), result(3, Status::Created)]);
    assert_eq!(journal.latest(JobKind::Real).unwrap().unwrap().calls, 3);
}

#[test]
fn rows_that_look_alike_are_told_apart_by_their_number_and_absent_cells_are_equal() {
    let folder = folder();
    let mut journal = journal(&folder);
    let blank = |row, nth| Identity { customer: None, mailbox: None, ..identity(row, "1", nth) };
    let update = |row, nth| Identity { action: Some(Action::Update), ..identity(row, "1", nth) };
    let old = [blank(0, 0), update(1, 0), update(2, 1), identity(3, "1", 0)];
    let new = [identity(0, "1", 0), update(1, 0), update(2, 1), update(3, 2), blank(4, 0)];
    let none = &mut |_: &Known| Carry::Drop;
    let job = new_job(JobKind::Real);
    let first = journal.begin(&job, &mut old.into_iter(), None, none).unwrap();
    let mut journal = keep(journal, first, (0..4).map(intent));
    let mut pairs = Vec::new();
    let mut decide = |known: &Known| {
        // Its fingerprint holds the row that it was of.
        pairs.push((i64::from(known.row), known.fingerprint.secret.unwrap()));
        Carry::Keep(known.fingerprint)
    };
    journal.begin(&job, &mut new.into_iter(), Some(first), &mut decide).unwrap();
    assert_eq!(pairs, [(0, 3), (1, 1), (2, 2), (4, 0)]);
}

#[test]
fn a_call_that_may_be_open_keeps_its_time_and_what_it_asked_for_through_later_intents() {
    const LATER_MS: i64 = NOW_MS + 23 * 3_600_000;
    let folder = folder();
    let mut journal = journal(&folder);
    let first = begin(&mut journal, JobKind::Real, &["1", "2"]);
    let mut journal = keep(journal, first, [intent(0), intent(1)]);
    let go_on = |journal: &mut Journal, previous| {
        let mut rows = (0..).zip(["1", "2"]).map(|(row, mailbox)| identity(row, mailbox, 0));
        let mut shown = Vec::new();
        let mut decide = |known: &Known| {
            shown.push((known.fingerprint, known.state.clone()));
            by_state(known)
        };
        let job = new_job(JobKind::Real);
        (journal.begin(&job, &mut rows, Some(previous), &mut decide).unwrap(), shown)
    };
    let (second, shown) = go_on(&mut journal, first);
    let edited = Fingerprint { content: 6, secret: None };
    let look_up =
        |evidence| Entry::Intent { row: 0, at_ms: LATER_MS, evidence, fingerprint: edited };
    let mut journal =
        keep(journal, second, [look_up(Evidence::Rehearsed), look_up(Evidence::Absent)]);
    // For the rate it is the last one that counts.
    assert_eq!(journal.sends_since(LATER_MS, JobKind::Real).unwrap().open, 1);
    let (_, shown_later) = go_on(&mut journal, second);
    assert_eq!(journal.sends_since(LATER_MS, JobKind::Real).unwrap().open, 1);
    assert_eq!(shown_later, shown);
}

/// Begins a job that goes on with another; the rows that were shown to it, each with the row that its fingerprint is of.
fn go_on(
    journal: &mut Journal,
    previous: i64,
    mailboxes: &[&str],
    decide: fn(&Known) -> Carry,
) -> (i64, Vec<(&'static str, i64)>) {
    let mut rows = (0..).zip(mailboxes).map(|(row, mailbox)| identity(row, mailbox, 0));
    let mut shown = Vec::new();
    let mut seen = |known: &Known| {
        let state = match &known.state {
            KnownState::Open { .. } => "open",
            KnownState::Settled(outcome) => outcome.status.as_str(),
        };
        shown.push((state, known.fingerprint.secret.unwrap()));
        decide(known)
    };
    let job = new_job(JobKind::Real);
    (journal.begin(&job, &mut rows, Some(previous), &mut seen).unwrap(), shown)
}

#[test]
fn rows_that_left_the_file_are_known_by_the_latest_job_that_knows_them_until_one_begins_anew() {
    let folder = folder();
    let mut journal = journal(&folder);
    let first = begin(&mut journal, JobKind::Real, &["1", "2", "3"]);
    let of_first = [intent(0), result(0, Status::Created), intent(1), result(1, Status::Rejected)];
    let mut journal = keep(journal, first, of_first.into_iter().chain([intent(2)]));
    let (second, _) = go_on(&mut journal, first, &["4", "2"], by_state);
    let mut journal = keep(journal, second, [intent(1), result(1, Status::Updated)]);
    let (third, shown) = go_on(&mut journal, second, &["5"], by_state);
    assert_eq!(shown, []);
    let all = ["1", "2", "3"];
    let (fourth, shown) = go_on(&mut journal, third, &all, by_state);
    assert_eq!(shown, [("created", 0), ("updated", 1), ("open", 2)]);
    let sql = "SELECT previous FROM job WHERE id = ?1";
    let previous = |journal: &Journal, job: i64| -> Option<i64> {
        journal.connection.query_row(sql, [job], |row| row.get(0)).unwrap()
    };
    assert_eq!(previous(&journal, third), Some(second));
    assert_eq!(previous(&journal, fourth), None, "it knows all rows itself");
    let anew = begin(&mut journal, JobKind::Real, &["6"]);
    assert_eq!(go_on(&mut journal, anew, &all, by_state).1, []);
}

#[test]
fn a_row_that_was_to_be_tried_anew_is_not_known_by_an_older_job_but_one_that_is_done_is() {
    let folder = folder();
    let mut journal = journal(&folder);
    let first = begin(&mut journal, JobKind::Real, &["1", "2"]);
    let entries = [intent(0), result(0, Status::Created), intent(1), result(1, Status::Rejected)];
    let mut journal = keep(journal, first, entries);
    let (second, _) = go_on(&mut journal, first, &["1", "2"], |_| Carry::Drop);
    let lines = report(journal.path());
    assert!(lines.iter().all(|it| it.ends_with("not tried: the job did not come to it")));
    let (_, shown) = go_on(&mut journal, second, &["1", "2"], by_state);
    assert_eq!(shown, [("created", 0)]);
}

#[test]
fn kinds_of_jobs_do_not_meet() {
    let folder = folder();
    let mut journal = journal(&folder);
    let real = begin(&mut journal, JobKind::Real, &["1"]);
    let rehearsal = begin(&mut journal, JobKind::Rehearsal, &["1"]);
    let id = |kind| journal.latest(kind).unwrap().map(|it| it.id);
    assert_eq!(JobKind::ALL.map(id), [Some(real), Some(rehearsal), None]);
}

#[test]
fn a_job_that_ended_says_how() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Real, &["1"]);
    let latest = journal.latest(JobKind::Real).unwrap().unwrap();
    assert_eq!((&latest.ended, latest.is_finished()), (&None, false));
    for (left, is_finished) in [(Left::Something, false), (Left::Nothing, true)] {
        let ended = Ended { at_ms: NOW_MS + 5, how: "interrupted".to_owned(), left };
        journal.end(job, &ended).unwrap();
        let latest = journal.latest(JobKind::Real).unwrap().unwrap();
        assert_eq!((latest.is_finished(), latest.ended), (is_finished, Some(ended)));
    }
}

#[test]
fn calls_that_left_lately_are_known_and_so_is_how_many_more_may_have() {
    let folder = folder();
    let mut journal = journal(&folder);
    let job = begin(&mut journal, JobKind::Real, &["1", "2", "3", "4", "5"]);
    let at = |row, finished_ms, elapsed_ms| {
        let times = Outcome { elapsed_ms, finished_ms, ..outcome(Status::Created) };
        Entry::Result { row, outcome: times, asked: None }
    };
    let entries = [
        intent(0),
        at(0, Some(NOW_MS + 900), Some(100)),
        intent(1),
        at(1, Some(NOW_MS + 500), Some(100)),
        intent(2),
        at(2, Some(NOW_MS + 100), Some(100)),
        intent(3),
        Entry::Withdrawn { row: 3 },
        intent(4),
    ];
    let journal = keep(journal, job, entries);
    let sends = journal.sends_since(NOW_MS + 4, JobKind::Real).unwrap();
    assert_eq!((sends.known_ms, sends.open), (vec![NOW_MS + 400, NOW_MS + 800], 1));
    let sends = journal.sends_since(NOW_MS + 5, JobKind::Real).unwrap();
    assert_eq!((sends.known_ms.len(), sends.open), (2, 0));
    assert_eq!(journal.sends_since(0, JobKind::Sandbox).unwrap(), crate::journal::Sends::default());
}
