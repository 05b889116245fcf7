//! Bad input and bad surroundings: a clear error, the right exit code, and nothing lost or left behind.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::process::Stdio;

use expect_test::Expect;
use expect_test::expect;

use super::server::Answer;
use super::server::Server;
use super::server::obliging;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;

/// What `check` says of a file with this content.
fn checked(name: &str, content: &[u8], code: i32, said: &Expect) {
    let work = Workdir::with(name, content);
    let ended = work.run(&format!("check {name}"));
    said.assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(code));
}

#[test]
fn an_empty_file_is_no_input() {
    checked(
        "a.csv",
        b"",
        65,
        &expect![[r#"
            error: a.csv: the input is empty: it has no header line
              help: begin the file with the column names, as in `mailbox,pin`
        "#]],
    );
    checked(
        "a.csv",
        b"\xEF\xBB\xBF\r\n\r\n",
        65,
        &expect![[r#"
            error: a.csv: the input is empty: it has no header line
              help: begin the file with the column names, as in `mailbox,pin`
        "#]],
    );
}

#[test]
fn a_header_without_rows_is_said_and_no_error() {
    checked(
        "a.csv",
        b"mailbox,pin\n",
        0,
        &expect![[r#"
            a.csv: a header and no rows, no problems
            next: fill the file
        "#]],
    );
    let work = Workdir::with("a.csv", "mailbox,pin\n");
    let ended = work.run("apply a.csv --sandbox");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(work.read("a.report.csv").lines().count(), 1);
}

#[test]
fn a_first_line_that_is_no_header_is_not_repeated() {
    let work = Workdir::with("a.csv", "0201,471188canary\n0202,471189\n");
    let ended = work.run("check a.csv");
    assert_eq!(ended.code, Some(65));
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    assert!(ended.stderr.contains("names no column `mailbox`"), "{}", ended.stderr);
}

#[test]
fn a_directory_and_a_missing_file_are_no_input() {
    let work = Workdir::new();
    fs::create_dir(work.path("d.csv")).unwrap();
    assert_eq!(work.run("check d.csv").code, Some(66));
    assert_eq!(work.run("check none.csv").code, Some(66));
    assert_eq!(work.run("apply none.csv --sandbox").code, Some(66));
}

#[test]
fn a_file_that_may_not_be_read_is_no_input() {
    const NOBODY: u32 = 65_534;
    let work = Workdir::with("a.csv", creates(1));
    fs::set_permissions(work.path("."), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(work.path("a.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = work.command("check a.csv");
    if fs::read(work.path("a.csv")).is_ok() {
        // Whoever runs this may read everything: let somebody else try.
        command.uid(NOBODY).gid(NOBODY);
    }
    let ended = ended(command.output().unwrap());
    assert_eq!(ended.code, Some(66), "{ended:?}");
    assert!(ended.stderr.contains("`a.csv` may not be read"), "{}", ended.stderr);
}

#[test]
fn a_line_of_a_hundred_megabytes_costs_that_line_alone() {
    let work = Workdir::new();
    let mut file = fs::File::create(work.path("a.csv")).unwrap();
    file.write_all(b"mailbox,pin\n0201,480913\n").unwrap();
    let block = vec![b'7'; 1 << 20];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    file.write_all(b"\n0203,480913\n").unwrap();
    let ended = work.run("apply a.csv --sandbox --invalid skip");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(work.statuses("a.report.csv"), ["created", "invalid", "created"]);
    assert!(ended.stderr.contains("error[record-too-long]"), "{}", ended.stderr);
}

#[test]
fn standard_input_is_an_input_like_any_other() {
    let work = Workdir::new();
    for (format, text) in
        [("", creates(2)), ("", "{\"mailbox\":\"1\",\"pin\":\"480913\"}\n".to_string())]
    {
        let mut command = work.command(&format!("apply - --sandbox {format}"));
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let ended = ended(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(work.files(), ["stdin.boxlift", "stdin.report.csv"]);
    }
}

#[test]
fn standard_input_that_is_closed_is_an_empty_input() {
    let work = Workdir::new();
    let line = format!("exec '{}' check - <&-", env!("CARGO_BIN_EXE_boxlift"));
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let ended = ended(output);
    assert_eq!(ended.code, Some(65), "{ended:?}");
    assert_eq!(work.files(), Vec::<String>::new());
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_the_first_call() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(2));
    fs::create_dir(work.path("d.csv")).unwrap();
    for report in ["no/such/place.csv", "d.csv", "a.csv", "./a.csv"] {
        let ended = work.run_against(&server.url, &format!("apply a.csv --report {report}"));
        assert_eq!(ended.code, Some(74), "{report}: {ended:?}");
    }
    assert_eq!(server.requests().len(), 0);
    assert_eq!(work.read("a.csv"), creates(2));
    assert_eq!(work.files(), ["a.csv", "d.csv"]);
}

#[test]
fn a_name_that_is_too_long_is_said_before_the_first_call() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(1));
    let long = "x".repeat(252);
    for options in [format!("--report {long}.csv"), format!("--journal {long}")] {
        let ended = work.run_against(&server.url, &format!("apply a.csv {options}"));
        assert_eq!(ended.code, Some(74), "{ended:?}");
        let said = ended.stderr.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert!(said.contains(": File name too long"), "{said}");
        assert!(said.contains("help: name another place"), "{said}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn plaintext_to_another_host_is_refused_unless_it_is_allowed() {
    let work = Workdir::with("a.csv", creates(1));
    let ended = work.run_against("http://192.0.2.1/api/json/", "apply a.csv");
    assert_eq!(ended.code, Some(78), "{ended:?}");
    expect![[r#"
        error: plaintext refused: `http://` would show the password to the network before `192.0.2.1`
          help: use `https://`; where the network in between is trusted, give `--allow-plaintext`
    "#]]
    .assert_eq(&ended.stderr);
}

#[test]
fn a_wrong_command_line_ends_with_64_and_says_what_is_wrong() {
    let work = Workdir::with("a.csv", creates(1));
    for line in [
        "",
        "fly a.csv",
        "check",
        "check a.csv --fly",
        "apply a.csv",
        "apply a.csv --sandbox --url x",
        "apply a.csv --sandbox --rate 10",
        "apply a.csv --sandbox --concurrency 0",
        "apply a.csv --sandbox --dry-run --validate-first",
        "apply a.csv --sandbox --action upsert",
        "apply a.csv --sandbox --resume --restart",
        "apply a.csv --sandbox --retry rejected",
        "apply a.csv --sandbox --max-errors 0",
        "apply a.csv --sandbox --report a.txt",
        "apply a.csv --sandbox --report a.html",
        "apply a.csv --sandbox --report b.csv --rejects b.csv",
        "check a.csv b.csv --report r.csv",
        "check a.csv --set colour=red",
    ] {
        let ended = work.run(line);
        assert_eq!(ended.code, Some(64), "{line}: {ended:?}");
        assert!(!ended.stderr.is_empty(), "{line}");
    }
    assert_eq!(work.files(), ["a.csv"]);
}

#[test]
fn an_unknown_extension_asks_for_the_format() {
    let work = Workdir::with("a.txt", creates(1));
    assert_eq!(work.run("check a.txt").code, Some(64));
    assert_eq!(work.run("check a.txt --format csv").code, Some(0));
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let work = Workdir::new();
    let line =
        format!("'{}' columns | head -n 1; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_boxlift"));
    let output = Command::new("bash").args(["-c", &line]).output().unwrap();
    let ended = ended(output);
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(0), "action\n", "")
    );
    drop(work);
}

#[test]
fn no_secret_is_in_anything_but_the_rejects() {
    let server = Server::start(|number, request| {
        let pin = request.body.split("pin=").nth(1).unwrap_or_default().to_owned();
        Answer::Code("400", "pin", format!("{number}: {pin} and s3cr3t-canary").leak())
    });
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,90817263\n0202,90817264\n");
    let ended = work.run_against(&server.url, "apply a.csv --report r.jsonl --rate 1000/s");
    assert_eq!(ended.code, Some(1));
    for text in [&ended.stdout, &ended.stderr, &work.read("r.jsonl")] {
        assert!(!text.contains("9081726") && !text.contains("s3cr3t-canary"), "{text}");
    }
    assert!(work.read("a.rejects.csv").contains("90817263"));
    let permissions = fs::metadata(work.path("a.rejects.csv")).unwrap().permissions();
    assert_eq!(permissions.mode() & 0o777, 0o600);
}

#[test]
fn a_password_comes_from_a_file_the_environment_or_the_credentials_of_systemd() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(1));
    work.write("one", "from-file\n");
    work.write("boxlift-password", "from-systemd\n");
    let line = format!("apply a.csv --url {} --username admin", server.url);
    assert_eq!(work.run(&line).code, Some(64), "there is none");
    assert_eq!(work.run(&format!("{line} --password-file one")).code, Some(0));
    assert_eq!(
        work.command(&line).env("BOXLIFT_PASSWORD", "from-env").status().unwrap().code(),
        Some(0)
    );
    let mut command = work.command(&line);
    let status = command.env("CREDENTIALS_DIRECTORY", work.path(".")).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let broken = OsStr::from_bytes(b"p\xff");
    let refused = ended(command.env("BOXLIFT_PASSWORD", broken).output().unwrap());
    assert_eq!(refused.code, Some(64), "{refused:?}");
    assert!(refused.stderr.contains("error: BOXLIFT_PASSWORD is not UTF-8\n"), "{refused:?}");
    let passwords: Vec<_> = server.requests().iter().map(|it| it.body.clone()).collect();
    for (body, password) in passwords.iter().zip(["from-file", "from-env", "from-systemd"]) {
        assert!(body.contains(&format!("auth_password={password}&")), "{body}");
    }
}

#[test]
fn a_password_file_that_is_missing_is_told_before_there_is_a_journal() {
    let work = Workdir::with("a.csv", creates(1));
    let line = "apply a.csv --url http://127.0.0.1:1 --username admin --password-file missing";
    let ended = work.run(line);
    expect![[r#"
        a.csv: 1 row, no problems
        error: the password file `missing` cannot be read: No such file or directory (os error 2)
          help: name a file that holds the password alone
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!((ended.code, work.files()), (Some(66), vec!["a.csv".to_owned()]));
}

#[test]
fn a_report_that_fails_takes_no_other_result_with_it() {
    let server = Server::start(|number, request| {
        if number == 1 { Answer::Code("400", "pin", "too easy") } else { obliging(request) }
    });
    let work = Workdir::with("a.csv", creates(3));
    std::os::unix::fs::symlink("/dev/full", work.path("full.csv")).unwrap();
    let line = "apply a.csv --report full.csv --report ok.csv --rate 1000/s --concurrency 1";
    let ended = work.run_against(&server.url, line);
    assert_eq!(ended.code, Some(74), "{ended:?}");
    assert_eq!(work.statuses("ok.csv"), ["created", "rejected", "created"]);
    assert_eq!(work.read("a.rejects.csv").lines().count(), 2);
    assert!(ended.stderr.contains("`full.csv` cannot be written"), "{}", ended.stderr);
    assert!(ended.stderr.contains("3 rows: 2 created, 1 rejected"), "{}", ended.stderr);
}

#[test]
fn reports_that_fail_are_made_again_by_a_command_that_sends_nothing() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(2));
    for name in ["one.csv", "two.csv"] {
        std::os::unix::fs::symlink("/dev/full", work.path(name)).unwrap();
    }
    let next = |line: &str| {
        let ended = work.run_against(&server.url, line);
        assert_eq!(ended.code, Some(74), "{ended:?}");
        ended.stderr.lines().last().unwrap().to_owned()
    };
    let run = "apply a.csv --rate 1000/s --report one.csv";
    expect!["next: once that is mended, boxlift report a.boxlift --report one.csv"]
        .assert_eq(&next(&format!("{run} --report ok.csv")));
    let said = next(&format!("{run} --report two.csv --journal b.boxlift"));
    expect![
        "next: once that is mended, boxlift report b.boxlift --report one.csv --report two.csv"
    ]
    .assert_eq(&said);
    let sent = server.requests().len();
    fs::remove_file(work.path("one.csv")).unwrap();
    assert_eq!(work.run("report a.boxlift --report one.csv").code, Some(0));
    assert_eq!(work.statuses("one.csv"), ["created", "created"]);
    assert_eq!(server.requests().len(), sent);
}

#[test]
fn rejects_that_fail_are_made_again_by_a_command_that_sends_nothing() {
    let server = Server::always(Answer::Code("400", "pin", "too easy"));
    let work = Workdir::with("a.csv", creates(2));
    std::os::unix::fs::symlink("/dev/full", work.path("no.csv")).unwrap();
    let run = "apply a.csv --rate 1000/s --rejects no.csv";
    let ended = work.run_against(&server.url, run);
    assert_eq!(ended.code, Some(74), "{ended:?}");
    let next = ended.stderr.lines().last().unwrap();
    assert!(next.starts_with("next: once that is mended, boxlift apply a.csv "), "{next}");
    assert!(next.ends_with(" --resume"), "{next}");
    fs::remove_file(work.path("no.csv")).unwrap();
    assert_eq!(work.run_against(&server.url, &format!("{run} --resume")).code, Some(1));
    assert_eq!(work.read("no.csv").lines().count(), 3);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn results_that_have_no_place_left_go_to_the_place_for_temporary_files() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(3));
    fs::create_dir(work.path("tmp")).unwrap();
    std::os::unix::fs::symlink("/dev/full", work.path("full.csv")).unwrap();
    let line =
        format!("apply a.csv --report full.csv --rate 1000/s --url {} --username a", server.url);
    let mut command = work.command(&line);
    command.env("TMPDIR", work.path("tmp")).env("BOXLIFT_PASSWORD", "x");
    let ended = ended(command.output().unwrap());
    assert_eq!(ended.code, Some(74), "{ended:?}");
    let rescued = fs::read_dir(work.path("tmp")).unwrap().next().unwrap().unwrap().path();
    assert!(ended.stderr.contains(&format!("report: {}", rescued.display())), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(rescued).unwrap().matches(",created,").count(), 3);
}

#[test]
fn a_limit_of_the_size_of_files_is_told_where_it_is_met() {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(3));
    // Blocks of 512 bytes: the journal's tables fit, and the room for results does not.
    let line = format!("ulimit -f 400; exec \"$0\" apply a.csv --username a --url {}", server.url);
    let mut command = Command::new("sh");
    command.args(["-c", &line]).arg(work.command("").get_program()).current_dir(work.path("."));
    command.env("BOXLIFT_PASSWORD", "s3cr3t-canary").stdin(Stdio::null());
    let ended = ended(command.output().unwrap());
    assert_eq!(ended.code, Some(74), "{ended:?}");
    let said = "error: `a.boxlift` cannot be written: File too large";
    assert!(ended.stderr.contains(said), "{ended:?}");
    assert_eq!(
        (work.files(), server.requests().len()),
        (vec!["a.boxlift".into(), "a.csv".into()], 0)
    );
}

#[test]
fn a_limit_of_the_size_of_files_is_told_where_nothing_is_sent_too() {
    let work = Workdir::with("a.csv", creates(4000));
    for line in ["check a.csv --report r.csv", "convert a.csv --output c.csv"] {
        let line = format!("ulimit -f 100; exec \"$0\" {line}");
        let mut command = Command::new("sh");
        command.args(["-c", &line]).arg(work.command("").get_program());
        let ended = ended(command.current_dir(work.path(".")).output().unwrap());
        assert_eq!(ended.code, Some(74), "{ended:?}");
        let said = "cannot be written: File too large (os error 27)\n  help: see that `ulimit -f`";
        assert!(ended.stderr.contains(said), "{ended:?}");
        assert_eq!(work.files(), ["a.csv"]);
    }
}

#[test]
fn an_input_that_changes_during_the_run_costs_only_what_is_not_known() {
    let work = Workdir::with("a.csv", format!("{}99999,bad\n", creates(40)));
    let path = work.path("a.csv");
    let server = Server::start(move |number, request| {
        if number == 5 {
            fs::write(&path, "").unwrap();
        }
        obliging(request)
    });
    let ended = work.run_against(&server.url, "apply a.csv --invalid skip --rate 1000/s");
    assert_eq!(ended.code, Some(74), "{ended:?}");
    let statuses = work.statuses("a.report.csv");
    let created = statuses.iter().filter(|it| *it == "created").count();
    assert_eq!((created, statuses.len()), (server.requests().len(), 41));
    assert_eq!(statuses[40], "invalid");
}
