//! The zip archive that a spreadsheet is: what it holds, and how much that is.
//!
//! Believes no size that the archive claims: everything is unpacked once and counted.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;

use memchr::memmem;
use zip::ZipArchive;
use zip::read::ZipFile;

use crate::input::InputError;
use crate::input::Source;
use crate::input::sheet::error::SheetError;

/// Longest file in bytes.
pub(super) const PACKED_MAX: u64 = 128 << 20;

/// Most parts; a workbook of hundreds of sheets has about a thousand.
pub(super) const ENTRIES_MAX: usize = 4096;

/// Most bytes of all parts together.
pub(super) const INFLATED_MAX: u64 = 2 << 30;

/// Bytes that are looked at once.
const LOOK_LENGTH: usize = 1 << 20;

/// Begins the entry of a part in the list of an archive.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";

/// Begins a file in the container of Microsoft's old formats, which also holds what a password protects.
const CONTAINER_MARK: &[u8] = b"\xD0\xCF\x11\xE0";

/// The opened archive.
pub(super) type Archive = ZipArchive<BufReader<File>>;

/// Opens the archive, once it is known to have few enough parts.
pub(super) fn open(source: &Source) -> Result<Archive, InputError> {
    let read = |reason| InputError::Read { reason };
    let mut file = source.rewound()?;
    let length = file.metadata().map_err(read)?.len();
    let mut mark = Vec::new();
    (&mut file).take(4).read_to_end(&mut mark).map_err(read)?;
    refuse_container(source, &mark)?;
    if mark != b"PK\x03\x04" {
        return Err(SheetError::NotAnArchive.into());
    }
    if length > PACKED_MAX {
        return Err(SheetError::TooLong.into());
    }
    if count(source, ENTRY_MARK)? > ENTRIES_MAX {
        return Err(SheetError::TooManyParts.into());
    }
    file.rewind().map_err(read)?;
    Ok(ZipArchive::new(BufReader::new(file)).map_err(|_| damaged())?)
}

/// Refuses a source that begins as Microsoft's old formats do.
pub(in crate::input) fn refuse_container(source: &Source, mark: &[u8]) -> Result<(), InputError> {
    if !mark.starts_with(CONTAINER_MARK) {
        return Ok(());
    }
    let is_protected = count(source, &utf16("EncryptedPackage"))? > 0;
    Err(if is_protected { SheetError::Protected } else { SheetError::Old }.into())
}

/// The error of an archive that cannot be unpacked.
pub(super) fn damaged() -> SheetError {
    SheetError::Damaged { what: "its archive cannot be unpacked" }
}

/// Opens a part by its number.
pub(super) fn part(
    archive: &mut Archive,
    number: usize,
) -> Result<ZipFile<'_, BufReader<File>>, SheetError> {
    let part = archive.by_index(number).map_err(|error| match error {
        zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
            SheetError::Protected
        }
        _ => damaged(),
    })?;
    Ok(part)
}

/// Counts a part's bytes against what is left, as they are unpacked.
pub(super) struct Metered<'l, R> {
    part: R,
    left: &'l mut u64,
}

impl<'l, R> Metered<'l, R> {
    /// A part, and what all parts may still unpack to.
    pub(super) fn new(part: R, left: &'l mut u64) -> Self {
        Self { part, left }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.part.read(buffer)?;
        *self.left = self.left.saturating_sub(read as u64);
        if *self.left == 0 && read > 0 {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(read)
    }
}

/// How often some bytes stand in a source.
fn count(source: &Source, wanted: &[u8]) -> Result<usize, InputError> {
    let finder = memmem::Finder::new(wanted);
    let mut found = 0;
    let mut offset = 0;
    let mut bytes = Vec::with_capacity(LOOK_LENGTH);
    loop {
        bytes.clear();
        let read = source.append(offset, LOOK_LENGTH, &mut bytes)?;
        found += finder.find_iter(&bytes).count();
        if read < LOOK_LENGTH {
            return Ok(found);
        }
        // What begins in the last bytes is found with the next ones.
        offset += (read - (wanted.len() - 1)) as u64;
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
