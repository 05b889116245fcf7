//! What the README promises is what happens.

use std::fs;

use super::support::Workdir;
use super::support::project;

#[test]
fn the_first_command_of_the_readme_does_what_it_shows() {
    let readme = fs::read_to_string(project("README.md")).unwrap();
    let shown = readme.split("$ cargo run --release -- ").nth(1).unwrap();
    let (line, rest) = shown.split_once('\n').unwrap();
    let expected = rest.split("```").next().unwrap();
    let work = Workdir::new();
    fs::create_dir(work.path("samples")).unwrap();
    fs::copy(project("samples/migration.csv"), work.path("samples/migration.csv")).unwrap();
    let ended = work.run(line);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), expected));
    assert_eq!(work.report("migration.report.csv").len(), 25);
}

#[test]
fn every_exit_code_and_status_is_explained() {
    let readme = fs::read_to_string(project("README.md")).unwrap();
    for code in ["0", "1", "64", "65", "66", "69", "70", "74", "75", "77", "78", "130 143"] {
        assert!(readme.contains(&format!("| {code} | ")), "{code}");
    }
    for status in [
        "created", "accepted", "invalid", "rejected", "failed", "in_doubt", "conflict", "skipped",
        "not_sent",
    ] {
        assert!(readme.contains(&format!("| `{status}`")), "{status}");
    }
}
