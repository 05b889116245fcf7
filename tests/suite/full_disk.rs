//! A disk that is really full: a small one in memory, made for the run and gone with it.
//!
//! It is mounted in a namespace of its own, so that nothing is left mounted however a test ends.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::accounts::Accounts;
use super::accounts::World;
use super::seat::Seat;
use super::seat::seats_are_to_be_had;
use super::server::Answer;
use super::server::Server;
use super::server::envelope;
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
const SIZES: [&str; 5] = ["16k", "48k", "160k", "512k", "32m"];

/// Mounts the disk, runs, makes room, and goes on; keeps codes, words and files beside the disk. Where it is to fill
/// the disk, it does so once there is a file `fill`, and makes a file `filled`.
const SCRIPT: &str = r#"
    set -eu
    mount -t tmpfs -o "mode=700,size=$SIZE" none disk
    cd disk
    if [ -n "$FILLS" ]; then
        ( for i in $(seq 3000); do [ ! -e ../fill ] || break; sleep 0.01; done
          dd if=/dev/zero of=filler bs=1k || : >../filled ) >../dd.log 2>&1 &
    fi
    code=0; "$BOXLIFT" $RUN 2>../first.err || code=$?
    echo "$code" >../first.code
    cp -a . ../first
    [ -n "$RESUME" ] || exit 0
    mount -o remount,size=64m "$PWD"
    code=0; "$BOXLIFT" $RESUME 2>../second.err || code=$?
    echo "$code" >../second.code
    cp -a . ../second
"#;

/// Looks for the end of filling, 5 ms each: more than it takes.
const FILLED_LOOKS_MAX: usize = 6_000;

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

/// A folder with so many rows, and places for disks.
fn folder(rows: usize) -> Workdir {
    let work = Workdir::with("a.csv", creates(rows));
    for name in ["disk", "first", "second", "tmp"] {
        fs::create_dir(work.path(name)).unwrap();
    }
    work
}

/// Runs the script there on a disk of this size, which it fills where that is asked for.
fn run(work: &Workdir, namespace: &str, (size, fills): (&str, &str), url: &str) {
    let login = format!("--url {url} --username admin --concurrency 32");
    let line = |line: &str| if line.is_empty() { String::new() } else { format!("{line} {login}") };
    let mut command = Command::new("unshare");
    command.args([namespace, "sh", "-c", SCRIPT]).current_dir(work.path("."));
    command.env("SIZE", size).env("FILLS", fills).env("BOXLIFT", env!("CARGO_BIN_EXE_boxlift"));
    command.env("RUN", line(RUN)).env("RESUME", line(RESUME.unwrap_or_default()));
    command.env("BOXLIFT_PASSWORD", "s3cr3t-canary").env("TMPDIR", work.path("tmp"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
    let work = folder(rows);
    run(&work, namespace, (size, ""), &accounts.server.url);
    accounts.server.settle();
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
    assert!(loses_nothing(namespace, (3, "64k")));
    for size in ["256k", "384k", "420k"] {
        loses_nothing(namespace, (3, size));
    }
    assert!(!loses_nothing(namespace, (3, "1m")));
}

#[test]
fn nobody_is_asked_for_a_password_where_the_journal_has_no_room() {
    const SCRIPT: &str = r#"
        mount -t tmpfs -o "mode=700,size=$SIZE" none disk && cd disk
        exec "$BOXLIFT" apply ../a.csv --url http://127.0.0.1:1 --username admin
    "#;
    let Some(namespace) = namespace().filter(|_| seats_are_to_be_had()) else {
        return skipped("no disk can be mounted at a terminal here");
    };
    // Without room for the journal, and with room for the journal alone.
    for (size, help) in [("16k", "make room on the disk"), ("256k", "make room for at least 1 MiB")]
    {
        let work = folder(3);
        let mut seat = Seat::new();
        let mut small = Command::new("unshare");
        small.args([namespace, "sh", "-c", SCRIPT]).current_dir(work.path("."));
        small.env("SIZE", size).env("BOXLIFT", env!("CARGO_BIN_EXE_boxlift"));
        small.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let child = seat.start(&small);
        seat.shows("help: ");
        assert!(!seat.shown.contains("Password of"), "{size}: {}", seat.shown);
        assert_eq!(seat.sees_the_end_of(child), Some(74), "{size}: {}", seat.shown);
        assert!(seat.shown.contains(&format!("help: {help}")), "{size}: {}", seat.shown);
    }
}

#[test]
fn answers_that_come_once_the_disk_is_full_are_kept() {
    const ROWS: usize = 32;
    let Some(namespace) = namespace() else {
        return skipped("no disk can be mounted here");
    };
    let work = folder(ROWS);
    let [fill, filled, over] = ["fill", "filled", "first.code"].map(|it| work.path(it));
    let before = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&before);
    let server = Server::start(move |_, _| {
        fs::write(&fill, "").unwrap();
        for _ in 0..FILLED_LOOKS_MAX {
            if filled.exists() {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        counted.fetch_add(usize::from(!over.exists()), Ordering::Relaxed);
        // Longer than what the log has room for by now.
        Answer::Http("200 OK", "", envelope("204", "", &"\u{1F4DE}".repeat(500)))
    });
    run(&work, namespace, ("8m", "yes"), &server.url);
    assert_eq!(work.read("first.code").trim(), "74", "{}", work.read("first.err"));
    let status = work.run("status first/a.boxlift");
    let before = before.load(Ordering::Relaxed);
    let kept = format!("\nrows:    {ROWS}, {before} created");
    assert!(before > 0 && status.stdout.contains(&kept), "{before}: {}", status.stdout);
    assert_eq!(work.read("second.code").trim(), "0", "{}", work.read("second.err"));
    assert_eq!(work.statuses("second/a.report.csv"), ["created"; ROWS]);
    let creates = server.requests().iter().filter(|it| !it.is_list()).count();
    assert_eq!(creates, ROWS, "a call was made again");
}
