//! What operators do to a journal: move it without its log, take it away while it is in use, cut its input and restore it, mistype the switch.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use expect_test::expect;

use rusqlite::Connection;

use super::accounts::Accounts;
use super::server::Answer;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;

const RUN: &str = "apply a.csv --rate 1000/s --settle 0s";

/// Longest wait for calls that should come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run that was killed after its first ten rows, while the switch did not answer any more.
fn killed(work: &Workdir, url: &str, comes: &Receiver<()>) {
    let line = format!("{RUN} --concurrency 1");
    let mut child = work.start_against(url, &line);
    comes.recv_timeout(PATIENCE).unwrap();
    let mut looks = (0..2000).map(|_| work.run("status a.boxlift").stdout);
    assert!(looks.any(|it| it.contains("10 created")), "ten rows never came to be done");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_journal_without_its_log_is_not_gone_on_with_after_a_kill() {
    let (stuck, comes) = mpsc::channel();
    let accounts = Accounts::start_with(move |world, _| {
        if world.calls.len() < 10 {
            return None;
        }
        let _ = stuck.send(());
        Some(Answer::After(Duration::from_secs(20), Box::new(Answer::Code("500", "", "later"))))
    });
    let work = Workdir::with("a.csv", creates(60));
    killed(&work, &accounts.server.url, &comes);
    fs::create_dir(work.path("moved")).unwrap();
    fs::rename(work.path("a.boxlift"), work.path("moved/a.boxlift")).unwrap();
    let before = accounts.server.requests().len();
    let line = format!("{RUN} --journal moved/a.boxlift");
    for how in ["", " --resume"] {
        let ended = work.run_against(&accounts.server.url, &format!("{line}{how}"));
        assert_eq!(ended.code, Some(74), "{ended:?}");
        let told = ended.stderr.lines().skip(1).collect::<Vec<_>>().join("\n");
        expect![[r#"
            error: `moved/a.boxlift-wal` is missing: it belongs to `moved/a.boxlift`, and holds what its last run did
              help: put it beside `moved/a.boxlift`, under that name; if an SQLite program took it into the file, say so with `sqlite3 moved/a.boxlift "UPDATE job SET ended = began, ending = 'it was killed' WHERE ended IS NULL"`; --restart gives that run up"#]]
        .assert_eq(&told);
    }
    assert_eq!(work.run("status moved/a.boxlift").code, Some(74));
    assert_eq!(accounts.server.requests().len(), before);
    fs::rename(work.path("a.boxlift-wal"), work.path("moved/a.boxlift-wal")).unwrap();
    let told = work.run("status moved/a.boxlift");
    assert!(told.stdout.contains("10 created"), "{told:?}");
    // An SQLite program that may write takes the log into the file when it closes it.
    let sql = |it: &str| {
        Connection::open(work.path("moved/a.boxlift")).unwrap().execute_batch(it).unwrap();
    };
    sql("CREATE TEMP TABLE a (b)");
    sql("UPDATE job SET options = options");
    assert_eq!(work.run("status moved/a.boxlift").code, Some(74));
    sql("UPDATE job SET ended = began, ending = 'it was killed' WHERE ended IS NULL");
    let told = work.run("status moved/a.boxlift");
    assert!(told.stdout.contains("10 created"), "{told:?}");
}

#[test]
fn a_journal_that_is_over_is_read_by_somebody_who_may_not_write_there() {
    const NOBODY: u32 = 65_534;
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(3));
    assert_eq!(work.run_against(&accounts.server.url, RUN).code, Some(0));
    let permit = |name, mode| {
        fs::set_permissions(work.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    permit("a.boxlift", 0o444);
    permit(".", 0o555);
    let report = std::env::temp_dir().join(format!("boxlift-{}.csv", std::process::id()));
    let report = report.display();
    for line in ["status a.boxlift".to_owned(), format!("report a.boxlift --report {report}")] {
        let mut command = work.command(&line);
        if fs::write(work.path("probe"), "").is_ok() {
            // Whoever runs this may write everywhere: let somebody else try.
            fs::remove_file(work.path("probe")).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
        let ended = ended(command.output().unwrap());
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    fs::remove_file(report.to_string()).unwrap();
    permit(".", 0o755);
}

#[test]
fn a_journal_that_is_gone_during_its_run_is_missed_and_stops_the_run() {
    for replacement in [None, Some("another file")] {
        let work = Workdir::with("a.csv", creates(60));
        let path = work.path("a.boxlift");
        let accounts = Accounts::start_with(move |world, _| {
            if world.calls.len() == 5 && path.exists() {
                fs::remove_file(&path).unwrap();
                if let Some(it) = replacement {
                    fs::write(&path, it).unwrap();
                }
            }
            None
        });
        let line = format!("{RUN} --concurrency 1");
        let ended = work.run_against(&accounts.server.url, &line);
        assert_eq!(ended.code, Some(74), "{ended:?}");
        let told = "error: `a.boxlift` is not the journal of this run any more: it was removed or replaced meanwhile";
        assert!(ended.stderr.lines().any(|it| it == told), "{ended:?}");
        assert!(accounts.world().calls.len() < 60);
        let done = work.statuses("a.report.csv").iter().filter(|it| *it == "created").count();
        assert_eq!(done, accounts.world().calls.len());
        assert_eq!(work.path("a.boxlift").exists(), replacement.is_some());
    }
}

#[test]
fn rows_that_left_the_file_for_a_run_are_known_when_they_are_back() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(60));
    for (rows, line) in [(60, ""), (10, " --resume"), (60, " --resume"), (60, " --resume")] {
        work.write("a.csv", creates(rows));
        let ended = work.run_against(&accounts.server.url, &format!("{RUN}{line}"));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(work.statuses("a.report.csv"), vec!["created"; rows]);
    }
    assert_eq!(accounts.server.requests().len(), 60);
}

#[test]
fn a_mistyped_switch_is_mended_by_the_right_one() {
    for how in ["", " --resume", " --restart"] {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let accounts = Accounts::start();
        let work = Workdir::with("a.csv", creates(3));
        let line = format!("{RUN} --max-outage 1s");
        let ended = work.run_against(&format!("http://{free}"), &line);
        assert_eq!(ended.code, Some(69), "{ended:?}");
        let ended = work.run_against(&accounts.server.url, &format!("{RUN}{how}"));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
        let ended = work.run_against(&format!("http://{free}"), &format!("{line} --resume"));
        assert_eq!(ended.code, Some(75), "{ended:?}");
        let told = ended.stderr.replace(&accounts.server.url, "URL");
        expect![[r#"
            a.csv: 3 rows, no problems
            error: the journal `a.boxlift` is of another switch: `URL/api/json/`
              help: if that switch is meant, put --url right; else name another journal, as in `--journal second.boxlift`, or move this one away
        "#]]
        .assert_eq(&told);
    }
}
