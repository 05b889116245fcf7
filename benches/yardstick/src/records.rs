//! The bound for everything that reads CSV: the csv crate, byte records into one buffer, one thread.
//!
//! Looks at no cell.

use std::path::Path;

use csv::ByteRecord;

use crate::failure::Failure;

/// How many records a file has, the header not among them.
pub(crate) fn count(path: &Path) -> Result<u64, Failure> {
    let failure = |error: csv::Error| Failure::file(path, &error);
    let mut reader = csv::Reader::from_path(path).map_err(failure)?;
    let mut record = ByteRecord::new();
    let mut count = 0;
    while reader.read_byte_record(&mut record).map_err(failure)? {
        count += 1;
    }
    Ok(count)
}
