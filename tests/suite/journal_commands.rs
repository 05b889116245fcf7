//! `status` and `report`: what they tell of jobs that run, are over, or were killed.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;

use boxlift::journal::Carry;
use boxlift::journal::Claim;
use boxlift::journal::Ended;
use boxlift::journal::Entry;
use boxlift::journal::Identity;
use boxlift::journal::JobKind;
use boxlift::journal::Journal;
use boxlift::journal::JournalError;
use boxlift::journal::Left;
use boxlift::journal::NewJob;
use boxlift::model::Action;
use boxlift::model::Detail;
use boxlift::model::Evidence;
use boxlift::model::Fingerprint;
use boxlift::model::Mailbox;
use boxlift::model::Outcome;
use boxlift::model::Status;
use expect_test::expect;

use super::server::Answer;
use super::server::Server;
use super::support::Workdir;
use super::support::creates;

const NOW_MS: i64 = 1_700_000_000_120;

/// A file that tells the test below that it is a process of its own.
const MARK: &str = "hold-a-journal";

fn new_job(kind: JobKind) -> NewJob {
    NewJob {
        kind,
        input: "/srv/new boxes.csv".to_owned(),
        digest: [7; 32],
        url: "https://switch.example/api/json/".to_owned(),
        username: "admin".to_owned(),
        verifier: [3; 16],
        options: "boxlift apply 'new boxes.csv' --rate 5/s".to_owned(),
        began_ms: NOW_MS,
    }
}

fn open(path: &Path) -> Result<Journal, JournalError> {
    Claim::open(path)?.journal(NOW_MS, 4)
}

/// A job of four rows: the first is done, the second refused, the third called, the fourth not reached.
fn begun(path: &Path, kind: JobKind) -> (Journal, i64) {
    begun_in(open(path).unwrap(), kind)
}

/// The same in a journal that is open.
fn begun_in(mut journal: Journal, kind: JobKind) -> (Journal, i64) {
    let identity = |row| {
        let mailbox = Mailbox::parse(&format!("020{row}")).ok();
        let action = Some(Action::Create);
        Identity { row, line: row + 2, action, customer: None, mailbox, nth: 0 }
    };
    let mut rows = (0..4).map(identity);
    let job = journal.begin(&new_job(kind), &mut rows, None, &mut |_| Carry::Drop).unwrap();
    let mut writer = journal.writer(job, Box::new(|_| ())).unwrap();
    for row in 0..3 {
        let fingerprint = Fingerprint { content: 1, secret: None };
        writer.record(Entry::Intent { row, at_ms: NOW_MS, evidence: Evidence::None, fingerprint });
    }
    let refused = Detail {
        code: "400".to_owned(),
        key: "owner".to_owned(),
        message: "=no such person, \"7\"".to_owned(),
    };
    let outcome = |status, detail| Outcome {
        status,
        attempts: 1,
        http_status: Some(204),
        elapsed_ms: Some(31),
        finished_ms: Some(NOW_MS + 9000),
        detail,
    };
    writer.record(Entry::Result { row: 0, outcome: outcome(Status::Created, None), asked: None });
    let outcome = outcome(Status::Rejected, Some(Arc::new(refused)));
    writer.record(Entry::Result { row: 1, outcome, asked: None });
    let (journal, kept) = writer.close();
    assert_eq!(kept.upto, 5);
    (journal.unwrap(), job)
}

#[test]
fn a_job_that_is_over_is_told_in_full() {
    let work = Workdir::new();
    let (mut journal, job) = begun(&work.path("a.boxlift"), JobKind::Real);
    let how = "interrupted".to_owned();
    journal.end(job, &Ended { at_ms: NOW_MS + 60_000, how, left: Left::Something }).unwrap();
    drop(journal);
    let before = std::fs::read(work.path("a.boxlift")).unwrap();
    let ended = work.run("status a.boxlift");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    expect![[r#"
        journal: a.boxlift
        input:   /srv/new boxes.csv
        switch:  https://switch.example/api/json/
        user:    admin
        kind:    real
        began:   2023-11-14T22:13:20.120Z
        state:   unfinished, ended 2023-11-14T22:14:20.120Z: interrupted
        rows:    4, 1 created, 1 rejected, 1 in_doubt, 1 not_sent
        typed:   boxlift apply 'new boxes.csv' --rate 5/s
        next:    boxlift apply '/srv/new boxes.csv' --url https://switch.example/api/json/ --username admin --journal a.boxlift --resume (and the other options as typed)
    "#]]
    .assert_eq(&ended.stdout);
    assert_eq!(std::fs::read(work.path("a.boxlift")).unwrap(), before);
    assert_eq!(work.files(), ["a.boxlift"]);
}

#[test]
fn what_to_type_next_depends_on_the_kind_of_job_and_its_end() {
    let next = |kind, left| {
        let work = Workdir::new();
        let (mut journal, job) = begun(&work.path("a.boxlift"), kind);
        journal.end(job, &Ended { at_ms: NOW_MS, how: "over".to_owned(), left }).unwrap();
        drop(journal);
        let told = work.run("status a.boxlift").stdout;
        told.lines().last().unwrap().to_owned()
    };
    expect!["next:    boxlift apply '/srv/new boxes.csv' --sandbox --journal a.boxlift (and the other options as typed)"]
        .assert_eq(&next(JobKind::Sandbox, Left::Something));
    assert!(
        next(JobKind::Rehearsal, Left::Something)
            .contains(" --username admin --dry-run --journal ")
    );
    assert_eq!(next(JobKind::Real, Left::Nothing), "next:    boxlift report a.boxlift");
}

#[test]
fn a_real_run_that_is_unfinished_is_not_hidden_by_a_later_job_of_another_kind() {
    let also = |left, kind| {
        let work = Workdir::new();
        let (mut journal, job) = begun(&work.path("a.boxlift"), JobKind::Real);
        journal.end(job, &Ended { at_ms: NOW_MS, how: "over".to_owned(), left }).unwrap();
        drop(begun_in(journal, kind));
        let told = work.run("status a.boxlift").stdout;
        told.lines().skip(10).collect::<Vec<_>>().join("\n")
    };
    for kind in [JobKind::Rehearsal, JobKind::Sandbox] {
        expect![[r#"also:    the real run of 2023-11-14T22:13:20.120Z is unfinished: boxlift apply '/srv/new boxes.csv' --url https://switch.example/api/json/ --username admin --journal a.boxlift --resume (and the other options as typed)"#]]
            .assert_eq(&also(Left::Something, kind));
        assert_eq!(also(Left::Nothing, kind), "");
    }
    assert_eq!(also(Left::Something, JobKind::Real), "");
}

#[test]
fn the_report_is_made_again_in_every_form() {
    let work = Workdir::new();
    drop(begun(&work.path("a.boxlift"), JobKind::Real));
    let ended = work.run("report a.boxlift --report b.csv --report b.jsonl");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr, "report: b.csv\nreport: b.jsonl\n");
    expect![[r#"
        row,line,action,customer,mailbox,status,code,key,message,attempts,http_status,elapsed_ms,finished_at
        1,2,create,,0200,created,,,,1,204,31,2023-11-14T22:13:29.120Z
        2,3,create,,0201,rejected,400,owner,"'=no such person, ""7""",1,204,31,2023-11-14T22:13:29.120Z
        3,4,create,,0202,in_doubt,,,its call may have been carried out; the same command with --resume settles it,0,,,
        4,5,create,,0203,not_sent,,,not tried: the job did not come to it,0,,,
    "#]]
    .assert_eq(&work.read("b.csv"));
    let lines = work.read("b.jsonl");
    expect![[r#"{"row":1,"line":2,"action":"create","customer":null,"mailbox":"0200","status":"created","code":null,"key":null,"message":null,"attempts":1,"http_status":204,"elapsed_ms":31,"finished_at":"2023-11-14T22:13:29.120Z"}"#]]
        .assert_eq(lines.lines().next().unwrap());
    assert_eq!(work.run("report a.boxlift --quiet").stderr, "");
    assert_eq!(work.read("a.report.csv"), work.read("b.csv"));
}

#[test]
fn the_report_of_a_run_that_stopped_is_made_again_word_for_word() {
    for (code_of_second, options) in
        [("401", ""), ("400", " --validate-first"), ("401", " --validate-first")]
    {
        let server = Server::start(move |_, request| {
            let is_second = request.has("mailbox=10001");
            match request.is_rehearsal() {
                _ if is_second => Answer::Code(code_of_second, "pin", "no"),
                true => Answer::Code("201", "", "OK"),
                false => Answer::Code("204", "", "OK"),
            }
        });
        let work = Workdir::with("a.csv", creates(4));
        let line = format!("apply a.csv --rate 1000/s --concurrency 1{options}");
        let ended = work.run_against(&server.url, &line);
        let told = work.read("a.report.csv");
        assert!(told.contains(",not_sent,,,not sent: the "), "{ended:?}{told}");
        assert_eq!(work.run("report a.boxlift --report b.csv").code, Some(0));
        assert_eq!(work.read("b.csv"), told);
    }
}

#[test]
fn journals_that_cannot_be_read_are_told_apart() {
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,480913\n");
    for command in ["status", "report"] {
        assert_eq!(work.run(&format!("{command} none.boxlift")).code, Some(66));
        assert_eq!(work.run(&format!("{command} .")).code, Some(66));
        let ended = work.run(&format!("{command} a.csv"));
        assert_eq!(ended.code, Some(74));
        expect![[r#"
            error: `a.csv` is not a journal of boxlift
              help: name another place, as in `--journal mailboxes.boxlift`
        "#]]
        .assert_eq(&ended.stderr);
    }
    drop(open(&work.path("new.boxlift")).unwrap());
    let ended = work.run("status new.boxlift");
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), "journal: new.boxlift\nstate:   no job yet\n")
    );
    assert_eq!(work.run("report new.boxlift").code, Some(66));
    assert_eq!(work.files(), ["a.csv", "new.boxlift"]);
}

#[test]
fn a_report_never_takes_the_place_of_its_journal() {
    let work = Workdir::new();
    drop(begun(&work.path("a.csv"), JobKind::Real));
    let ended = work.run("report a.csv --report a.csv");
    assert_eq!(ended.code, Some(74));
    assert!(ended.stderr.starts_with("error: `a.csv` is the journal itself"), "{}", ended.stderr);
    assert_eq!(work.run("status a.csv").code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_report_never_takes_the_place_of_the_input_of_its_job() {
    let rows = "mailbox,pin\n0201,480913\n";
    let work = Workdir::with("a.csv", rows);
    assert_eq!(work.run("apply a.csv --sandbox").code, Some(0));
    std::os::unix::fs::symlink("a.csv", work.path("soft.csv")).unwrap();
    std::fs::hard_link(work.path("a.csv"), work.path("hard.csv")).unwrap();
    std::fs::hard_link(work.path("a.boxlift"), work.path("journal.csv")).unwrap();
    for name in ["a.csv", "./a.csv", "soft.csv", "hard.csv"] {
        let ended = work.run(&format!("report a.boxlift --report b.csv --report {name}"));
        assert_eq!(ended.code, Some(74), "{ended:?}");
        let refused = work.run(&format!("apply a.csv --sandbox --report b.csv --report {name}"));
        assert_eq!(
            refused.stderr.lines().collect::<Vec<_>>()[1..].join("\n"),
            ended.stderr.trim_end()
        );
        assert_eq!(work.read(name), rows);
    }
    assert_eq!(work.run("report a.boxlift --report journal.csv").code, Some(74));
    assert!(!work.files().contains(&"b.csv".to_owned()));
}

/// Not a test where it is run as one: the process that the next test kills.
#[test]
fn a_process_can_hold_a_journal() {
    if !Path::new(MARK).exists() {
        return;
    }
    let _held = begun(Path::new("a.boxlift"), JobKind::Real);
    std::io::stdout().write_all(b"\nheld\n").unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// A process that holds a journal and has an open call, until it is killed.
fn holder(work: &Workdir) -> Child {
    work.write(MARK, "");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "suite::journal_commands::a_process_can_hold_a_journal"]);
    command.arg("--nocapture").current_dir(work.path("")).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|it| it == "held"), "the journal was not held");
    child
}

#[test]
fn a_killed_job_is_told_of_and_holds_nothing() {
    let work = Workdir::new();
    let mut child = holder(&work);
    let pid = child.id();
    let state = || {
        let told = work.run("status a.boxlift");
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        told.stdout.lines().nth(6).unwrap().to_owned()
    };
    let running = state();
    assert!(running.starts_with(&format!("state:   running as pid {pid} on ")), "{running}");
    let error = open(&work.path("a.boxlift")).unwrap_err();
    let JournalError::Held { path: _, holder } = error else { panic!("{error}") };
    assert!(holder.starts_with(&format!("pid {pid} on ")), "{holder}");

    child.kill().unwrap();
    child.wait().unwrap();
    let files = work.files();
    assert_eq!(state(), "state:   unfinished: broken off without a word");
    assert_eq!(work.run("report a.boxlift").code, Some(0));
    assert_eq!(work.statuses("a.report.csv"), ["created", "rejected", "in_doubt", "not_sent"]);
    let changed: Vec<_> = work.files().into_iter().filter(|it| !files.contains(it)).collect();
    assert_eq!(changed, ["a.report.csv"]);
    let journal = open(&work.path("a.boxlift")).unwrap();
    assert_eq!(journal.latest(JobKind::Real).unwrap().unwrap().calls, 3);
}
