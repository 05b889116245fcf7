//! The lines of a voicemail.conf: numbered as editors do, their comments taken out, and what each of them is.
//!
//! Refuses a line that does not end. What does not decode is kept as it is, with its place in the file.

use memchr::memchr2;

use crate::input::InputError;
use crate::input::Source;
use crate::input::decode::Misfit;
use crate::input::format::BOM;
use crate::input::systems::conf::ConfTrouble;

/// The longest line.
pub(super) const LINE_LENGTH_MAX: usize = 64 << 10;

/// Bytes read at once: more than the longest line, so that one without an end is seen to be too long.
const BLOCK_LENGTH: usize = 2 * LINE_LENGTH_MAX;

/// The longest name of a section: it stands beside each of its mailboxes.
const SECTION_LENGTH_MAX: usize = 256;

/// What a line is.
pub(super) enum Line<'a> {
    Blank,
    Section(String),
    Setting(&'a [u8], &'a [u8]),
    /// Neither.
    Broken(&'a [u8]),
    Trouble(ConfTrouble),
}

impl<'a> Line<'a> {
    /// Reads a line without its comments.
    pub(super) fn read(line: &'a [u8]) -> Self {
        let line = line.trim_ascii();
        match line.first() {
            None => Self::Blank,
            Some(b'#') => Self::Trouble(ConfTrouble::Include),
            Some(b'[') => match line.iter().position(|it| *it == b']') {
                None => Self::Trouble(ConfTrouble::OpenSection),
                Some(end) if end > SECTION_LENGTH_MAX => Self::Trouble(ConfTrouble::LongSection),
                Some(end) => match line[end + 1..].trim_ascii() {
                    b"" | b"(+)" => Self::Section(String::from_utf8_lossy(&line[1..end]).into()),
                    _ => Self::Trouble(ConfTrouble::Template),
                },
            },
            Some(_) => match line.iter().position(|it| *it == b'=') {
                None => Self::Broken(line),
                Some(at) => {
                    let value = line[at + 1..].strip_prefix(b">").unwrap_or(&line[at + 1..]);
                    Self::Setting(line[..at].trim_ascii(), value.trim_ascii())
                }
            },
        }
    }
}

/// A line without its comments.
pub(super) struct Text {
    /// Physical line, counted from 1.
    pub(super) number: u32,
    /// What counts of it.
    pub(super) bytes: Vec<u8>,
    /// The first character of that which does not decode.
    pub(super) misfit: Option<Misfit>,
}

/// The lines of a file. A line ends with LF, CR or both, as everywhere.
pub(super) struct Lines<'s> {
    source: &'s Source,
    /// Bytes of the file up to the end of the block.
    offset: u64,
    block: Vec<u8>,
    at: usize,
    number: u32,
    in_comment: bool,
}

impl<'s> Lines<'s> {
    /// Begins with the first.
    pub(super) fn of(source: &'s Source) -> Self {
        Self { source, offset: 0, block: Vec::new(), at: 0, number: 0, in_comment: false }
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Text>, InputError> {
        let mut end = self.end();
        // The second half of a line's end may come with the next block.
        if end.is_none_or(|it| self.at + it + 1 == self.block.len()) {
            self.block.drain(..self.at);
            self.at = 0;
            self.offset += self.source.append(self.offset, BLOCK_LENGTH, &mut self.block)? as u64;
            end = self.end();
        }
        let rest = &self.block[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        self.number = self.number.checked_add(1).ok_or(InputError::TooManyLines)?;
        let length = end.unwrap_or(rest.len());
        if length > LINE_LENGTH_MAX {
            let trouble = ConfTrouble::LongLine;
            return Err(InputError::Conf { line: self.number, trouble });
        }
        let end_length = match rest[length..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        let begin = self.at;
        self.at += length + end_length;
        Ok(Some(self.text(begin, length)))
    }

    /// Bytes up to the next line end in sight.
    fn end(&self) -> Option<usize> {
        memchr2(b'\n', b'\r', &self.block[self.at..])
    }

    fn text(&mut self, begin: usize, length: usize) -> Text {
        let line = &self.block[begin..begin + length];
        let mark = if self.number == 1 && line.starts_with(BOM) { BOM.len() } else { 0 };
        let line = &line[mark..];
        let mut bytes = Vec::with_capacity(line.len());
        let before = self.in_comment;
        self.in_comment = show(line, before, |_, byte| bytes.push(byte));
        let misfit = std::str::from_utf8(&bytes).err().map(|error| {
            let mut places = Vec::with_capacity(bytes.len());
            show(line, before, |place, _| places.push(place));
            let place = places[error.valid_up_to()];
            let offset = self.offset - (self.block.len() - begin - mark - place) as u64;
            let character = String::from_utf8_lossy(&line[..place]).chars().count() + 1;
            Misfit {
                line: self.number,
                character: Some(character),
                offset: self.source.place(offset),
            }
        });
        Text { number: self.number, bytes, misfit }
    }
}

/// Shows the bytes of a line that count, each with its place, and gives whether the line ends in a comment: `;` begins one
/// unless a `\` stands before it, `;--` one that ends with `--;`.
fn show(line: &[u8], mut in_comment: bool, mut show: impl FnMut(usize, u8)) -> bool {
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        let rest = &line[at..];
        if in_comment {
            in_comment = !rest.starts_with(b"--;");
            at += if in_comment { 1 } else { 3 };
        } else if rest.starts_with(b"\\;") {
            show(at + 1, b';');
            at += 2;
        } else if rest.starts_with(b";--") && rest.get(3) != Some(&b'-') {
            in_comment = true;
            at += 3;
        } else if *byte == b';' {
            break;
        } else {
            show(at, *byte);
            at += 1;
        }
    }
    in_comment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(u32, String)> {
        let source = Source::spool(bytes, u64::MAX).unwrap();
        let mut lines = Lines::of(&source);
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|it| (it.number, String::from_utf8_lossy(&it.bytes).into_owned()))
            .collect()
    }

    #[test]
    fn lines_end_with_any_line_end_wherever_blocks_are_cut() {
        let mut file = "a\rb\r\nc\n\nd".to_owned();
        let told: Vec<_> = lines(file.as_bytes()).into_iter().map(|it| it.1).collect();
        assert_eq!(told, ["a", "b", "c", "", "d"]);
        file.clear();
        for length in 0..2000 {
            file.push_str(&"x".repeat(length % 131));
            file.push_str("\r\n");
        }
        assert!(file.len() > BLOCK_LENGTH);
        let told = lines(file.as_bytes());
        assert_eq!(told.len(), 2000);
        assert!(told.iter().all(|it| it.1.len() == (it.0 as usize - 1) % 131));
    }

    #[test]
    fn a_byte_order_mark_is_one_on_the_first_line_alone() {
        let told = lines("\u{FEFF}[a]\n\u{FEFF}1 => 2\n".as_bytes());
        assert_eq!(told, [(1, "[a]".to_owned()), (2, "\u{FEFF}1 => 2".to_owned())]);
    }

    #[test]
    fn a_line_of_the_longest_length_is_read_and_a_longer_one_is_refused() {
        let line = "x".repeat(LINE_LENGTH_MAX);
        for file in [line.clone(), format!("{line}\n1")] {
            assert_eq!(lines(file.as_bytes())[0].1.len(), LINE_LENGTH_MAX);
        }
        for file in [format!("{line}x"), format!("{line}x\n"), line.repeat(5)] {
            let source = Source::spool(file.as_bytes(), u64::MAX).unwrap();
            assert!(Lines::of(&source).next().is_err());
        }
    }

    #[test]
    fn what_does_not_decode_is_told_by_its_place_in_the_file_and_not_in_comments() {
        let file = b"\xEF\xBB\xBF;--\xFF\n--;\xC3\xA4\\;\xE4b\n;\xFF\n";
        let source = Source::spool(&file[..], u64::MAX).unwrap();
        let mut lines = Lines::of(&source);
        let misfits: Vec<_> =
            std::iter::from_fn(|| lines.next().unwrap()).map(|it| it.misfit).collect();
        let misfit = Misfit { line: 2, character: Some(7), offset: Some(15) };
        assert_eq!(misfits, [None, Some(misfit), None]);
    }
}
