//! Every file in `samples/` is checked, and what people see of it is compared word by word.

use std::fs;

use expect_test::expect_file;

use super::support::Workdir;
use super::support::project;
use super::systems;

#[test]
fn each_sample_is_checked_as_its_snapshot_says() {
    let mut samples: Vec<_> =
        fs::read_dir(project("samples")).unwrap().map(|it| it.unwrap().path()).collect();
    samples.sort();
    assert!(samples.len() >= 4, "the samples are gone");
    let is_native =
        |name: &str| name != "own.toml" && systems::SAMPLES.iter().all(|(other, _)| *other != name);
    for path in samples {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !is_native(name) {
            continue;
        }
        let work = Workdir::with(name, fs::read(&path).unwrap());
        let ended = work.run(&format!("check {name}"));
        let shown = format!("{}exit code {:?}\n", ended.stderr, ended.code.unwrap());
        expect_file![project(&format!("tests/suite/expected/{name}.txt"))].assert_eq(&shown);
        assert_eq!(work.files(), [name], "a check writes nothing");
    }
}

#[test]
fn the_migration_sample_uses_every_column() {
    let text = fs::read_to_string(project("samples/migration.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(|it| it.unwrap()).collect();
    assert_eq!(rows.len(), 25);
    let work = Workdir::new();
    let template = work.run("columns --format csv").stdout;
    for column in template.trim().split(',') {
        let place = header.iter().position(|it| it == column).unwrap_or_else(|| panic!("{column}"));
        assert!(rows.iter().any(|it| !it[place].is_empty()), "no row gives `{column}`");
    }
}

#[test]
fn the_migration_sample_is_lifted_onto_the_sandbox() {
    let work = Workdir::new();
    work.write("migration.csv", fs::read(project("samples/migration.csv")).unwrap());
    for line in ["--dry-run", "--validate-first", ""] {
        let ended = work.run(&format!("apply migration.csv --sandbox --rate 1000/s {line}"));
        assert_eq!(
            (ended.code, work.report("migration.report.csv").len()),
            (Some(0), 25),
            "{ended:?}"
        );
    }
    let statuses = work.statuses("migration.report.csv");
    let count = |status| statuses.iter().filter(|it| *it == status).count();
    assert_eq!((count("created"), count("updated")), (22, 3));
    assert_eq!(work.files(), ["migration.boxlift", "migration.csv", "migration.report.csv"]);
}

#[test]
fn the_sync_sample_is_lifted_onto_the_sandbox() {
    let work = Workdir::new();
    work.write("sync.jsonl", fs::read(project("samples/sync.jsonl")).unwrap());
    let ended = work.run("apply sync.jsonl --sandbox --rate 1000/s --report sync.csv");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        work.statuses("sync.csv"),
        ["created", "created", "created", "updated", "updated", "updated"]
    );
}

#[test]
fn the_files_of_mistakes_and_of_damage_have_one_of_every_mistake() {
    // What needs another version of the API or more than a screen of text is tested by itself.
    let elsewhere = ["record-too-long", "text-too-long", "not-in-version", "transcribe-on-update"];
    let shown =
        ["csv", "jsonl"].map(|it| project(&format!("tests/suite/expected/mistakes.{it}.txt")));
    let folders =
        ["damage", "sheets", "systems"].map(|it| project(&format!("tests/suite/expected/{it}")));
    let others = folders.into_iter().flat_map(|it| fs::read_dir(it).unwrap());
    let shown = shown.into_iter().chain(others.map(|it| it.unwrap().path()));
    let shown: Vec<_> = shown.map(|it| fs::read_to_string(it).unwrap()).collect();
    let rules = Workdir::new().run("rules --format csv").stdout;
    let codes: Vec<_> = rules.lines().skip(1).map(|it| it.split(',').next().unwrap()).collect();
    assert!(codes.len() >= 40, "{rules}");
    for code in codes.into_iter().filter(|it| !elsewhere.contains(it)) {
        assert!(shown.iter().any(|it| it.contains(&format!("[{code}]:"))), "no sample of `{code}`");
    }
}
