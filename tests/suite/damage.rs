//! Every file in `tests/damage/`: a kind of damage as people's tools leave it, and the words that `check` has for it.

use std::fs;

use expect_test::expect_file;

use super::support::Workdir;
use super::support::project;

#[test]
fn each_kind_of_damage_is_told_as_its_snapshot_says() {
    let mut files: Vec<_> =
        fs::read_dir(project("tests/damage")).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "the damaged files are gone");
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let ended = Workdir::with(name, fs::read(&path).unwrap()).run(&format!("check {name}"));
        let shown = format!("{}exit code {:?}\n", ended.stderr, ended.code.unwrap());
        expect_file![project(&format!("tests/suite/expected/damage/{name}.txt"))].assert_eq(&shown);
        assert!(!shown.contains("480913") && !shown.contains("4809"), "{name} tells a PIN");
    }
}
