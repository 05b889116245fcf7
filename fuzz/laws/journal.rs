//! Journals: any file is one or gives an error; what is no database at all stays as it was.

use std::fs;
use std::path::Path;
use std::thread;

use boxlift::journal::Claim;
use boxlift::journal::Fault;

/// How every journal begins.
const DATABASE: &[u8] = b"SQLite format 3\0";

/// Holds for any file; an empty one is a journal that is not begun.
pub(crate) fn holds(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, bytes).unwrap();
    let first = open(&path);
    if !bytes.is_empty() && !bytes.starts_with(DATABASE) {
        assert!(!first, "what is no database is a journal");
        assert!(fs::read(&path).unwrap() == bytes, "a file that was refused was written");
    }
    let is_same = open(&path) == first;
    assert!(is_same, "the same file is a journal only once");
}

/// Tries while a journal that was closed is still held: a process that is being started has our files for a moment.
const TRIES_MAX: usize = 100_000;

/// The one place that knows how a journal is opened; it is closed again. Gives whether it is one.
fn open(path: &Path) -> bool {
    for _ in 0..TRIES_MAX {
        match Claim::open(path).and_then(|it| it.journal(1_700_000_000_000, 1)) {
            Ok(_) => return true,
            Err(error) if error.fault() == Fault::Held => thread::yield_now(),
            Err(error) => {
                assert!(!error.to_string().is_empty(), "an error without words");
                return false;
            }
        }
    }
    panic!("a journal that was closed stays held");
}
