//! Rows that are left out: which ones, what is said of them, and what a journal goes on knowing.

use expect_test::expect;

use super::accounts::Accounts;
use super::server::Answer;
use super::support::Ended;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;

const RUN: &str = "apply a.csv --rate 1000/s --settle 0s";

fn run(work: &Workdir, accounts: &Accounts, line: &str) -> Ended {
    let mut command = work.command(line);
    command.args(["--url", &accounts.server.url, "--username", "admin"]);
    ended(command.env("BOXLIFT_PASSWORD", "s3cr3t-canary").output().unwrap())
}

fn next(ended: &Ended, accounts: &Accounts) -> String {
    ended.stderr.lines().last().unwrap().replace(&accounts.server.url, "URL")
}

/// Numbers of the rows that a check of ten good rows and one that cannot be read does not leave out.
fn selected(options: &str) -> String {
    let row = |it: u32| {
        format!("{},480913,{}\n", 101 + it, if it.is_multiple_of(2) { "Ä 1" } else { "" })
    };
    let rows: String = (0..10).map(row).collect();
    let work = Workdir::with("a.csv", format!("mailbox,pin,description\n{rows}201,480913\n"));
    let mut command = work.command("check a.csv --quiet --report r.csv");
    command.args(options.split(' ').filter(|it| !it.is_empty()));
    let ended = ended(command.output().unwrap());
    assert!(matches!(ended.code, Some(0 | 65)), "{ended:?}");
    let rows = work.report("r.csv").into_iter().filter(|it| !it.contains("|excluded|"));
    rows.map(|it| it.split('|').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

#[test]
fn rows_are_selected_by_number_cells_chance_and_count_in_this_order() {
    assert_eq!(selected("--rows 3"), "3");
    assert_eq!(selected("--rows 3-5"), "3 4 5");
    assert_eq!(selected("--rows 9-"), "9 10 11");
    assert_eq!(selected("--rows -2"), "1 2");
    assert_eq!(selected("--rows 20-"), "");
    assert_eq!(selected("--where mailbox=10? --rows -10"), "1 2 3 4 5 6 7 8 9");
    assert_eq!(selected("--where mailbox!=10? --rows -10"), "10");
    assert_eq!(selected("--where description=Ä* --where mailbox!=*1 --rows -10"), "3 5 7 9");
    assert_eq!(selected("--where description= --rows -10"), "2 4 6 8 10");
    assert_eq!(selected("--where action=create --limit 2"), "1 2");
    assert_eq!(selected("--limit 3 --where description="), "2 4 6");
    let sample = selected("--sample 4");
    assert_eq!((sample.split(' ').count(), &sample), (4, &selected("--sample 4@0")));
    assert_ne!(sample, selected("--sample 4@1"));
    assert_eq!(
        selected("--sample 4 --limit 2"),
        sample.split(' ').take(2).collect::<Vec<_>>().join(" ")
    );
    assert_eq!(selected("--sample 100 --limit 100"), selected(""));
}

#[test]
fn nobody_can_tell_what_the_cells_of_a_broken_row_are_so_that_no_pattern_leaves_it_out() {
    assert_eq!(selected("--where mailbox=nobody"), "11");
}

#[test]
fn rows_that_are_left_out_say_by_what_and_break_no_rule() {
    let rows = "mailbox,pin,owner\n0201,x,\n0202,480913,7\n0202,480913,7\n0203,480913,8\n\
                0204,480913,7\n0205,480913,7\n";
    let work = Workdir::with("a.csv", rows);
    let ended = work.run(
        "check a.csv --rows 2- --where owner=7 --where mailbox!=0202 --limit 1 --report r.csv",
    );
    expect![[r#"
        a.csv: 6 rows, 5 left out, no problems
        next: boxlift apply a.csv --rows 2- --where owner=7 --where 'mailbox!=0202' --limit 1 --dry-run
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(0));
    expect![[r#"
        row,line,action,customer,mailbox,status,code,key,message,attempts,http_status,elapsed_ms,finished_at
        1,2,create,,0201,excluded,,,left out by --rows 2-,0,,,
        2,3,create,,0202,excluded,,,left out by --where owner=7 --where mailbox!=0202,0,,,
        3,4,create,,0202,excluded,,,left out by --where owner=7 --where mailbox!=0202,0,,,
        4,5,create,,0203,excluded,,,left out by --where owner=7 --where mailbox!=0202,0,,,
        5,6,create,,0204,not_sent,,,only checked,0,,,
        6,7,create,,0205,excluded,,,left out by --limit 1,0,,,
    "#]]
    .assert_eq(&work.read("r.csv"));
}

#[test]
fn rows_that_are_left_out_are_held_against_no_other() {
    let rows = "mailbox,pin,copy_pin\n0201,480913,\n0201,480914,\n0202,,0203\n0203,,0202\n";
    let work = Workdir::with("a.csv", rows);
    assert_eq!(work.run("check a.csv").code, Some(65));
    assert_eq!(work.run("check a.csv --rows 2-3").code, Some(0));
}

#[test]
fn a_selection_that_cannot_be_meant_is_refused_and_no_pin_is_repeated() {
    let work = Workdir::with("a.csv", creates(1));
    for options in [
        "--rows 5-3",
        "--rows 0",
        "--rows x",
        "--limit 0",
        "--sample 0",
        "--sample 4@x",
        "--where pin=471188",
        "--where copy_pin!=471188",
        "--where 471188",
        "--where pinn=471188",
    ] {
        let ended = work.run(&format!("check a.csv {options}"));
        assert_eq!(ended.code, Some(64), "{options}: {ended:?}");
        assert!(!ended.stderr.contains("471188"), "{}", ended.stderr);
    }
    expect![[r#"
        error: --where cannot select by pin
          help: others can see arguments: select by another column
    "#]]
    .assert_eq(&work.run("check a.csv --where pin=471188").stderr);
}

#[test]
fn a_file_is_lifted_in_steps_and_no_row_is_called_twice() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(5));
    let first = run(&work, &accounts, &format!("{RUN} --limit 2"));
    assert_eq!(first.code, Some(0), "{first:?}");
    let said = first.stderr.replace(&accounts.server.url, "URL");
    expect![[r#"
        a.csv: 5 rows, 3 left out, no problems
        5 rows: 2 created, 3 excluded
        report: a.report.csv
        next: nothing, all rows that are not left out are done; for the others: boxlift apply a.csv --rate 1000/s --settle 0s --url URL --username admin --resume
    "#]]
    .assert_eq(&said);
    let status = work.run("status a.boxlift").stdout;
    assert!(status.contains("rows:    5, 2 created, 3 excluded"), "{status}");
    let rest = run(&work, &accounts, &format!("{RUN} --resume"));
    assert_eq!((rest.code, accounts.server.requests().len()), (Some(0), 5), "{rest:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"; 5]);
}

#[test]
fn what_is_known_of_rows_outlives_a_run_that_leaves_them_out() {
    let accounts = Accounts::start_with(|_, request| {
        request.has("mailbox=10001").then_some(Answer::Code("400", "pin", "too easy"))
    });
    // Two rows of one mailbox and action: the second is known again while the first is left out.
    let rows = "mailbox,pin,action,description\n10000,480913,,\n10000,,update,a\n10000,,update,b\n\
                10001,480913,,\n";
    let work = Workdir::with("a.csv", rows);
    assert_eq!(run(&work, &accounts, RUN).code, Some(1));
    assert_eq!(work.statuses("a.report.csv"), ["created", "updated", "updated", "rejected"]);
    let sent = accounts.server.requests().len();
    let ended = run(&work, &accounts, &format!("{RUN} --resume --rows 3"));
    assert_eq!((ended.code, accounts.server.requests().len()), (Some(0), sent), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["excluded", "excluded", "updated", "excluded"]);
    assert_eq!(work.run("report a.boxlift --report again.csv").code, Some(0));
    assert_eq!(work.read("again.csv"), work.read("a.report.csv"));
    let status = work.run("status a.boxlift").stdout;
    assert!(status.contains("rows:    4, 1 updated, 3 excluded"), "{status}");
    let ended = run(&work, &accounts, &format!("{RUN} --resume"));
    assert_eq!((ended.code, accounts.server.requests().len()), (Some(1), sent), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created", "updated", "updated", "rejected"]);
}

#[test]
fn a_row_that_may_be_done_is_in_doubt_though_it_is_left_out() {
    let mut is_lost = false;
    let accounts = Accounts::start_with(move |world, request| {
        let is_first = request.line.contains("/create/") && !std::mem::replace(&mut is_lost, true);
        if request.has("mailbox=10000") && is_first {
            world.answer(request);
            return Some(Answer::Close);
        }
        // The look-up does not come through before the run is over.
        let is_lookup = request.line.contains("/mailboxes/get/") && world.writes("10000") == 1;
        let elsewhere = "location: http://127.0.0.1:9/\r\n";
        (is_lookup && !request.has("mailbox=10001"))
            .then(|| Answer::Http("307 Temporary Redirect", elsewhere, String::new()))
    });
    let work = Workdir::with("a.csv", creates(2));
    let first = run(&work, &accounts, &format!("{RUN} --concurrency 1"));
    assert_eq!(work.statuses("a.report.csv")[0], "in_doubt", "{first:?}");
    let ended = run(&work, &accounts, &format!("{RUN} --resume --rows 2"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    expect![[r#"
        1|in_doubt|||may be done by an earlier run, and not found out: the row is left out
        2|created|204||OK"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
    assert!(next(&ended, &accounts).contains(" --resume"), "{ended:?}");
}

#[test]
fn rows_that_are_not_done_come_out_as_a_file_of_which_all_rows_are_meant() {
    let accounts = Accounts::start_with(|_, request| {
        request.has("mailbox=10002").then_some(Answer::Code("400", "pin", "too easy"))
    });
    let work = Workdir::with("a.csv", creates(4));
    let ended = run(&work, &accounts, &format!("{RUN} --rows=2-3 --where mailbox=1*"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(work.read("a.rejects.csv").lines().count(), 2);
    expect!["next: put the rows right, then boxlift apply a.rejects.csv --rate 1000/s --settle 0s --url URL --username admin"]
        .assert_eq(&next(&ended, &accounts));
}

#[test]
fn a_run_of_which_all_rows_are_left_out_sends_nothing_and_says_so() {
    let work = Workdir::with("a.csv", creates(2));
    let ended = work.run("apply a.csv --sandbox --where mailbox=9*");
    expect![[r#"
        a.csv: 2 rows, 2 left out, no problems
        2 rows: 2 excluded
        report: a.report.csv
        next: nothing, all rows are left out
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(0));
}
