//! `--extra`: parameters that boxlift does not know, from the file to the call, and their values in no text.

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Workdir;

const FAST: &str = "--rate 1000/s --concurrency 1";

/// What came behind the credentials, one call after the other.
fn sent(server: &Server) -> Vec<String> {
    let bodies = server.requests().into_iter().map(|it| it.body);
    bodies.map(|it| it.split_once("s3cr3t-canary&").unwrap().1.to_owned()).collect()
}

#[test]
fn extras_are_sent_as_they_stand_behind_what_is_known_in_the_order_given() {
    let server = Server::start(|_, request| obliging(request));
    let rows = "greeting,mailbox,pin,action,mwi\n\
                a&b 1,0201,480913,,on\n\
                <empty>,0202,,update,\n\
                ,0203,480914,,0\n";
    let work = Workdir::with("a.csv", rows);
    let line =
        format!("apply a.csv {FAST} --extra mwi --extra greeting --extra other --set other=7");
    let ended = work.run_against(&server.url, &line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        sent(&server),
        [
            "mailbox=0201&pin=480913&mwi=on&greeting=a%26b+1&other=7",
            "mailbox=0202&greeting=&other=7",
            "mailbox=0203&pin=480914&mwi=0&other=7",
        ]
    );
}

#[test]
fn json_numbers_are_sent_as_digits_and_booleans_as_one_and_zero() {
    let server = Server::start(|_, request| obliging(request));
    let rows = r#"{"mailbox":"0201","pin":"480913","one":5,"two":true,"three":""}
{"mailbox":"0202","pin":"480914","one":"05","two":false,"three":null}
"#;
    let work = Workdir::with("a.jsonl", rows);
    let line = format!("apply a.jsonl {FAST} --extra one --extra two --extra three --dry-run");
    let ended = work.run_against(&server.url, &line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        sent(&server),
        [
            "mailbox=0201&pin=480913&one=5&two=1&three=&validation=1",
            "mailbox=0202&pin=480914&one=05&two=0&validation=1",
        ]
    );
}

#[test]
fn the_value_of_an_extra_is_in_no_text() {
    let server = Server::start(|_, _| Answer::Code("400", "code", "the code canary-4711 is taken"));
    let work = Workdir::with("a.csv", "mailbox,pin,code\n0201,480913,canary-4711\n");
    let ended = work.run_against(&server.url, &format!("apply a.csv {FAST} --extra code"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(work.report("a.report.csv"), ["1|rejected|400|code|the code *** is taken"]);
    assert!(!ended.stderr.contains("canary-4711"), "{}", ended.stderr);
    work.write(
        "b.csv",
        "mailbox,pin,code\n0201,480913,=canary\n0202,480913,“canary”\n0203,480913,a canary\n",
    );
    let ended =
        work.run("check b.csv --extra code --max-field 7 --report b.report.csv --problems p.csv");
    assert_eq!(ended.code, Some(65), "{ended:?}");
    for rule in ["[spreadsheet-formula]", "[smart-quotes]", "[text-too-long]"] {
        assert!(ended.stderr.contains(rule), "{}", ended.stderr);
    }
    let texts = ended.stderr + &work.read("b.report.csv") + &work.read("p.csv");
    assert!(texts.contains("code") && !texts.contains("canary"), "{texts}");
}

#[test]
fn a_row_whose_extra_was_edited_is_sent_again_on_resume() {
    let server = Server::start(|_, request| obliging(request));
    let work =
        Workdir::with("a.csv", "mailbox,pin,code\n0201,480913,1\n0202,480914,1\n0203,480915,\n");
    let line = format!("apply a.csv {FAST} --extra code");
    assert_eq!(work.run_against(&server.url, &line).code, Some(0));
    let before = server.requests().len();
    work.write("a.csv", "mailbox,pin,code\n0201,480913,1\n0202,480914,2\n0203,480915,1\n");
    let ended = work.run_against(&server.url, &format!("{line} --resume"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let again = &sent(&server)[before..];
    assert!(again.len() == 2 && again[0].ends_with("&code=2") && again[1].ends_with("&code=1"));
}

#[test]
fn an_extra_alone_is_something_to_update() {
    let work = Workdir::with("a.csv", "mailbox,code\n0201,1\n0202,\n");
    let ended = work.run("check a.csv --extra code --action update --report r.csv");
    assert_eq!(ended.code, Some(65));
    let told = work.report("r.csv");
    assert_eq!(told[0], "1|not_sent|||only checked");
    assert_eq!(told[1], "2|invalid|nothing-to-update|mailbox|nothing to change is given");
}

#[test]
fn without_the_option_the_name_is_unknown_as_ever() {
    let work = Workdir::with("a.csv", "mailbox,pin,code\n0201,480913,1\n");
    assert_eq!(work.run("check a.csv").code, Some(65));
    assert_eq!(work.run("check a.csv --extra code").code, Some(0));
    assert_eq!(work.run("check a.csv --extra code --set code=1 --set code=2").code, Some(64));
}

#[test]
fn names_that_are_taken_or_no_names_are_refused() {
    let work = Workdir::with("a.csv", "mailbox,pin\n");
    for name in ["auth_password", "auth_code", "validation", "pin", "action", "Code", "a --extra a"]
    {
        let ended = work.run(&format!("check a.csv --extra {name}"));
        assert_eq!(ended.code, Some(64), "{name}: {}", ended.stderr);
    }
    let ended = work.run("check a.csv --extra pin=471188");
    assert_eq!(ended.code, Some(64));
    assert!(!ended.stderr.contains("471188"), "{}", ended.stderr);
}
