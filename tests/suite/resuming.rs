//! `--resume` over several runs: what is taken over, what is asked of the switch again, and what the report says.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use expect_test::expect;

use super::accounts::Accounts;
use super::server::Answer;
use super::server::Request;
use super::support::Ended;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;

const RUN: &str = "apply a.csv --rate 1000/s --settle 0s";

/// Runs the program as `admin` with a password of its own.
fn run(work: &Workdir, accounts: &Accounts, line: &str, password: &str) -> Ended {
    let mut command = work.command(line);
    command.args(["--url", &accounts.server.url, "--username", "admin"]);
    ended(command.env("BOXLIFT_PASSWORD", password).output().unwrap())
}

/// A switch that loses its answer to the first row's create and then sends everybody away, until it is mended.
struct Broken {
    accounts: Accounts,
    is_mended: Arc<AtomicBool>,
}

impl Broken {
    fn start() -> Self {
        let is_mended = Arc::new(AtomicBool::new(false));
        let mended = Arc::clone(&is_mended);
        let accounts = Accounts::start_with(move |world, request| {
            if request.is_list() || mended.load(Ordering::SeqCst) {
                // It takes no rehearsal of the last row.
                let is_refused = request.is_rehearsal() && request.has("mailbox=10002");
                return is_refused.then_some(Answer::Code("400", "owner", "no such person"));
            }
            if !request.line.contains("/create/") || !request.has("mailbox=10000") {
                let elsewhere = "location: http://127.0.0.1:9/\r\n";
                return Some(Answer::Http("307 Temporary Redirect", elsewhere, String::new()));
            }
            world.answer(request);
            Some(Answer::Close)
        });
        Self { accounts, is_mended }
    }

    /// A run that leaves it open what became of the first row.
    fn leave_the_first_row_open(&self, work: &Workdir) {
        let ended = self.run(work, &format!("{RUN} --concurrency 1"));
        assert_eq!(ended.code, Some(78), "{ended:?}");
        assert_eq!(work.statuses("a.report.csv")[0], "in_doubt");
        assert_eq!(self.accounts.world().writes("10000"), 1);
        self.is_mended.store(true, Ordering::SeqCst);
    }

    fn run(&self, work: &Workdir, line: &str) -> Ended {
        run(work, &self.accounts, line, "s3cr3t-canary")
    }
}

#[test]
fn rows_that_are_done_stay_done_in_every_run_after_a_change_of_the_password() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(3));
    for (line, password) in [
        (RUN.to_owned(), "first-canary"),
        (format!("{RUN} --resume"), "second-canary"),
        (format!("{RUN} --resume"), "second-canary"),
    ] {
        let ended = run(&work, &accounts, &line, password);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
    }
    assert_eq!(accounts.server.requests().len(), 3);
}

#[test]
fn a_row_that_may_be_done_is_in_doubt_where_the_dry_run_before_the_real_one_does_not_pass() {
    let switch = Broken::start();
    let work = Workdir::with("a.csv", creates(3));
    switch.leave_the_first_row_open(&work);
    let before = switch.accounts.server.requests().len();
    let ended = switch.run(&work, &format!("{RUN} --resume --validate-first"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(switch.accounts.server.requests()[before..].iter().all(Request::is_rehearsal));
    expect![[r#"
        1|in_doubt|||may be done by an earlier run, and not found out: the dry run did not pass
        2|not_sent|||not sent: the dry run did not pass
        3|rejected|400|owner|no such person"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
    let state = work.run("status a.boxlift").stdout;
    assert!(state.contains(": the dry run did not pass\n"), "{state}");
    let next = ended.stderr.lines().last().unwrap();
    assert!(next.contains(" --resume"), "{next}");

    let ended = switch.run(&work, RUN);
    assert_eq!(ended.code, Some(75), "{ended:?}");
    let ended = switch.run(&work, &format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
}

#[test]
fn a_run_that_cannot_make_its_first_call_does_not_hide_the_one_before_it() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(3));
    let ran = |line: &str| run(&work, &accounts, line, "s3cr3t-canary");
    assert_eq!(ran(RUN).code, Some(0));
    let ended = ran(&format!("{RUN} --ca-file none.pem"));
    assert!(ended.code != Some(0) && ended.stderr.contains("none.pem"), "{ended:?}");
    let ended = ran(&format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(accounts.server.requests().len(), 3);
}

#[test]
fn rows_that_are_done_are_not_forgotten_while_they_are_invalid_or_hang_on_one_that_is() {
    let accounts = Accounts::start();
    let right = "mailbox,pin,copy_pin\n100,480913,\n101,,100\n102,480914,\n";
    let work = Workdir::with("a.csv", right);
    let ran = |line: &str| run(&work, &accounts, line, "s3cr3t-canary");
    assert_eq!(ran(RUN).code, Some(0));
    work.write("a.csv", right.replace("480913", "4x"));
    let ended = ran(&format!("{RUN} --resume --invalid skip"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["invalid", "created", "created"]);
    work.write("a.csv", right);
    let ended = ran(&format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
    assert_eq!(accounts.server.requests().len(), 3);
}

#[test]
fn a_row_that_may_be_done_and_became_invalid_is_in_doubt_until_it_is_put_right() {
    let switch = Broken::start();
    let work = Workdir::with("a.csv", creates(3));
    switch.leave_the_first_row_open(&work);
    let right = work.read("a.csv");
    work.write("a.csv", right.replace("10000,48", "10000,x"));
    let ended = switch.run(&work, &format!("{RUN} --resume --invalid skip"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    expect![[r#"
        1|in_doubt|||may be done by an earlier run, and not found out: the row is not sent as it stands
        2|created|204||OK
        3|created|204||OK"#]].assert_eq(&work.report("a.report.csv").join("\n"));
    work.write("a.csv", right);
    assert_eq!(switch.run(&work, RUN).code, Some(75));
    let ended = switch.run(&work, &format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
}

#[test]
fn a_journal_that_cannot_be_used_is_told_where_an_invalid_row_keeps_all_from_being_sent() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(3));
    let ran = |line: &str| run(&work, &accounts, line, "s3cr3t-canary");
    assert_eq!(ran(RUN).code, Some(0));
    work.write("a.csv", work.read("a.csv").replace("10000,48", "10000,x"));
    work.write("a.boxlift", "no journal");
    let ended = ran(&format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(65), "{ended:?}");
    let told = "error: `a.boxlift` is not a journal of boxlift\n  help: name another place, as in `--journal mailboxes.boxlift`\nrows that the journal knows may be told as `not_sent`\n";
    assert!(ended.stderr.contains(told), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["invalid", "not_sent", "not_sent"]);
}

#[test]
fn where_no_password_is_had_beside_an_invalid_row_the_report_of_what_was_done_stays() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(3));
    assert_eq!(run(&work, &accounts, RUN, "s3cr3t-canary").code, Some(0));
    let (report, files) = (work.read("a.report.csv"), work.files());
    work.write("a.csv", work.read("a.csv").replace("10000,48", "10000,x"));
    let ended = work.run(&format!("{RUN} --resume --url {} --username admin", accounts.server.url));
    assert_eq!(ended.code, Some(64), "{ended:?}");
    assert!(ended.stderr.contains("--password-file"), "{ended:?}");
    assert_eq!((work.read("a.report.csv"), work.files()), (report, files));
}

#[test]
fn where_there_is_no_journal_to_resume_nothing_is_said_of_one_beside_an_invalid_row() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", "mailbox,pin\n100,4x\n");
    let ended = run(&work, &accounts, &format!("{RUN} --resume"), "s3cr3t-canary");
    assert!(ended.code == Some(65) && !ended.stderr.contains("journal"), "{ended:?}");
}

#[test]
fn what_the_journal_knows_is_told_where_an_invalid_row_keeps_all_from_being_sent() {
    let mut is_lost = false;
    let accounts = Accounts::start_with(move |world, request| {
        if is_lost {
            let elsewhere = "location: http://127.0.0.1:9/\r\n";
            return Some(Answer::Http("307 Temporary Redirect", elsewhere, String::new()));
        }
        is_lost = request.line.contains("/create/") && request.has("mailbox=10001");
        is_lost.then(|| {
            world.answer(request);
            Answer::Close
        })
    });
    let work = Workdir::with("a.csv", creates(5));
    let ran = |line: &str| run(&work, &accounts, line, "s3cr3t-canary");
    assert_eq!(ran(&format!("{RUN} --concurrency 1")).code, Some(78));
    assert_eq!(work.statuses("a.report.csv")[..2], ["created", "in_doubt"]);
    let sent = accounts.server.requests().len();
    let journal = std::fs::read(work.path("a.boxlift")).unwrap();

    work.write("a.csv", work.read("a.csv").replace("10003,48", "10003,x"));
    let ended = ran(&format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(65), "{ended:?}");
    expect![[r#"
        1|created|204||OK
        2|in_doubt|||may be done by an earlier run, and not found out: other rows are invalid
        3|not_sent|||not sent: other rows are invalid
        4|invalid|pin-form|pin|the PIN is not digits alone
        5|not_sent|||not sent: other rows are invalid"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
    expect![[r#"
        mailbox,pin,boxlift_reason
        10001,487932,"in_doubt: may be done by an earlier run, and not found out: other rows are invalid"
        10002,485851,not_sent: not sent: other rows are invalid
        10003,x3770,invalid: pin-form: pin: the PIN is not digits alone
        10004,481689,not_sent: not sent: other rows are invalid
    "#]].assert_eq(&work.read("a.rejects.csv"));
    let said = ended.stderr.lines().skip_while(|it| !it.starts_with("a.csv: "));
    expect![[r#"
        a.csv: 5 rows, 1 error
        1 row had its result before and is as it was
        5 rows: 1 created, 1 invalid, 1 in_doubt, 2 not_sent
          in_doubt: may be done by an earlier run, and not found out: other rows are invalid (1 row, first row 2)
        report: a.report.csv
        rows that are not done: a.rejects.csv (holds PINs)
        1 row in doubt: look at the switch before trying it again
        next: put the file right, then boxlift apply a.csv --rate 1000/s --settle 0s --resume --url URL --username admin"#]]
        .assert_eq(&said.collect::<Vec<_>>().join("\n").replace(&accounts.server.url, "URL"));
    assert_eq!(accounts.server.requests().len(), sent);
    assert_eq!(std::fs::read(work.path("a.boxlift")).unwrap(), journal);
    assert_eq!(work.files(), ["a.boxlift", "a.csv", "a.rejects.csv", "a.report.csv"]);
}

/// What the run's own report says, and that the one from the journal says the same.
fn told_again(work: &Workdir) -> String {
    let own = work.read("a.report.csv");
    assert_eq!(work.run("report a.boxlift --report again.csv").code, Some(0));
    let again = work.read("again.csv");
    let with_words = |report: &str| {
        let lines = report.lines().filter(|it| !it.contains(",not_sent,"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(with_words(&again), with_words(&own));
    let statuses = work.statuses("again.csv");
    assert_eq!(statuses, work.statuses("a.report.csv"));
    statuses.join(" ")
}

#[test]
fn a_report_from_the_journal_says_of_rows_that_were_turned_away_what_the_run_said() {
    let answers = [
        Answer::Code("401", "", "who are you"),
        Answer::Http("307 Temporary Redirect", "location: http://127.0.0.1:9/\r\n", String::new()),
    ];
    for (answer, code) in answers.into_iter().zip([77, 78]) {
        let accounts = Accounts::start_with(move |_, request| {
            request.has("mailbox=10001").then(|| answer.clone())
        });
        let work = Workdir::with("a.csv", creates(4));
        let line = format!("{RUN} --concurrency 1");
        let ended = run(&work, &accounts, &line, "s3cr3t-canary");
        assert_eq!(ended.code, Some(code), "{ended:?}");
        let second = if code == 77 { "rejected" } else { "failed" };
        assert_eq!(told_again(&work), format!("created {second} not_sent not_sent"));
        let status = work.run("status a.boxlift").stdout;
        assert!(status.contains(&format!("1 created, 1 {second}, 2 not_sent")), "{status}");
    }
}

#[test]
fn what_a_dry_run_before_the_real_one_refused_is_told_again_and_sent_again() {
    let switch = Broken::start();
    switch.is_mended.store(true, Ordering::SeqCst);
    let work = Workdir::with("a.csv", creates(3));
    let ended = switch.run(&work, &format!("{RUN} --validate-first"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(told_again(&work), "not_sent not_sent rejected");
    let ended = switch.run(&work, &format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(told_again(&work), "created created created");
}

#[test]
fn what_cannot_be_gone_on_with_is_said() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(1));
    work.write("b.csv", "mailbox,pin\n200,480913\n");
    let said = |ended: Ended| {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stderr.lines().filter(|it| it.starts_with("--resume")).collect::<Vec<_>>().join("\n")
    };
    let ran = |line: &str| said(run(&work, &accounts, line, "s3cr3t-canary"));
    assert_eq!(ran("apply a.csv --dry-run --resume --quiet"), "");
    expect!["--resume: `a.boxlift` holds no run to go on with; all rows are sent"]
        .assert_eq(&ran("apply a.csv --resume"));
    assert_eq!(ran("apply a.csv --resume"), "");
    expect!["--resume: `a.boxlift` holds no dry run of this input and switch; all rows are sent"]
        .assert_eq(&ran("apply b.csv --dry-run --journal a.boxlift --resume"));
    expect!["--resume: an embedded switch forgets what it did; all rows are sent"]
        .assert_eq(&said(work.run("apply a.csv --sandbox --resume")));
}

#[test]
fn rows_that_stay_in_doubt_are_looked_at_before_they_are_tried_again() {
    let mut is_lost = false;
    let accounts = Accounts::start_with(move |world, request| {
        if request.is_list() {
            return Some(Answer::Code("402", "", "no"));
        }
        if request.has("mailbox=10001") {
            return Some(Answer::Code("400", "pin", "too easy"));
        }
        let is_first = !std::mem::replace(&mut is_lost, true);
        is_first.then(|| {
            world.answer(request);
            Answer::Close
        })
    });
    let work = Workdir::with("a.csv", creates(2));
    let ended = run(&work, &accounts, &format!("{RUN} --concurrency 1"), "s3cr3t-canary");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = ended.stderr.lines().skip_while(|it| !it.contains(" in doubt: "));
    expect![[r#"
        1 row in doubt: look at the switch before trying it again
        next: take rows in doubt that turn out to be done out of a.rejects.csv, put the other rows right, then boxlift apply a.rejects.csv --rate 1000/s --settle 0s --concurrency 1 --url URL --username admin"#]]
    .assert_eq(&said.collect::<Vec<_>>().join("\n").replace(&accounts.server.url, "URL"));
}

#[test]
fn a_row_that_may_be_done_and_left_the_file_is_told_by_its_mailbox() {
    let switch = Broken::start();
    let work = Workdir::with("a.csv", creates(3));
    switch.leave_the_first_row_open(&work);
    work.write("a.csv", work.read("a.csv").replace("10000,", "20000,"));
    let ended = switch.run(&work, &format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = ended.stderr.lines().skip_while(|it| !it.contains("left the file")).take(2);
    expect![[r#"
        1 row of the earlier run may be done, and left the file since (mailbox 10000)
          help: look there on the switch"#]]
    .assert_eq(&told.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_row_that_comes_after_a_later_one_of_its_mailbox_is_told() {
    let accounts = Accounts::start();
    let rows = "create,101,480913,a\nupdate,101,,b\nupdate,101,,c\n";
    let work = Workdir::with("a.csv", format!("action,mailbox,pin,description\n{rows}"));
    let password = "s3cr3t-canary";
    for line in [format!("{RUN} --rows 1"), format!("{RUN} --resume --rows 3")] {
        let ended = run(&work, &accounts, &line, password);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(!ended.stderr.contains("later row"), "{ended:?}");
    }
    let ended = run(&work, &accounts, &format!("{RUN} --resume"), password);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = "1 row will be sent after a later row of the same mailbox, which is done (row 2)\n";
    assert!(ended.stderr.contains(told), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created", "updated", "updated"]);
}

#[test]
fn a_row_that_was_edited_while_its_call_was_lost_is_known_as_it_is_once_it_is_done() {
    let switch = Broken::start();
    let work = Workdir::with("a.csv", creates(3));
    switch.leave_the_first_row_open(&work);
    work.write("a.csv", creates(3).replace("10000,480013", "10000,480014"));
    let ended = switch.run(&work, &format!("{RUN} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
    let requests = switch.accounts.server.requests().len();
    let ended = switch.run(&work, &format!("{RUN} --resume"));
    assert!(ended.stderr.contains("\n3 rows had their result before"), "{ended:?}");
    assert_eq!(switch.accounts.server.requests().len(), requests);
}
