//! Why a command of the yardstick ended early: what is the case, and what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

/// What is the case, and a remedy.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    remedy: &'static str,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>, remedy: &'static str) -> Self {
        Self { what: what.into(), remedy }
    }

    /// Standard output took no more.
    pub(crate) fn output(error: &io::Error) -> Self {
        Self::new(format!("cannot write the output: {error}"), "make room, or write to a file")
    }

    /// A file could not be read or written.
    pub(crate) fn file(path: &Path, error: &dyn Error) -> Self {
        let what = format!("`{}`: {error}", path.display());
        Self::new(what, "check that the file is there, and that the disk has room")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, remedy } = self;
        write!(f, "{what}\n  help: {remedy}")
    }
}
