//! What stops a run: each with its exit code and what the report says of the rows.

use std::net::TcpListener;

use expect_test::expect;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Sandbox;
use super::support::Workdir;
use super::support::creates;

const FAST: &str = "--rate 1000/s";

#[test]
fn a_wrong_password_stops_after_one_call() {
    let server = Server::always(Answer::Code("401", "", "no such login"));
    let work = Workdir::with("a.csv", creates(50));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --concurrency 16"));
    assert_eq!((ended.code, server.requests().len()), (Some(77), 1), "{ended:?}");
    let statuses = work.statuses("a.report.csv");
    assert_eq!(
        (statuses[0].as_str(), statuses[1].as_str(), statuses.len()),
        ("rejected", "not_sent", 50)
    );
    expect![[r#"
        a.csv: 50 rows, no problems
        stopped: the switch refused the credentials (401): no such login
          help: check --username and the password; trying again and again may lock the login
        50 rows: 1 rejected, 49 not_sent
          rejected 401: no such login (1 row, first row 1)
        report: a.report.csv
        rows that are not done: a.rejects.csv (holds PINs)
        next: once that is mended, boxlift apply a.csv --rate 1000/s --concurrency 16 --url URL --username admin --resume
    "#]]
    .assert_eq(&ended.stderr.replace(&server.url, "URL"));
}

#[test]
fn a_role_that_may_do_nothing_ends_with_the_code_of_credentials() {
    let server = Server::always(Answer::Code("402", "", "your role does not allow this"));
    let work = Workdir::with("a.csv", creates(5));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST}"));
    assert_eq!((ended.code, server.requests().len()), (Some(77), 1), "{ended:?}");
    assert_eq!(
        work.statuses("a.report.csv"),
        ["rejected", "not_sent", "not_sent", "not_sent", "not_sent"]
    );
}

#[test]
fn a_plan_that_is_full_stops_creates_of_that_customer_alone() {
    let server = Server::start(|_, request| {
        if request.has("customer=3") { Answer::Code("403", "", "plan") } else { obliging(request) }
    });
    let rows = "mailbox,pin,customer\n1,480913,3\n2,480913,3\n3,480913,4\n";
    let work = Workdir::with("a.csv", rows);
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST}"));
    assert_eq!((ended.code, server.requests().len()), (Some(1), 2), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["rejected", "not_sent", "created"]);
}

#[test]
fn a_switch_where_nobody_listens_is_given_up() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let work = Workdir::with("a.csv", creates(2));
    let ended = work.run_against(&format!("http://{free}"), "apply a.csv");
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(ended.stderr.contains("refused the connection"), "{}", ended.stderr);
    assert_eq!(work.statuses("a.report.csv"), ["not_sent", "not_sent"]);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_, request| obliging(request));
    let target = format!("location: {}/api/json/mailboxes/create/\r\n", elsewhere.url);
    let target: &'static str = target.leak();
    let server = Server::always(Answer::Http("307 Temporary Redirect", target, String::new()));
    let work = Workdir::with("a.csv", creates(3));
    let ended = work.run_against(&server.url, "apply a.csv");
    assert_eq!((ended.code, server.requests().len()), (Some(78), 1), "{ended:?}");
    assert_eq!(elsewhere.requests().len(), 0);
    assert_eq!(work.statuses("a.report.csv"), ["failed", "not_sent", "not_sent"]);
}

#[test]
fn a_page_that_is_not_the_api_is_given_up_after_three_answers() {
    let page = "<html>Down for maintenance</html>".to_owned();
    let page = Answer::Http("200 OK", "content-type: text/html\r\n", page);
    let server = Server::start_with_lists(move |_, _| page.clone());
    let work = Workdir::with("a.csv", creates(50));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --concurrency 16"));
    // The first was asked for a list, which changes nothing.
    assert_eq!((ended.code, server.requests().len()), (Some(69), 2), "{ended:?}");
    let statuses = work.statuses("a.report.csv");
    assert_eq!(statuses.iter().filter(|it| *it == "in_doubt").count(), 2);
}

#[test]
fn a_rehearsal_that_the_switch_carries_out_stops_at_once() {
    let server = Server::always(Answer::Code("204", "", "OK"));
    let work = Workdir::with("a.csv", creates(50));
    let ended =
        work.run_against(&server.url, &format!("apply a.csv {FAST} --dry-run --concurrency 16"));
    assert_eq!((ended.code, server.requests().len()), (Some(69), 1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv")[..2], ["created", "not_sent"]);
}

#[test]
fn a_real_call_that_was_only_judged_is_in_doubt() {
    let server = Server::always(Answer::Code("201", "", "OK"));
    let work = Workdir::with("a.csv", creates(3));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST}"));
    assert_eq!((ended.code, server.requests().len()), (Some(69), 1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["in_doubt", "not_sent", "not_sent"]);
}

#[test]
fn a_switch_that_is_busy_is_asked_again_and_no_row_is_lost() {
    let server = Server::start(|number, request| {
        if number == 1 {
            Answer::Http("429 Too Many Requests", "retry-after: 1\r\n", String::new())
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", creates(4));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST}"));
    assert_eq!((ended.code, server.requests().len()), (Some(0), 5), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"; 4]);
}

#[test]
fn a_certificate_is_trusted_by_the_file_that_vouches_for_it_alone() {
    let work = Workdir::with("a.csv", creates(2));
    let sandbox = Sandbox::start(&work, "--tls --ca-file ca.pem");
    let trusted = sandbox.run(&work, "apply a.csv --ca-file ca.pem");
    assert_eq!(trusted.code, Some(0), "{trusted:?}");
    let refused = sandbox.run(&work, "apply a.csv --report refused.csv");
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert_eq!(work.statuses("refused.csv"), ["failed", "not_sent"]);
    assert!(work.read("refused.csv").contains("an issuer that is not trusted here"), "{refused:?}");
}

#[test]
fn a_rehearsal_that_the_switch_carries_out_is_not_followed_by_the_real_run() {
    let server = Server::always(Answer::Code("204", "", "OK"));
    let work = Workdir::with("a.csv", creates(1));
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --validate-first"));
    assert_eq!((ended.code, server.requests().len()), (Some(69), 1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created"]);
}

#[test]
fn a_role_that_is_refused_twice_in_one_answer_is_refused() {
    let entry = r#"{"code":"402","key":"","message":"no"}"#;
    let body = format!(r#"{{"responses":[{entry},{entry}]}}"#);
    let server = Server::always(Answer::Http("200 OK", "", body));
    let work = Workdir::with("a.csv", creates(2));
    assert_eq!(work.run_against(&server.url, &format!("apply a.csv {FAST}")).code, Some(77));
}

#[test]
fn a_role_that_is_refused_beside_calls_that_are_allowed_is_no_matter_of_credentials() {
    let server = Server::start(|_, request| {
        if request.line.contains("update") {
            Answer::Code("402", "", "no")
        } else {
            obliging(request)
        }
    });
    let work = Workdir::with("a.csv", "mailbox,pin,action\n1,480913,create\n2,480913,update\n");
    assert_eq!(work.run_against(&server.url, &format!("apply a.csv {FAST}")).code, Some(1));
}
