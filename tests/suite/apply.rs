//! `apply` from end to end: what is sent, in which order, and what the report says of it.

use std::time::Duration;

use expect_test::expect;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Sandbox;
use super::support::Workdir;
use super::support::creates;

const FAST: &str = "--rate 1000/s";

#[test]
fn any_server_that_speaks_the_api_will_do() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", "mailbox,pin,action\n0201,480913,\n0202,480914,update\n");
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --concurrency 1"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let sent: Vec<_> =
        server.requests().iter().map(|it| format!("{} {}", it.line, it.body)).collect();
    expect![[r#"
        POST /api/json/mailboxes/create/ HTTP/1.1 auth_username=admin&auth_password=s3cr3t-canary&mailbox=0201&pin=480913
        POST /api/json/mailboxes/update/ HTTP/1.1 auth_username=admin&auth_password=s3cr3t-canary&mailbox=0202&pin=480914"#]]
    .assert_eq(&sent.join("\n"));
    expect![[r#"
        a.csv: 2 rows, no problems
        2 rows: 1 created, 1 updated
        report: a.report.csv
        next: nothing, all rows are done
    "#]]
    .assert_eq(&ended.stderr);
}

#[test]
fn a_dry_run_asks_and_changes_nothing() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(3));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --dry-run"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(server.requests().iter().all(|it| it.body.ends_with("&validation=1")));
    assert_eq!(work.statuses("a.report.csv"), ["accepted"; 3]);
}

#[test]
fn a_real_run_follows_on_a_dry_run_that_every_row_passed() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(3));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --validate-first"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let rehearsals: Vec<_> =
        server.requests().iter().map(super::server::Request::is_rehearsal).collect();
    assert_eq!(rehearsals, [true, true, true, false, false, false]);
    assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
}

#[test]
fn nothing_is_changed_if_the_dry_run_refuses_a_row() {
    let server = Server::start(|_, request| {
        if request.has("mailbox=10001") {
            Answer::Code("400", "mailbox", "taken")
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", creates(3));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --validate-first"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(server.requests().iter().all(super::server::Request::is_rehearsal));
    expect![[r#"
        1|not_sent|||not sent: the dry run did not pass
        2|rejected|400|mailbox|taken
        3|not_sent|||not sent: the dry run did not pass"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
}

#[test]
fn a_rehearsal_of_a_row_that_hangs_on_an_earlier_one_is_not_refused_for_it() {
    let rows =
        "mailbox,pin,copy_pin,action,description\n0201,480913,,,\n0202,,0201,,\n0201,,,update,x\n";
    let server = Server::start(|_, request| {
        if request.line.contains("update") {
            Answer::Code("404", "", "no such mailbox")
        } else if request.has("copy_pin=0201") {
            Answer::Code("400", "copy_pin", "no such mailbox")
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", rows);
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --dry-run"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    expect![[r#"
        1|accepted|201||OK
        2|accepted|400|depends|can be judged once row 1 is really done; for now: no such mailbox
        3|accepted|404|depends|can be judged once row 1 is really done; for now: no such mailbox"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
}

#[test]
fn one_invalid_row_keeps_all_from_being_sent() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,480913\n02x2,480913\n");
    let ended = work.run_against(&server.url, "apply a.csv");
    assert_eq!((ended.code, server.requests().len()), (Some(65), 0), "{ended:?}");
    expect![[r#"
        1|not_sent|||not sent: other rows are invalid
        2|invalid|mailbox-form|mailbox|`02x2` is not digits alone"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
    expect![[r#"
        mailbox,pin,boxlift_reason
        0201,480913,not_sent: not sent: other rows are invalid
        02x2,480913,invalid: mailbox-form: mailbox: `02x2` is not digits alone
    "#]]
    .assert_eq(&work.read("a.rejects.csv"));
}

#[test]
fn valid_rows_are_sent_if_invalid_ones_are_to_be_skipped_and_those_that_hang_on_them_are_not() {
    let server = Server::start(|_, request| obliging(request));
    let rows = "mailbox,pin,copy_pin\n0201,48x,\n0202,,0201\n0203,480913,\n";
    let work = Workdir::with("a.csv", rows);
    let ended = work.run_against(&server.url, "apply a.csv --invalid skip");
    assert_eq!((ended.code, server.requests().len()), (Some(1), 1), "{ended:?}");
    expect![[r#"
        1|invalid|pin-form|pin|the PIN is not digits alone
        2|skipped||depends|not tried: row 1 is not sent
        3|created|204||OK"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
}

#[test]
fn rows_that_were_refused_are_an_input_again() {
    let server = Server::start(|number, request| {
        if number == 1 { Answer::Code("400", "pin", "too easy") } else { obliging(request) }
    });
    let work = Workdir::with("a.csv", creates(3));
    let line = format!("{FAST} --concurrency 1");
    assert_eq!(work.run_against(&server.url, &format!("apply a.csv {line}")).code, Some(1));
    let again = work.run_against(&server.url, &format!("apply a.rejects.csv {line}"));
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(work.statuses("a.rejects.report.csv"), ["created"]);
}

#[test]
fn a_row_on_the_same_mailbox_waits_and_is_skipped_if_the_create_failed() {
    let rows = "mailbox,pin,action\n0201,480913,create\n0201,480914,update\n0202,480913,\n";
    let server = Server::start(|_, request| {
        if request.has("mailbox=0201") {
            Answer::Code("400", "mailbox", "taken")
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", rows);
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST}"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["rejected", "skipped", "created"]);
}

#[test]
fn a_create_whose_answer_is_lost_is_in_doubt_where_the_switch_cannot_look_it_up() {
    let server = Server::start(
        |number, request| {
            if number == 1 { Answer::Close } else { obliging(request) }
        },
    );
    let work = Workdir::with("a.csv", creates(3));
    let line = format!("apply a.csv {FAST} --concurrency 1 --settle 0s");
    let ended = work.run_against(&server.url, &line);
    let writes = server.requests().iter().filter(|it| it.line.contains("/create/")).count();
    assert_eq!((ended.code, writes), (Some(1), 3), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created", "in_doubt", "created"]);
}

#[test]
fn ten_thousand_rows_are_created_and_then_updated() {
    let work = Workdir::with("a.csv", creates(10_000));
    let sandbox = Sandbox::start(&work, "");
    let line = "apply a.csv --rate 100000/s --concurrency 16 --report r.csv";
    for (action, status) in [("create", "created"), ("update", "updated")] {
        let ended = sandbox.run(&work, &format!("{line} --action {action}"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let statuses = work.statuses("r.csv");
        assert_eq!(statuses.len(), 10_000);
        assert!(statuses.iter().all(|it| it == status));
    }
}

#[test]
fn customers_owners_and_versions_of_the_input_exist_on_the_embedded_switch() {
    let work =
        Workdir::with("a.csv", "mailbox,pin,customer,owner,notify_for\n1,480913,77,501,text\n");
    let ended = work.run("apply a.csv --sandbox --api 4.2");
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn what_the_dry_run_accepted_is_not_done_before_the_real_run_did_it() {
    let server = Server::start(|_, request| {
        if request.is_rehearsal() { obliging(request) } else { Answer::Code("401", "", "no") }
    });
    let work = Workdir::with("a.csv", creates(3));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --validate-first"));
    assert_eq!(ended.code, Some(77), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["rejected", "not_sent", "not_sent"]);
}

#[test]
fn a_skipped_row_names_the_row_that_it_needed() {
    let rows =
        "mailbox,pin,copy_pin,action\n100,,101,create\n101,480913,,create\n101,480914,,update\n";
    let server = Server::start(|_, request| {
        if request.has("mailbox=101") {
            Answer::Code("400", "mailbox", "taken")
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", rows);
    work.run_against(&server.url, &format!("apply a.csv {FAST}"));
    expect![[r#"
        1|skipped||depends|not tried: row 2 did not succeed
        2|rejected|400|mailbox|taken
        3|skipped||depends|not tried: row 2 did not succeed"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
}

#[test]
fn rows_that_were_refused_are_grouped_by_reason_on_the_screen() {
    let server = Server::start(|number, _| {
        if number % 3 == 0 {
            Answer::Code("400", "mailbox", "taken")
        } else {
            Answer::Code("400", "pin", "too easy")
        }
    });
    let work = Workdir::with("a.csv", creates(6));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --concurrency 1"));
    expect![[r#"
        a.csv: 6 rows, no problems
        6 rows: 6 rejected
          rejected 400 pin: too easy (4 rows, first row 2)
          rejected 400 mailbox: taken (2 rows, first row 1)
        report: a.report.csv
        rows that are not done: a.rejects.csv (holds PINs)
        next: put the rows right, then boxlift apply a.rejects.csv --rate 1000/s --concurrency 1 --url URL --username admin
    "#]]
    .assert_eq(&ended.stderr.replace(&server.url, "URL"));
}

/// What is to be typed next after rows whose mailboxes say what the switch answers.
fn next_after(mailboxes: &[&str], options: &str) -> String {
    let server = Server::start(|_, request| {
        match ["400", "402", "403"].iter().find(|it| request.has(&format!("mailbox={it}"))) {
            Some(code) => Answer::Code(code, "", "no"),
            None => obliging(request),
        }
    });
    let rows: Vec<_> = mailboxes.iter().map(|it| format!("{it},480913\n")).collect();
    let work = Workdir::with("a.csv", format!("mailbox,pin\n{}", rows.concat()));
    let ended =
        work.run_against(&server.url, &format!("apply a.csv {FAST} --concurrency 1 {options}"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let next = ended.stderr.lines().last().unwrap().split(" --rate").next().unwrap();
    next.to_owned()
}

#[test]
fn what_is_to_be_put_right_is_what_is_wrong() {
    expect!["next: put the rows right, then boxlift apply a.rejects.csv"]
        .assert_eq(&next_after(&["400", "101"], ""));
    expect!["next: have the role allow it (402), then boxlift apply a.rejects.csv"]
        .assert_eq(&next_after(&["101", "402"], ""));
    expect!["next: have the rate plan allow it (403), then boxlift apply a.rejects.csv"]
        .assert_eq(&next_after(&["403", "101"], ""));
    expect!["next: have the rate plan allow it (403), put the other rows right, then boxlift apply a.rejects.csv"]
        .assert_eq(&next_after(&["400", "403", "101"], ""));
    expect!["next: have the rate plan allow it (403), put the other rows right, then boxlift apply a.rejects.csv"]
        .assert_eq(&next_after(&["403", "101", "x"], "--invalid skip"));
}

#[test]
fn a_second_create_of_a_mailbox_is_not_sent_though_invalid_rows_are_skipped() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,480913\n0201,480914\n");
    let ended = work.run_against(&server.url, "apply a.csv --invalid skip");
    assert_eq!((ended.code, server.requests().len()), (Some(1), 1), "{ended:?}");
    expect![[r#"
        1|created|204||OK
        2|invalid|duplicate-create|mailbox|mailbox 0201 is created at a.csv:2 already"#]]
    .assert_eq(&work.report("a.report.csv").join("\n"));
}

#[test]
fn a_rehearsed_create_that_is_refused_for_its_own_sake_is_rejected() {
    let server = Server::start(|_, request| {
        if request.has("mailbox=0202") {
            Answer::Code("400", "mailbox", "taken")
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", "mailbox,pin,copy_pin\n0201,480913,\n0202,,0201\n");
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --dry-run"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["accepted", "rejected"]);
}

#[test]
fn fifty_calls_a_second_are_never_more_than_that() {
    // One call at a time: a call leaves after the one before it was answered, so that arrivals tell when calls left,
    // to within one call, on a machine of any speed.
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(150));
    let ended = work.run_against(&server.url, "apply a.csv --rate 50/s --concurrency 1");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let arrived: Vec<_> = server.requests().iter().map(|it| it.arrived).collect();
    for (first, time) in arrived.iter().enumerate() {
        let window = arrived[first..].iter().take_while(|it| **it - *time < Duration::from_secs(1));
        assert!(window.count() <= 51);
    }
}
