//! The first record of an input, which is its header where it has one. Knows nothing of what stands in it.

use std::fmt;

/// The first record of an input, and the physical line on which it begins.
#[derive(Eq, PartialEq)]
pub(super) struct Head {
    /// Without the line end; of a broken one, as much as is in memory.
    pub(super) bytes: Vec<u8>,
    pub(super) line: u32,
    /// It ends as lines do on Windows.
    pub(super) ends_in_crlf: bool,
}

impl fmt::Debug for Head {
    /// Shows no byte of the input: rows hold PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").finish_non_exhaustive()
    }
}
