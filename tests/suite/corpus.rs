//! The inputs that are kept for the fuzzer, held against the fuzzer's own laws without it.

use std::collections::BTreeSet;
use std::fs;
use std::panic;
use std::path::Path;
use std::path::PathBuf;

#[expect(clippy::expect_used, reason = "a panic is how a law says that it is broken")]
#[path = "../../fuzz/laws/mod.rs"]
mod laws;

/// Most files of all targets together, and most bytes of them: the corpus is seed and memory, not a store.
const FILES_MAX: usize = 240;
const BYTES_MAX: usize = 200_000;

/// Length of a name that the fuzzer gives; such an input is not committed.
const HASH_LENGTH: usize = 40;

/// The inputs of a target that are kept.
fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = fuzz().join("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("`{target}` has no corpus"));
    let entries = entries.map(|it| it.unwrap()).filter(|it| it.file_name().len() != HASH_LENGTH);
    let mut files: Vec<_> = entries.map(|it| it.path()).collect();
    files.sort();
    files
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

#[test]
fn every_input_of_the_corpus_keeps_the_law_of_its_target() {
    let mut broken = Vec::new();
    for (target, _) in laws::LAWS {
        for path in corpus(target) {
            let bytes = fs::read(&path).unwrap();
            if panic::catch_unwind(|| laws::check(target, &bytes)).is_err() {
                broken.push(format!("{target}/{}", path.file_name().unwrap().display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn every_target_has_a_law_and_a_small_corpus() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let name = |it: &str| Some(it.strip_prefix("name = \"")?.strip_suffix('"')?.to_owned());
    let targets: BTreeSet<_> = manifest.lines().skip(2).filter_map(name).collect();
    let lawful: BTreeSet<_> = laws::LAWS.iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(targets, lawful);
    let files: Vec<_> = targets.iter().map(|it| corpus(it)).collect();
    assert!(files.iter().all(|it| !it.is_empty()), "a target has no corpus");
    let files = files.concat();
    let bytes: u64 = files.iter().map(|it| it.metadata().unwrap().len()).sum();
    assert!(files.len() <= FILES_MAX, "the corpus has {} files", files.len());
    assert!(bytes <= BYTES_MAX as u64, "the corpus has {bytes} bytes");
}

#[test]
fn the_program_of_each_target_calls_the_law_of_its_name() {
    for (target, _) in laws::LAWS {
        let path = fuzz().join("fuzz_targets").join(target).with_extension("rs");
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("laws::check(\"{target}\", bytes)")), "{target}");
    }
}
