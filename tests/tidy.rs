//! The source checks itself: who may import whom, a header on every file, sizes, and words that have no place here.
//!
//! Reads text, not syntax: whatever could hide an import from it is itself forbidden.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

const LINES_MAX: usize = 400;
const MAIN_LINES_MAX: usize = 30;

/// Which modules of ours each module may name. `cli` may name all; nobody may name `cli`.
const MAY_IMPORT: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("input", &["model"]),
    ("resources", &["model"]),
    ("check", &["model", "resources"]),
    ("plan", &["model"]),
    ("run", &["model"]),
    ("switch", &["model"]),
    ("journal", &["model"]),
    ("report", &["model"]),
    ("progress", &["model"]),
    ("sandbox", &[]),
];

/// What the composition root may name: every stage, but neither `cli` nor `sandbox`.
const PIPELINE_MAY_IMPORT: [&str; 9] =
    ["model", "input", "resources", "check", "plan", "run", "switch", "journal", "report"];

struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

impl Source {
    /// The lines before the unit tests.
    fn production(&self) -> impl Iterator<Item = &str> {
        self.text.lines().take_while(|it| *it != "#[cfg(test)]")
    }
}

fn sources(below: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What cargo makes there is nobody's to keep tidy.
                folders.extend(Some(path).filter(|it| !it.ends_with("target")));
            } else if path.extension().is_some_and(|it| it == "rs") {
                let inside = path.strip_prefix(root.join(below)).unwrap();
                let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
                let module = first.trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source { path: path.strip_prefix(root).unwrap().into(), module, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!found.is_empty(), "no sources below {below}");
    found
}

/// The program, its tests, the laws and programs of the fuzzer, and the bench.
fn everything() -> impl Iterator<Item = Source> {
    ["src", "tests", "fuzz/laws", "fuzz/fuzz_targets", "benches"].into_iter().flat_map(sources)
}

/// Modules of ours that a text names, in `use crate::…` and in paths.
fn named(text: &str) -> Vec<&str> {
    let after = text.match_indices("crate::").map(|(place, word)| &text[place + word.len()..]);
    after
        .map(|it| it.split(|it: char| !it.is_alphanumeric() && it != '_').next().unwrap())
        .collect()
}

fn imports_that_are_not_allowed(sources: &[Source]) -> Vec<String> {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    for Source { path, module, text } in sources {
        let mine: &[&str] = match module.as_str() {
            "cli" | "main" | "lib" => continue,
            "pipeline" => &PIPELINE_MAY_IMPORT,
            module => allowed.get(module).unwrap_or_else(|| panic!("add `{module}` to MAY_IMPORT")),
        };
        for other in named(text).into_iter().filter(|it| *it != module && !mine.contains(it)) {
            wrong.push(format!("{}: `{module}` may not import `{other}`", path.display()));
        }
    }
    wrong
}

#[test]
fn stages_do_not_import_each_other() {
    assert_eq!(imports_that_are_not_allowed(&sources("src")), Vec::<String>::new());
}

#[test]
fn an_import_that_is_not_allowed_would_be_found() {
    let text = "use crate::report::text;\nfn f() { crate::cli::run() }".to_owned();
    let source = Source { path: "src/run/x.rs".into(), module: "run".into(), text };
    let expected = ["report", "cli"].map(|it| format!("src/run/x.rs: `run` may not import `{it}`"));
    assert_eq!(imports_that_are_not_allowed(&[source]), expected);
}

#[test]
fn nothing_hides_an_import() {
    for Source { path, text, .. } in sources("src") {
        for hidden in ["use crate::{", "use crate::*", "use boxlift::", "use super::super::super"] {
            assert!(!text.contains(hidden), "{}: `{hidden}`", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for Source { path, text, .. } in everything() {
        assert!(text.starts_with("//! "), "{} has no `//! ` paragraph", path.display());
    }
}

#[test]
fn files_stay_small() {
    for source in sources("src") {
        let most = if source.module == "main" { MAIN_LINES_MAX } else { LINES_MAX };
        let lines = source.production().count();
        assert!(lines <= most, "{} has {lines} lines; at most {most}", source.path.display());
    }
}

#[test]
fn each_edge_is_in_one_place() {
    let only = [
        ("hyper::client", &["switch"][..]),
        ("hyper_rustls", &["switch"]),
        ("hyper_util::client", &["switch"]),
        ("indicatif", &["progress"]),
        ("rusqlite", &["journal", "sandbox"]),
        ("std::env", &["cli"]),
        ("SystemTime", &["cli", "sandbox"]),
    ];
    for source in sources("src") {
        let code: Vec<_> =
            source.production().filter(|it| !it.trim_start().starts_with("//")).collect();
        for (word, homes) in only {
            let is_home = homes.contains(&source.module.as_str());
            let names = code.iter().any(|it| it.contains(&format!("{word}::")));
            assert!(is_home || !names, "{} names `{word}`", source.path.display());
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for Source { path, text, .. } in everything() {
        let allowed = concat!("#[", "allow(");
        assert!(!text.contains(allowed), "{}: use #[expect(…, reason = …)]", path.display());
    }
}
