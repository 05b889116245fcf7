//! Where one record ends and the next begins. Looks at quotes and line ends alone, never at cells.
//!
//! Refuses to look further than a record may reach, so a stray quote costs one record and not the rest of the file.

use memchr::memchr2;
use memchr::memchr3;

use crate::input::Format;
use crate::input::RECORD_LENGTH_MAX;
use crate::input::RECORD_LINES_MAX;

/// Bytes that must be in sight of a record's first one, unless the file ends before: the longest record and its line end.
pub(super) const SIGHT: usize = RECORD_LENGTH_MAX + 4;

/// One record, counted from its first byte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Extent {
    /// Bytes without the line end; more than `RECORD_LENGTH_MAX` for one that is too long.
    pub(super) length: usize,
    /// Bytes up to the next record.
    pub(super) next: usize,
    /// Line ends passed, its own among them.
    pub(super) lines: u32,
}

/// What is known of a record from the bytes in sight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// All of it.
    Whole(Extent),
    /// It is broken, ends with its physical line, and that end is not in sight.
    Beyond {
        /// Line ends inside what is in sight.
        lines: u32,
    },
}

/// Finds the end of the record that begins with `bytes`, which are at least [`SIGHT`] or all the rest.
pub(super) fn find(format: Format, bytes: &[u8]) -> Found {
    match format {
        Format::Csv => find_record(bytes),
        Format::Jsonl => find_line(bytes),
    }
}

/// Bytes of the line end that begins at `at`.
pub(super) fn line_end_length(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 }
}

/// Line ends in some bytes: LF, CRLF and lone CR.
pub(super) fn count_lines(bytes: &[u8]) -> u32 {
    let mut count = 0;
    let mut at = 0;
    while let Some(hit) = memchr2(b'\n', b'\r', &bytes[at..]) {
        count += 1;
        at += hit + line_end_length(bytes, at + hit);
    }
    count
}

fn find_line(bytes: &[u8]) -> Found {
    let window = &bytes[..bytes.len().min(RECORD_LENGTH_MAX + 1)];
    match memchr2(b'\n', b'\r', window) {
        Some(hit) => ended(bytes, hit, 0),
        None => unended(bytes, window, 0),
    }
}

fn find_record(bytes: &[u8]) -> Found {
    let window = &bytes[..bytes.len().min(RECORD_LENGTH_MAX + 1)];
    let mut at = 0;
    let mut lines = 0;
    while let Some(hit) = memchr3(b'\n', b'\r', b'"', &window[at..]).map(|it| at + it) {
        if window[hit] != b'"' {
            return ended(bytes, hit, lines);
        }
        if hit > 0 && window[hit - 1] != b',' {
            at = hit + 1;
            continue;
        }
        match find_closing(bytes, window, hit + 1, lines) {
            Some((after, lines_after)) => (at, lines) = (after, lines_after),
            None => return cut(bytes, hit, lines),
        }
    }
    unended(bytes, window, lines)
}

/// The place behind the quote that closes a cell, and the line ends passed so far.
fn find_closing(bytes: &[u8], window: &[u8], from: usize, lines: u32) -> Option<(usize, u32)> {
    let mut at = from;
    let mut lines = lines;
    loop {
        let hit = at + memchr3(b'\n', b'\r', b'"', window.get(at..)?)?;
        if window[hit] != b'"' {
            lines += 1;
            if lines >= RECORD_LINES_MAX {
                return None;
            }
            at = hit + line_end_length(bytes, hit);
        } else if bytes.get(hit + 1) == Some(&b'"') {
            at = hit + 2;
        } else {
            return Some((hit + 1, lines));
        }
    }
}

fn ended(bytes: &[u8], length: usize, lines: u32) -> Found {
    let next = length + line_end_length(bytes, length);
    Found::Whole(Extent { length, next, lines: lines + 1 })
}

/// No line end in the window: the file ends here, or the record is too long.
fn unended(bytes: &[u8], window: &[u8], lines: u32) -> Found {
    let length = window.len();
    if length <= RECORD_LENGTH_MAX {
        return Found::Whole(Extent { length, next: length, lines });
    }
    cut(bytes, length - 1, lines)
}

/// Ends a broken record with the physical line on which it broke.
fn cut(bytes: &[u8], from: usize, lines: u32) -> Found {
    let end = memchr2(b'\n', b'\r', &bytes[from..]).map(|it| from + it);
    match end {
        // A CR that is the last byte in sight may be half of a CRLF.
        Some(end) if bytes[end] == b'\n' || end + 1 < bytes.len() => ended(bytes, end, lines),
        Some(_) | None => Found::Beyond { lines },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(length: usize, next: usize, lines: u32) -> Found {
        Found::Whole(Extent { length, next, lines })
    }

    fn csv(text: &str) -> Found {
        find(Format::Csv, text.as_bytes())
    }

    #[test]
    fn line_ends_of_every_kind_end_a_record() {
        assert_eq!(csv("a,b\nc"), whole(3, 4, 1));
        assert_eq!(csv("a,b\r\nc"), whole(3, 5, 1));
        assert_eq!(csv("a,b\rc"), whole(3, 4, 1));
        assert_eq!(csv("a,b\r\r\n"), whole(3, 4, 1));
        assert_eq!(csv("a,b"), whole(3, 3, 0));
    }

    #[test]
    fn a_quoted_line_end_belongs_to_the_record() {
        assert_eq!(csv("a,\"x\r\ny\rz\"\nc"), whole(10, 11, 3));
        assert_eq!(csv("\"a\"\"\n\",b\nc"), whole(8, 9, 2));
    }

    #[test]
    fn a_quote_inside_a_bare_cell_opens_nothing() {
        assert_eq!(csv("5\" disk,b\nc"), whole(9, 10, 1));
        assert_eq!(csv("\"a\"b\"c,d\ne"), whole(8, 9, 1));
    }

    #[test]
    fn an_unclosed_quote_costs_its_own_line_alone() {
        assert_eq!(csv("1,\"abc\n2,x\n3,y\n"), whole(6, 7, 1));
        assert_eq!(csv("\"a\nb\",\"c\nd\n"), whole(8, 9, 2));
        assert_eq!(csv("\""), Found::Beyond { lines: 0 });
    }

    #[test]
    fn a_cell_may_reach_over_fifty_lines_and_not_over_one_more() {
        let cell = |ends: usize| format!("\"{}\"\nx", "\n".repeat(ends));
        assert_eq!(csv(&cell(49)), whole(51, 52, 50));
        assert_eq!(csv(&cell(50)), whole(1, 2, 1));
    }

    #[test]
    fn the_longest_record_is_whole_and_one_byte_more_is_too_long() {
        for format in Format::ALL {
            let text = |length| format!("{}\r\nx", "a".repeat(length));
            let longest = RECORD_LENGTH_MAX;
            assert_eq!(find(format, text(longest).as_bytes()), whole(longest, longest + 2, 1));
            assert_eq!(
                find(format, text(longest + 1).as_bytes()),
                whole(longest + 1, longest + 3, 1)
            );
        }
    }

    #[test]
    fn the_end_of_a_long_line_may_be_out_of_sight() {
        let mut text = "a".repeat(SIGHT);
        assert_eq!(csv(&text), Found::Beyond { lines: 0 });
        text.push('\r');
        assert_eq!(csv(&text), Found::Beyond { lines: 0 });
        text.push('\n');
        assert_eq!(csv(&text), whole(SIGHT, SIGHT + 2, 1));
    }

    #[test]
    fn lines_are_counted_by_line_ends_of_every_kind() {
        assert_eq!(count_lines(b"a\r\r\nb\n\rc"), 4);
    }
}
