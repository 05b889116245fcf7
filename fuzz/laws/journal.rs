//! Journals: a file that is none gives an error and stays as it was; it never ends the program.

use std::fs;
use std::path::Path;

use boxlift::journal::Journal;

/// Holds for any file.
pub(crate) fn holds(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, bytes).unwrap();
    let first = open(&path);
    if first.is_err() {
        assert!(fs::read(&path).unwrap() == bytes, "a file that was refused was written");
    }
    let is_same = open(&path).is_ok() == first.is_ok();
    assert!(is_same, "the same file is a journal only once");
}

/// The one place that knows how a journal is opened; it is closed again. An error has words.
fn open(path: &Path) -> Result<(), String> {
    match Journal::open(path, 1_700_000_000_000) {
        Ok(_) => Ok(()),
        Err(error) => Err(Some(error.to_string()).filter(|it| !it.is_empty()).unwrap()),
    }
}
