//! Every file in `tests/damage/`: a kind of damage as people's tools leave it, and the words that `check` has for it.

use std::fs;

use expect_test::expect_file;

use super::support::Workdir;
use super::support::project;

/// The files of a folder, sorted.
fn names(folder: &str) -> Vec<String> {
    let files = fs::read_dir(project(folder)).unwrap();
    let mut names: Vec<_> =
        files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_kind_of_damage_is_told_as_its_snapshot_says() {
    let files = names("tests/damage");
    let snapshots = names("tests/suite/expected/damage");
    let wanted: Vec<_> = files.iter().map(|it| format!("{it}.txt")).collect();
    assert_eq!(snapshots, wanted, "a damaged file or its snapshot is gone");
    for name in &files {
        let path = project(&format!("tests/damage/{name}"));
        let ended = Workdir::with(name, fs::read(&path).unwrap()).run(&format!("check {name}"));
        let shown = format!("{}exit code {:?}\n", ended.stderr, ended.code.unwrap());
        expect_file![project(&format!("tests/suite/expected/damage/{name}.txt"))].assert_eq(&shown);
        assert!(!shown.contains("480913") && !shown.contains("4809"), "{name} tells a PIN");
    }
}

/// So many rows with three digits, then some with fewer, as CSV and as JSONL.
fn numbers(usual: usize, short: usize) -> [String; 2] {
    let all = (0..usual).map(|it| 100 + it).chain((0..short).map(|it| 10 + it));
    let pairs: Vec<_> = all.map(|it| (it, (it * 79 + 480_013).to_string())).collect();
    let csv = pairs.iter().map(|(mailbox, pin)| format!("{mailbox},{pin}\n"));
    let jsonl = pairs
        .iter()
        .map(|(mailbox, pin)| format!("{{\"mailbox\":\"{mailbox}\",\"pin\":\"{pin}\"}}\n"));
    ["mailbox,pin\n".to_owned() + &csv.collect::<String>(), jsonl.collect()]
}

#[test]
fn rows_with_short_numbers_are_invalid_and_told_in_the_report() {
    let work = Workdir::with("a.csv", &numbers(36, 2)[0]);
    assert_eq!(work.run("check a.csv --report r.csv").code, Some(65));
    let report = work.report("r.csv");
    let message = "2 digits where 36 of 38 have 3: a zero in front may be lost";
    assert_eq!(report[36], format!("37|invalid|short-values|mailbox|{message}"));
    assert_eq!(report.iter().filter(|it| it.contains("|invalid|")).count(), 2);
    let ended = work.run("apply a.csv --sandbox --rate 10000/s --invalid skip");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let statuses = work.statuses("a.report.csv");
    assert_eq!(statuses.iter().filter(|it| *it == "created").count(), 36);
}

#[test]
fn short_numbers_are_let_through_where_they_are_meant() {
    let work = Workdir::with("a.csv", &numbers(36, 2)[0]);
    assert_eq!(work.run("check a.csv --allow short-values").code, Some(0));
}

#[test]
fn short_numbers_are_no_damage_where_they_are_few_many_or_no_spreadsheet_was() {
    let work = Workdir::new();
    for (usual, short) in [(17, 2), (30, 4), (30, 0)] {
        work.write("a.csv", &numbers(usual, short)[0]);
        assert_eq!(work.run("check a.csv").code, Some(0), "{usual} and {short}");
    }
    work.write("a.jsonl", &numbers(36, 2)[1]);
    assert_eq!(work.run("check a.jsonl").code, Some(0));
}
