//! What is printed: data to stdout, people's text to stderr. A reader that has gone away is no error.

use std::io;
use std::io::Write;

use crate::cli::Failure;

/// Prints data.
pub(super) fn data(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::files(format!("stdout cannot be written: {error}"), "name another place"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Tells people something.
pub(super) fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Tells people one line.
pub(super) fn tell_line(text: &str) {
    tell(&format!("{text}\n"));
}
