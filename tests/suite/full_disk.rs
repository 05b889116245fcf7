//! A disk that is really full: a small one in memory, made for the run and gone with it.
//!
//! It is mounted in a namespace of its own, so that nothing is left mounted however a test ends.

use std::fs;
use std::process::Command;

use super::accounts::Accounts;
use super::accounts::World;
use super::support::Workdir;
use super::support::creates;
use super::support::skipped;

/// The run that fills the disk.
const RUN: &str = "apply ../a.csv --rate 100000/s --settle 0s";

/// The run that goes on once there is room; none as long as the program keeps no journal.
const RESUME: Option<&str> = Some("apply ../a.csv --rate 100000/s --settle 0s --resume");

/// Rows whose results are larger than the smallest disk.
const ROWS: usize = 600;

/// Sizes of disks: from one on which nothing fits to one on which all does.
const SIZES: [&str; 5] = ["16k", "48k", "160k", "512k", "16m"];

/// Mounts the disk, runs, makes room, and goes on; keeps codes, words and files beside the disk.
const SCRIPT: &str = r#"
    set -eu
    mount -t tmpfs -o "mode=700,size=$SIZE" none disk
    cd disk
    code=0; "$BOXLIFT" $RUN 2>../first.err || code=$?
    echo "$code" >../first.code
    cp -a . ../first
    [ -n "$RESUME" ] || exit 0
    mount -o remount,size=64m "$PWD"
    code=0; "$BOXLIFT" $RESUME 2>../second.err || code=$?
    echo "$code" >../second.code
    cp -a . ../second
"#;

/// How a namespace for mounts may be had here, as root or as anybody.
fn namespace() -> Option<&'static str> {
    let mounts = |how: &&str| {
        let place = Workdir::new();
        let line = format!("mount -t tmpfs -o size=64k none '{}'", place.path(".").display());
        let tried = Command::new("unshare").args([*how, "sh", "-c", &line]).output();
        tried.is_ok_and(|it| it.status.success())
    };
    ["-m", "-rm"].into_iter().find(|it| mounts(it))
}

/// Runs the script with so many rows on a disk of this size.
fn on_disk(namespace: &str, (rows, size): (usize, &str), accounts: &Accounts) -> Workdir {
    let work = Workdir::with("a.csv", creates(rows));
    for name in ["disk", "first", "second", "tmp"] {
        fs::create_dir(work.path(name)).unwrap();
    }
    let login = format!("--url {} --username admin", accounts.server.url);
    let line = |line: &str| if line.is_empty() { String::new() } else { format!("{line} {login}") };
    let mut command = Command::new("unshare");
    command.args([namespace, "sh", "-c", SCRIPT]).current_dir(work.path("."));
    command.env("SIZE", size).env("BOXLIFT", env!("CARGO_BIN_EXE_boxlift"));
    command.env("RUN", line(RUN)).env("RESUME", line(RESUME.unwrap_or_default()));
    command.env("BOXLIFT_PASSWORD", "s3cr3t-canary").env("TMPDIR", work.path("tmp"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    accounts.server.settle();
    work
}

/// Names in a folder.
fn names(work: &Workdir, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(work.path(folder)).unwrap();
    entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
}

/// The run on a disk without room says so, and no result is lost.
fn says_that_it_is_full(work: &Workdir, rows: usize, accounts: &Accounts) {
    let words = work.read("first.err");
    let is_full = ["No space left on device", "the disk is full"]
        .iter()
        .any(|it| words.contains(&format!("cannot be written: {it}")));
    let says = is_full && words.contains("help: make room") && !words.contains(".part");
    assert!(says, "{words}");
    let names_place =
        words.contains("error: `a.report.csv`") || words.contains("error: `a.boxlift`");
    assert!(names_place, "{words}");
    let left = names(work, "first");
    assert!(!left.iter().any(|it| it.contains(".part")), "{left:?}");
    if left.iter().any(|it| it == "a.report.csv") {
        let statuses = work.statuses("first/a.report.csv");
        assert_eq!(statuses.len(), rows, "half a report was left: {statuses:?}");
    }
    if RESUME.is_none() && !accounts.world().calls.is_empty() {
        let rescued = names(work, "tmp");
        assert_eq!(rescued.len(), 1, "{rescued:?}");
        let statuses = work.statuses(&format!("tmp/{}", rescued[0]));
        assert_eq!(statuses, vec!["created"; rows]);
    }
}

/// Runs so many rows on a disk of this size, and tells whether it was full; no result is lost either way.
fn loses_nothing(namespace: &str, (rows, size): (usize, &str)) -> bool {
    let accounts = Accounts::start();
    *accounts.world() = World::default();
    let work = on_disk(namespace, (rows, size), &accounts);
    let is_full = match work.read("first.code").trim() {
        "0" => false,
        "74" => true,
        other => panic!("exit {other} on a disk of {size}: {}", work.read("first.err")),
    };
    if is_full {
        says_that_it_is_full(&work, rows, &accounts);
    } else {
        assert_eq!(work.statuses("first/a.report.csv"), vec!["created"; rows]);
    }
    if RESUME.is_some() {
        let words = work.read("second.err");
        assert_eq!(work.read("second.code").trim(), "0", "{size}: {words}");
        assert_eq!(work.statuses("second/a.report.csv"), vec!["created"; rows]);
        assert_eq!(accounts.world().mailboxes.len(), rows);
    }
    assert_eq!(accounts.world().blind_writes(), Vec::<String>::new());
    is_full
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    let Some(namespace) = namespace() else {
        return skipped("no disk can be mounted here");
    };
    let full = SIZES.iter().filter(|size| loses_nothing(namespace, (ROWS, size))).count();
    assert!(full > 0 && full < SIZES.len(), "{full} of {} disks were too small", SIZES.len());
}

#[test]
fn a_few_rows_need_little_room() {
    let Some(namespace) = namespace() else {
        return skipped("no disk can be mounted here");
    };
    let sizes = ["64k", "160k", "240k", "256k", "272k", "1m"];
    let full = sizes.map(|size| loses_nothing(namespace, (3, size)));
    assert_eq!((full[0], full[5]), (true, false), "{full:?}");
}
