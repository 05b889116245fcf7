//! A private copy that is being written: an unnamed file, gone when the process is.
//!
//! Refuses to grow beyond what it was allowed: what never ends must not fill the disk.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;

use crate::input::InputError;

/// Bytes that are copied at once.
pub(super) const COPY_LENGTH: usize = 128 << 10;

/// Takes bytes in their order.
#[derive(Debug)]
pub(super) struct Spool {
    out: BufWriter<File>,
    written: u64,
    length_max: u64,
}

impl Spool {
    /// Begins an empty copy of at most so many bytes.
    pub(super) fn new(length_max: u64) -> Result<Self, InputError> {
        let file = tempfile::tempfile().map_err(refused)?;
        Ok(Self { out: BufWriter::with_capacity(COPY_LENGTH, file), written: 0, length_max })
    }

    /// Bytes that it holds.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Adds some bytes.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), InputError> {
        self.written += bytes.len() as u64;
        if self.written > self.length_max {
            return Err(InputError::TooLong { length_max: self.length_max });
        }
        self.out.write_all(bytes).map_err(refused)
    }

    /// Adds all that a reader gives; `fault` says what its error means.
    pub(super) fn copy(
        &mut self,
        mut reader: impl Read,
        fault: impl Fn(io::Error) -> InputError,
    ) -> Result<(), InputError> {
        let mut buffer = vec![0; COPY_LENGTH];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => self.put(&buffer[..read])?,
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => return Err(fault(reason)),
            }
        }
    }

    /// The whole copy.
    pub(super) fn finish(self) -> Result<File, InputError> {
        self.out.into_inner().map_err(|error| refused(error.into_error()))
    }
}

fn refused(reason: io::Error) -> InputError {
    InputError::Spool { reason }
}
