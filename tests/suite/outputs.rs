//! Reports and listings as they are written.

use expect_test::expect;
use serde_json::Value;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Workdir;
use super::support::creates;

#[test]
fn a_report_has_the_same_records_as_csv_and_as_jsonl() {
    let server = Server::start(|number, request| {
        if number == 1 { Answer::Code("400", "pin", "=1+1") } else { obliging(request) }
    });
    let work = Workdir::with("a.csv", "mailbox,pin,customer\n0201,480913,7\n0202,480914,\n");
    let line = "apply a.csv --rate 1000/s --concurrency 1 --report r.csv --report r.jsonl";
    assert_eq!(work.run_against(&server.url, line).code, Some(1));
    let csv = work.read("r.csv");
    assert_eq!(
        csv.lines().next(),
        Some(
            "row,line,action,customer,mailbox,status,code,key,message,attempts,http_status,elapsed_ms,finished_at"
        )
    );
    assert!(csv.contains("2,3,create,,0202,rejected,400,pin,'=1+1,1,200,"), "{csv}");
    let jsonl = work.read("r.jsonl");
    let records: Vec<Value> = jsonl.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(records[0]["customer"], 7);
    assert_eq!(records[1]["customer"], Value::Null);
    assert_eq!(records[1]["message"], "=1+1");
    let keys: Vec<_> = jsonl.lines().next().unwrap().split('"').skip(1).step_by(2).collect();
    for name in csv.lines().next().unwrap().split(',') {
        assert!(keys.contains(&name), "{name}");
    }
}

#[test]
fn rejects_of_jsonl_are_jsonl() {
    let server = Server::always(Answer::Code("400", "pin", "too easy"));
    let work =
        Workdir::with("a.jsonl", "{\"mailbox\": \"0201\", \"pin\": \"480913\", \"owner\": 7}\n");
    assert_eq!(work.run_against(&server.url, "apply a.jsonl").code, Some(1));
    expect![[r#"
        {"mailbox": "0201", "pin": "480913", "owner": 7,"boxlift_reason":"rejected: 400: pin: too easy"}
    "#]]
    .assert_eq(&work.read("a.rejects.jsonl"));
    assert_eq!(work.run("check a.rejects.jsonl").code, Some(0));
}

#[test]
fn a_run_that_goes_well_leaves_a_report_and_no_rejects() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(2));
    work.write("a.rejects.csv", "of an earlier run");
    let ended = work.run_against(&server.url, "apply a.csv --rate 1000/s");
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains("a.rejects.csv is of an earlier run"), "{}", ended.stderr);
    assert_eq!(work.read("a.rejects.csv"), "of an earlier run");
}

#[test]
fn a_device_for_rejects_is_of_no_earlier_run() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(2));
    let ended = work.run_against(&server.url, "apply a.csv --rate 1000/s --rejects /dev/null");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("/dev/null is"), "{}", ended.stderr);
}

#[test]
fn a_quiet_run_says_nothing() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(2));
    let ended = work.run_against(&server.url, "apply a.csv --rate 1000/s --quiet");
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn the_template_of_columns_is_a_header_that_check_takes() {
    let work = Workdir::new();
    let template = work.run("columns --format csv").stdout;
    work.write("a.csv", &template);
    assert_eq!(work.run("check a.csv").code, Some(0));
}

#[test]
fn the_schema_of_columns_names_every_column() {
    let work = Workdir::new();
    let template = work.run("columns --format csv").stdout;
    let schema: Value =
        serde_json::from_str(&work.run("columns --format json-schema").stdout).unwrap();
    let names: Vec<_> = template.trim().split(',').collect();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(properties.len(), names.len());
    assert!(names.iter().all(|it| properties.contains_key(*it)));
    assert_eq!(schema["properties"]["notify_for"]["enum"][0], "voicemail");
}

#[test]
fn the_listing_of_columns_is_that_of_the_version() {
    let work = Workdir::new();
    let listed = |api: &str| work.run(&format!("columns --format markdown --api {api}")).stdout;
    let line = |api: &str, column: &str| {
        let text = listed(api);
        let line = text.lines().find(|it| it.starts_with(&format!("| `{column}` |")));
        line.map(|it| it.split(" | ").skip(2).collect::<Vec<_>>().join(" | "))
    };
    assert_eq!(line("3.13", "transcribe"), None);
    assert_eq!(line("3.14", "transcribe").unwrap(), "1 or 0 | default: 0 | no | 3.14 |");
    assert_eq!(line("4.2", "transcribe").unwrap(), "1 or 0 | default: 0 | not known | 3.14 |");
    let words = "voicemail, fax, voicemail_fax";
    let kept = "kept where blank | 3.13 |";
    let told = |words: &str, default| format!("{words}, or empty | default: {default} | {kept}");
    for api in ["3.13", "3.14"] {
        assert_eq!(line(api, "notify_for").unwrap(), told(words, "voicemail_fax"));
    }
    let more = format!("{words}, all, text");
    assert_eq!(line("4.2", "notify_for").unwrap(), told(&more, "voicemail_fax"));
    assert_eq!(line("4.4", "notify_for").unwrap(), told(&more, "all"));
}

#[test]
fn rules_lists_each_rule_with_its_code() {
    let listed = Workdir::new().run("rules --format csv").stdout;
    let mut lines = listed.lines();
    assert_eq!(lines.next(), Some("code,severity,may_be_lifted,meaning"));
    assert!(lines.any(|it| it.starts_with("weak-pin,warning,yes,")));
}

#[test]
fn rejects_keep_the_line_ends_of_their_rows() {
    let server = Server::always(Answer::Code("400", "pin", "too easy"));
    let work = Workdir::with("a.csv", "mailbox,pin\r\n0201,480913\r\n0202,480914");
    assert_eq!(work.run_against(&server.url, "apply a.csv").code, Some(1));
    let rejects = work.read("a.rejects.csv");
    assert!(rejects.contains("0201,480913,rejected: 400: pin: too easy\r\n"), "{rejects:?}");
}

#[test]
fn every_rule_can_be_denied_and_allowed_as_the_list_says() {
    let work = Workdir::with("a.csv", "mailbox,pin\n");
    let listed = work.run("rules --format csv").stdout;
    for line in listed.lines().skip(1) {
        let [code, severity, may_be_lifted] = line.splitn(4, ',').take(3).collect::<Vec<_>>()[..]
        else {
            panic!("{line}")
        };
        let denied = if severity == "warning" { 0 } else { 64 };
        let allowed = if may_be_lifted == "yes" { 0 } else { 64 };
        assert_eq!(work.run(&format!("check a.csv --deny {code}")).code, Some(denied), "{code}");
        assert_eq!(work.run(&format!("check a.csv --allow {code}")).code, Some(allowed), "{code}");
    }
}

#[test]
fn no_result_takes_the_place_of_the_map() {
    let map = "[mailbox]\ncolumn = \"Phone\"\n[pin]\ncolumn = \"Code\"\n";
    for (line, name) in [
        ("check a.csv --problems", "map.csv"),
        ("check a.csv --report", "map.csv"),
        ("convert a.csv -o", "map.csv"),
        ("apply a.csv --sandbox --rejects", "map.csv"),
        ("apply a.csv --sandbox --problems", "./map.csv"),
    ] {
        let work = Workdir::with("a.csv", "Phone,Code\n0201,480913\n");
        work.write("map.csv", map);
        let ended = work.run(&format!("{line} {name} --map map.csv"));
        assert_eq!((ended.code, &*work.read("map.csv")), (Some(74), map), "{line}: {ended:?}");
        let said = format!("error: `{name}` is the map itself\n");
        assert!(ended.stderr.contains(&said), "{}", ended.stderr);
        assert_eq!(work.files(), ["a.csv", "map.csv"], "{line}");
    }
}

#[test]
fn rows_of_long_words_stand_in_their_order_among_others() {
    let long = "x".repeat(8_000);
    let row = |row: usize| match row % 3 {
        // More than a page of a report has room for, within one page's rows and over its end.
        0 => format!("{long},{long},{long}\n"),
        _ => format!("{},480913,7\n", 1000 + row),
    };
    let rows: String = (0..1500).map(row).collect();
    let work = Workdir::with("a.csv", format!("mailbox,owner,customer\n{rows}"));
    let line = "check a.csv --report r.csv --report r.jsonl";
    assert_eq!(work.run(line).code, Some(65));
    let (csv, jsonl) = (work.read("r.csv"), work.read("r.jsonl"));
    let (mut csv, mut jsonl) = (csv.lines().skip(1), jsonl.lines());
    for row in 1..=1500 {
        assert!(csv.next().unwrap().starts_with(&format!("{row},{},", row + 1)));
        assert!(jsonl.next().unwrap().starts_with(&format!("{{\"row\":{row},")));
    }
    assert_eq!((csv.next(), jsonl.next()), (None, None));
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_takes_no_other_with_it() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(2));
    std::os::unix::fs::symlink("/dev/full", work.path("full.csv")).unwrap();
    assert_eq!(work.run_against(&server.url, "apply a.csv --rate 1000/s").code, Some(0));
    std::os::unix::fs::symlink("/dev/full", work.path("full.jsonl")).unwrap();
    for command in ["check a.csv", "report a.boxlift"] {
        for reports in ["r.jsonl full.csv full.jsonl", "full.csv full.jsonl r.jsonl"] {
            let reports = reports.split(' ').map(|it| format!(" --report {it}"));
            let ended = work.run(&format!("{command}{}", reports.collect::<String>()));
            assert_eq!(ended.code, Some(74), "{ended:?}");
            for told in ["`full.csv` cannot be written", "`full.jsonl` cannot be written"] {
                assert!(ended.stderr.contains(told), "{ended:?}");
            }
            assert_eq!(work.read("r.jsonl").lines().count(), 2, "{command}");
            std::fs::remove_file(work.path("r.jsonl")).unwrap();
        }
    }
}
