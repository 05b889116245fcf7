//! Inputs in other encodings than UTF-8, copied as UTF-8.
//!
//! Refuses to replace: where bytes do not decode, the copy gets a byte that is no UTF-8 either, so that the reader of
//! records finds it there, and the place in the input is kept for its message.

use std::fmt;

use encoding_rs::DecoderResult;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;

use crate::input::InputError;
use crate::input::Source;
use crate::input::spool::Spool;

/// Bytes that are decoded at once.
const DECODE_LENGTH: usize = 64 << 10;

/// Places that are kept of what does not decode; further ones are told without them.
pub(super) const MISFITS_MAX: usize = 1 << 16;

/// Stands in the copy where bytes do not decode: never part of UTF-8.
const MARK: &[u8] = b"\xFF";

/// Characters that are looked at to see UTF-16 without a mark.
const SIGHT: usize = 256;

/// Byte order marks of four bytes a character, of which the first begins as that of UTF-16 does.
const UTF_32LE_MARK: &[u8] = b"\xFF\xFE\0\0";
const UTF_32BE_MARK: &[u8] = b"\0\0\xFE\xFF";

/// How characters are written as bytes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// What needs no copy.
    pub(super) const UTF_8: Self = Self(UTF_8);

    /// Two bytes a character, the greater first.
    pub(super) const UTF_16BE: Self = Self(UTF_16BE);

    /// Finds an encoding by any of its names in the WHATWG list.
    pub fn parse(label: &str) -> Option<Self> {
        let known = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
        known.map(Self)
    }

    /// The usual name.
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }

    /// What a byte order mark says, and how many bytes it has.
    fn of_mark(bytes: &[u8]) -> Option<(Self, usize)> {
        let (encoding, length) = encoding_rs::Encoding::for_bom(bytes)?;
        Some((Self(encoding), length))
    }

    /// What a text looks like that has no mark: every second byte of UTF-16 is zero in most of the world's files.
    fn of_look(bytes: &[u8]) -> Option<Self> {
        let pairs = bytes.as_chunks::<2>().0;
        let most = |zero: usize| {
            let count = pairs.iter().filter(|it| it[zero] == 0 && it[1 - zero] != 0).count();
            pairs.len() >= 2 && count * 10 >= pairs.len() * 9
        };
        match (most(1), most(0)) {
            (true, _) => Some(Self(UTF_16LE)),
            (_, true) => Some(Self::UTF_16BE),
            (false, false) => None,
        }
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of a copy in another encoding.
#[derive(Debug)]
pub(super) struct Decoded {
    /// The input's encoding.
    encoding: Encoding,
    places: Places,
}

/// Where the input has what does not decode.
#[derive(Debug)]
enum Places {
    /// Where the copy is marked, each with the place in the input; sorted.
    Marks(Vec<(u64, u64)>),
    /// By line, where the lines of the copy are others; sorted.
    Lines(Vec<Misfit>),
}

/// The first character of a line that does not decode, by its place in the input as far as that is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Misfit {
    /// Physical line.
    pub(super) line: u32,
    /// Its number in the line, counted from 1.
    pub(super) character: Option<usize>,
    /// Bytes before it.
    pub(super) offset: Option<u64>,
}

impl Misfit {
    /// What is the case, and what to do about it.
    pub(super) fn told(&self, encoding: Encoding) -> (String, &'static str) {
        let Self { line, character, offset } = *self;
        let name = encoding.as_str();
        let what = match character {
            Some(character) => format!("character {character} of line {line} is not {name}"),
            None => format!("a character of line {line} is not {name}"),
        };
        match offset {
            Some(offset) => (format!("{what} (offset {offset} in the file)"), NOT_DECODED),
            None => (what, NOT_DECODED_ANYWHERE),
        }
    }
}

const NOT_DECODED: &str = "name the encoding that the file really has with --encoding, or write \
                           the text anew; `xxd -s OFFSET -l 16` shows the bytes";

const NOT_DECODED_ANYWHERE: &str =
    "name the encoding that the file really has with --encoding, or write the text anew";

impl Decoded {
    /// The same encoding, of a copy with lines of its own.
    pub(super) fn by_lines(decoded: Option<Self>, misfits: Vec<Misfit>) -> Self {
        let encoding = decoded.map_or(Encoding::UTF_8, |it| it.encoding);
        Self { encoding, places: Places::Lines(misfits) }
    }

    /// The input's encoding.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The place in the input that is marked at `offset` in the copy.
    pub(super) fn mark(&self, offset: u64) -> Option<u64> {
        match &self.places {
            Places::Marks(marks) => {
                let found = marks.binary_search_by_key(&offset, |it| it.0).ok()?;
                Some(marks[found].1)
            }
            Places::Lines(_) => None,
        }
    }

    /// What does not decode at a place of the copy: a line, a character of it, and the offset.
    pub(super) fn misfit(&self, line: u32, character: usize, offset: u64) -> Misfit {
        match &self.places {
            Places::Marks(_) => {
                Misfit { line, character: Some(character), offset: self.mark(offset) }
            }
            Places::Lines(misfits) => {
                let found = misfits.binary_search_by_key(&line, |it| it.line);
                let unknown = Misfit { line, character: None, offset: None };
                found.map_or(unknown, |it| misfits[it])
            }
        }
    }
}

/// Sees to it that a source is UTF-8. A byte order mark decides, else what is `named`, else it is UTF-8 already.
pub(super) fn decode(
    source: Source,
    named: Option<Encoding>,
    length_max: u64,
) -> Result<Source, InputError> {
    let mut beginning = Vec::new();
    source.append(0, SIGHT * 2, &mut beginning)?;
    if beginning.starts_with(UTF_32LE_MARK) || beginning.starts_with(UTF_32BE_MARK) {
        return Err(InputError::Utf32);
    }
    let (encoding, skipped) = match (Encoding::of_mark(&beginning), named) {
        (Some(marked), _) => marked,
        (None, Some(named)) => (named, 0),
        (None, None) => match Encoding::of_look(&beginning) {
            Some(encoding) => return Err(InputError::Unmarked { encoding }),
            None => return Ok(source),
        },
    };
    if encoding.0 == UTF_8 {
        // Its rejects need a mark where the option would decode them.
        let is_decoded_unmarked = named.is_some_and(|it| it.0 != UTF_8);
        return Ok(if is_decoded_unmarked { source.marked() } else { source });
    }
    let mut spool = Spool::new(length_max)?;
    let places = Places::Marks(copy(&source, encoding, skipped as u64, &mut spool)?);
    Ok(source.copied(spool.finish()?).decoded(Decoded { encoding, places }))
}

fn copy(
    source: &Source,
    encoding: Encoding,
    skipped: u64,
    spool: &mut Spool,
) -> Result<Vec<(u64, u64)>, InputError> {
    let mut decoder = encoding.0.new_decoder_without_bom_handling();
    let mut places = Vec::new();
    let mut text = vec![0; DECODE_LENGTH];
    let mut bytes = Vec::with_capacity(DECODE_LENGTH);
    let mut offset = skipped;
    loop {
        bytes.clear();
        let is_last = source.append(offset, DECODE_LENGTH, &mut bytes)? == 0;
        let mut used = 0;
        loop {
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(&bytes[used..], &mut text, is_last);
            used += read;
            spool.put(&text[..written])?;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, behind) => {
                    let end = offset + used as u64;
                    if places.len() < MISFITS_MAX {
                        places.push((spool.written(), end - u64::from(length + behind)));
                    }
                    spool.put(MARK)?;
                }
            }
        }
        offset += bytes.len() as u64;
        if is_last {
            return Ok(places);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::Input;
    use crate::input::testing;
    use crate::input::testing::Kept;
    use crate::input::testing::text;
    use crate::model::Cell;
    use crate::model::Rule;

    fn decoded(bytes: &[u8], named: Option<&str>) -> Result<Source, InputError> {
        let named = named.map(|it| Encoding::parse(it).unwrap());
        decode(Source::spool(bytes, u64::MAX).unwrap(), named, 1 << 20)
    }

    fn rows(bytes: &[u8], named: Option<&str>) -> Vec<Kept> {
        let source = decoded(bytes, named).unwrap();
        let mut input = Input::open(source, Format::Csv, testing::settings()).unwrap();
        testing::rows_of(&mut input)
    }

    fn description(row: &Kept) -> Cell<'static> {
        row.cells[2].clone()
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    const SHORT: &str = "mailbox,description\n101,Käthe 😀\n";

    #[test]
    fn a_byte_order_mark_decides_whatever_the_option_says() {
        let mut files = Vec::new();
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            files.push(utf16(&format!("\u{FEFF}{SHORT}"), unit));
        }
        files.push(format!("\u{FEFF}{SHORT}").into_bytes());
        for file in files {
            for named in [None, Some("windows-1252"), Some("utf-8")] {
                assert_eq!(description(&rows(&file, named)[0]), text("Käthe 😀"));
            }
        }
    }

    #[test]
    fn an_encoding_that_is_named_is_read() {
        let file = b"mailbox,description\n101,K\xE4the \x80\n";
        assert_eq!(description(&rows(file, Some("latin1"))[0]), text("Käthe €"));
        let file = utf16(SHORT, u16::to_be_bytes);
        assert_eq!(description(&rows(&file, Some("UTF-16BE"))[0]), text("Käthe 😀"));
        assert!(Encoding::parse("latin-17").is_none() && Encoding::parse("replacement").is_none());
    }

    #[test]
    fn utf16_without_a_mark_is_told_and_not_guessed() {
        let told = |unit| match decoded(&utf16(SHORT, unit), None).unwrap_err() {
            error @ InputError::Unmarked { .. } => error.help(),
            error => panic!("{error:?}"),
        };
        assert_eq!(told(u16::to_le_bytes), "name its encoding: `--encoding utf-16le`");
        assert_eq!(told(u16::to_be_bytes), "name its encoding: `--encoding utf-16be`");
    }

    #[test]
    fn what_does_not_decode_costs_its_row_and_is_told_by_its_offset_in_the_file() {
        let file = b"mailbox,description\n101,a\x81\xFFb\n102,\x93\xFA\x96{\n103,\x93";
        let rows = rows(file, Some("shift_jis"));
        let told = |row: &Kept| row.problems[0].clone();
        let column = || Some("description".to_owned());
        let message = "character 6 of line 2 is not Shift_JIS (offset 25 in the file)".to_owned();
        assert_eq!(told(&rows[0]), (Rule::NotUtf8, 2, column(), message));
        assert_eq!((rows[1].readable, description(&rows[1])), (true, text("日本")));
        let message = "character 5 of line 4 is not Shift_JIS (offset 42 in the file)".to_owned();
        assert_eq!(told(&rows[2]), (Rule::NotUtf8, 4, column(), message));
    }

    #[test]
    fn half_a_surrogate_pair_is_told_by_its_offset() {
        let mut file = utf16("\u{FEFF}mailbox,description\n101,x", u16::to_le_bytes);
        let offset = file.len();
        file.extend_from_slice(b"\x00\xD8");
        file.extend(utf16("\n102,y\n", u16::to_le_bytes));
        let rows = rows(&file, None);
        let message =
            format!("character 6 of line 2 is not UTF-16LE (offset {offset} in the file)");
        assert_eq!(rows[0].problems[0].3, message);
        assert_eq!(description(&rows[1]), text("y"));
    }

    #[test]
    fn places_are_right_however_the_bytes_are_cut() {
        let mut file = b"mailbox,description\n".to_vec();
        let mut offsets = Vec::new();
        for row in 0..3000 {
            file.extend_from_slice(format!("{row},").as_bytes());
            file.extend(b"\xA4\xA2".repeat(row % 61));
            offsets.push(file.len());
            file.extend_from_slice(b"\xFF\n");
        }
        let rows = rows(&file, Some("euc-jp"));
        assert!(file.len() > DECODE_LENGTH && rows.len() == offsets.len());
        for (row, offset) in rows.iter().zip(offsets) {
            let told = &row.problems[0].3;
            assert!(
                told.ends_with(&format!("is not EUC-JP (offset {offset} in the file)")),
                "{told}"
            );
        }
    }

    #[test]
    fn more_bad_places_than_are_kept_are_all_found() {
        let mut file = b"mailbox\n".to_vec();
        file.extend(b"\x81\xFF\n".repeat(MISFITS_MAX + 10));
        let rows = rows(&file, Some("shift_jis"));
        assert!(rows.iter().all(|it| it.rules() == [Rule::NotUtf8]));
        let last = &rows[MISFITS_MAX + 9].problems[0].3;
        assert_eq!(*last, format!("character 1 of line {} is not Shift_JIS", MISFITS_MAX + 11));
    }

    #[test]
    fn control_characters_of_two_bytes_are_found() {
        let rows = rows(b"mailbox,description\n101,a\x81\n102,\xA7 \xA0\n", Some("windows-1252"));
        let message = "the text holds the control character U+0081";
        assert_eq!(rows[0].problems[0].3, message);
        assert_eq!(rows[1].problems, []);
    }
}
