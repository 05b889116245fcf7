//! Compressed inputs: what stands in a file whose name ends in `.gz` or `.zst`, one member after another.
//!
//! Refuses to hand on a part of it: data that breaks off, is damaged, or is followed by something else is an error.

use std::fmt;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder;

use crate::input::InputError;
use crate::input::Source;
use crate::input::spool::Spool;

/// Bytes that are read at once.
const READ_LENGTH: usize = 128 << 10;

/// Bytes by which compressed data is known.
const MARK_LENGTH: usize = 4;

/// Most that a zstd frame may look back, as a power of two: 128 MiB, which is what `zstd -d` takes unasked.
const WINDOW_LOG_MAX: u32 = 27;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packing {
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

impl Packing {
    const ALL: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// What the end of a name says.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        Self::ALL.into_iter().find(|it| extension.eq_ignore_ascii_case(it.extension()))
    }

    /// What the first bytes say.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.begins(bytes))
    }

    /// The end of a name, without its dot.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }

    fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Self::Gzip => bytes.starts_with(b"\x1F\x8B"),
            Self::Zstd => {
                let is_skipped = bytes.get(1..4) == Some(b"\x2A\x4D\x18") && bytes[0] >> 4 == 5;
                bytes.starts_with(b"\x28\xB5\x2F\xFD") || is_skipped
            }
        }
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// Compressed data that cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PackedError {
    /// It ends too early.
    #[error("the {packing} data breaks off after {offset} bytes")]
    Cut {
        /// How it is compressed.
        packing: Packing,
        /// Bytes of the file that are there.
        offset: u64,
    },
    /// It is not what was compressed, or no such data.
    #[error("the {packing} data that begins at offset {offset} in the file is damaged")]
    Damaged {
        /// How it is compressed.
        packing: Packing,
        /// Where its part begins.
        offset: u64,
    },
    /// Its program looked back further than is kept here.
    #[error("the zstd data needs a window of more than {} MiB", (1 << WINDOW_LOG_MAX) >> 20)]
    WideWindow,
    /// Something else stands behind it.
    #[error("something else follows the {packing} data (at offset {offset} in the file)")]
    Garbage {
        /// How it is compressed.
        packing: Packing,
        /// Where it begins.
        offset: u64,
    },
    /// The name does not say that it is compressed.
    #[error("the input is compressed ({packing}), and its name does not end in `.{}`", packing.extension())]
    Unnamed {
        /// How it is compressed.
        packing: Packing,
    },
}

impl PackedError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Cut { .. } => "copy or make it again: it is not whole",
            Self::Damaged { packing: Packing::Gzip, .. } => {
                "copy or make it again, and look at it with `gzip -t rows.csv.gz`"
            }
            Self::Damaged { packing: Packing::Zstd, .. } => {
                "copy or make it again, and look at it with `zstd -t rows.csv.zst`"
            }
            Self::WideWindow => {
                "compress it without `--long`, or give it decompressed: `zstd -d --long=31 rows.csv.zst`"
            }
            Self::Garbage { .. } => "cut off what follows, or make the file again",
            Self::Unnamed { packing: Packing::Gzip } => {
                "give a file whose name ends in `.gz`, or decompress it before the pipe: `gunzip -c`"
            }
            Self::Unnamed { packing: Packing::Zstd } => {
                "give a file whose name ends in `.zst`, or decompress it before the pipe: `zstd -dc`"
            }
        }
    }
}

/// A path without the ending that says how it is compressed.
pub fn unpacked_name(path: &Path) -> &Path {
    let stem = path.file_stem().filter(|_| Packing::of_path(path).is_some());
    stem.map_or(path, Path::new)
}

/// Copies what a source holds, at most `length_max` bytes of it.
pub(super) fn unpack(
    source: Source,
    packing: Packing,
    length_max: u64,
) -> Result<Source, InputError> {
    let mut spool = Spool::new(length_max)?;
    let reader = BufReader::with_capacity(READ_LENGTH, source.rewound()?);
    let mut packed = Packed { reader, passed: 0, failed: false };
    loop {
        let begin = packed.passed;
        let member = match packing {
            Packing::Gzip => spool.copy(GzDecoder::new(&mut packed), broken),
            Packing::Zstd => frame(&mut packed).and_then(|it| spool.copy(it, broken)),
        };
        if let Err(error) = member {
            let error = packed.told(error, packing, begin);
            let is_packed = matches!(error, InputError::Packed(_));
            let is_other = is_packed && begin > 0 && is_other(&source, packing, begin)?;
            return Err(if is_other {
                PackedError::Garbage { packing, offset: begin }.into()
            } else {
                error
            });
        }
        let next = packed.fill_buf().map_err(|reason| InputError::Read { reason })?;
        if next.is_empty() {
            return Ok(source.copied(spool.finish()?));
        }
    }
}

/// Whether something else begins at a place. A piece of the mark is a member that breaks off.
fn is_other(source: &Source, packing: Packing, begin: u64) -> Result<bool, InputError> {
    let mut mark = Vec::with_capacity(MARK_LENGTH);
    source.append(begin, MARK_LENGTH, &mut mark)?;
    Ok(mark.len() == MARK_LENGTH && !packing.begins(&mark))
}

fn frame<R: BufRead>(packed: R) -> Result<Decoder<'static, R>, InputError> {
    let mut decoder = Decoder::with_buffer(packed).map_err(broken)?.single_frame();
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(broken)?;
    Ok(decoder)
}

/// A member's own word, until it is known whether the system or the data is to blame.
fn broken(reason: io::Error) -> InputError {
    InputError::Read { reason }
}

/// Whether the library refuses the window. It has no code for that, only its words.
fn is_window(reason: &io::Error) -> bool {
    reason.to_string() == "Frame requires too much memory for decoding"
}

/// Compressed bytes, counted as they are used up.
struct Packed<R> {
    reader: R,
    passed: u64,
    /// The file itself could not be read.
    failed: bool,
}

impl<R> Packed<R> {
    fn told(&self, error: InputError, packing: Packing, begin: u64) -> InputError {
        match error {
            InputError::Read { reason } if !self.failed => {
                let is_cut = reason.kind() == io::ErrorKind::UnexpectedEof;
                InputError::Packed(if packing == Packing::Zstd && is_window(&reason) {
                    PackedError::WideWindow
                } else if is_cut {
                    PackedError::Cut { packing, offset: self.passed }
                } else {
                    PackedError::Damaged { packing, offset: begin }
                })
            }
            other => other,
        }
    }
}

impl<R: BufRead> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Packed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let filled = self.reader.fill_buf();
        self.failed |= filled.is_err();
        filled
    }

    fn consume(&mut self, length: usize) {
        self.passed += length as u64;
        self.reader.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const TEXT: &[u8] = b"mailbox,pin\n101,471188\n102,480913\n";

    fn packed(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Zstd => {
                let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
                encoder.include_checksum(true).unwrap();
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
        }
    }

    fn unpacked(packing: Packing, bytes: &[u8]) -> Result<Vec<u8>, InputError> {
        let source = unpack(Source::spool(bytes, u64::MAX).unwrap(), packing, 1 << 20)?;
        let mut bytes = Vec::new();
        source.append(0, 1 << 20, &mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn members_are_read_one_after_another() {
        for packing in Packing::ALL {
            let (first, second) = TEXT.split_at(13);
            let both = [packed(packing, first), packed(packing, b""), packed(packing, second)];
            assert_eq!(unpacked(packing, &both.concat()).unwrap(), TEXT);
        }
    }

    #[test]
    fn a_skippable_frame_is_passed_over() {
        let frame = b"\x5A\x2A\x4D\x18\x03\0\0\0abc".to_vec();
        let all = [frame.clone(), packed(Packing::Zstd, TEXT), frame].concat();
        assert_eq!(unpacked(Packing::Zstd, &all).unwrap(), TEXT);
    }

    #[test]
    fn data_that_breaks_off_anywhere_is_told_with_its_length() {
        for packing in Packing::ALL {
            let whole = packed(packing, TEXT);
            for length in 0..whole.len() {
                let error = unpacked(packing, &whole[..length]).unwrap_err();
                let InputError::Packed(PackedError::Cut { offset, .. }) = error else {
                    panic!("{packing} {length}: {error:?}")
                };
                assert_eq!(offset, length as u64, "{packing}");
            }
        }
    }

    #[test]
    fn damaged_data_is_told_by_its_place() {
        for packing in Packing::ALL {
            let mut bytes = [packed(packing, TEXT), packed(packing, TEXT)].concat();
            let last = bytes.len() - 2;
            bytes[last] ^= 0xFF;
            let error = unpacked(packing, &bytes).unwrap_err();
            let InputError::Packed(PackedError::Damaged { offset, .. }) = error else {
                panic!("{error:?}")
            };
            assert_eq!(offset, bytes.len() as u64 / 2);
        }
    }

    #[test]
    fn what_follows_the_last_member_is_named() {
        for packing in Packing::ALL {
            let mut bytes = packed(packing, TEXT);
            let length = bytes.len() as u64;
            bytes.extend_from_slice(b"garbage");
            let error = unpacked(packing, &bytes).unwrap_err();
            let InputError::Packed(PackedError::Garbage { offset, .. }) = error else {
                panic!("{error:?}")
            };
            assert_eq!(offset, length);
        }
    }

    #[test]
    fn what_follows_is_named_wherever_a_read_ends() {
        for length in READ_LENGTH - 5..=READ_LENGTH + 1 {
            // A frame that is passed over has any length.
            let inside = u32::try_from(length - 8).unwrap();
            let mut bytes = [b"\x50\x2A\x4D\x18", &inside.to_le_bytes()[..]].concat();
            bytes.resize(length, b'x');
            bytes.extend_from_slice(b"garbage");
            let error = unpacked(Packing::Zstd, &bytes).unwrap_err();
            let wanted = PackedError::Garbage { packing: Packing::Zstd, offset: length as u64 };
            assert!(matches!(error, InputError::Packed(it) if it == wanted), "{length}: {error:?}");
        }
    }

    #[test]
    fn more_than_is_allowed_does_not_come_out() {
        for packing in Packing::ALL {
            let bytes = packed(packing, &vec![b'a'; 1 << 20]);
            assert!(unpacked(packing, &bytes).is_ok());
            let bytes = packed(packing, &vec![b'a'; (1 << 20) + 1]);
            let error = unpacked(packing, &bytes).unwrap_err();
            assert!(matches!(error, InputError::TooLong { length_max } if length_max == 1 << 20));
        }
    }

    #[test]
    fn a_frame_that_looks_back_too_far_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(28).unwrap();
        encoder.write_all(TEXT).unwrap();
        let bytes = encoder.finish().unwrap();
        let error = unpacked(Packing::Zstd, &bytes).unwrap_err();
        assert!(matches!(error, InputError::Packed(PackedError::WideWindow)), "{error:?}");
    }

    #[test]
    fn the_ending_is_taken_off_a_name() {
        let name = |path| unpacked_name(Path::new(path)).to_str().unwrap();
        assert_eq!(name("/tmp/rows.csv.GZ"), "rows.csv");
        assert_eq!(name("rows.zst"), "rows");
        assert_eq!(name("a/rows.csv"), "a/rows.csv");
    }
}
