//! Where one record ends and the next begins. Looks at quotes and line ends alone, never at cells.
//!
//! Refuses to look further than a record may reach, so a stray quote costs one record and not the rest of the file.

use memchr::memchr_iter;
use memchr::memchr2;
use memchr::memchr3;

use crate::input::RECORD_LINES_MAX;
use crate::input::fields::Field;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::header;
use crate::input::shape::Dialect;
use crate::input::shape::Shape;

/// By what records are found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Splitter {
    /// How they are written.
    pub(super) shape: Shape,
    /// The longest one in bytes.
    pub(super) record_max: usize,
    /// How many cells they have, once that is known.
    pub(super) width: Option<Width>,
}

/// How many cells a row has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Width {
    /// All of them.
    pub(super) cells: usize,
    /// Those that are the row's own: the reason of an earlier rejection is not.
    pub(super) own: usize,
}

impl Width {
    /// How many lines of a cell, behind its first, would be rows if they stood by themselves.
    pub(super) fn rows_inside(self, cell: &[u8], delimiter: u8) -> usize {
        if memchr2(b'\n', b'\r', cell).is_none() {
            return 0;
        }
        lines_of(cell).skip(1).filter(|it| self.is_row(it, delimiter)).count()
    }

    fn is_row(self, line: &[u8], delimiter: u8) -> bool {
        let delimiters = memchr_iter(delimiter, line).count();
        // One delimiter stands in many texts: a row of two cells begins with a number.
        let is_telling = self.own > 2 || line.first().is_some_and(u8::is_ascii_digit);
        self.own > 1 && delimiters + 1 == self.own && is_telling
    }
}

/// One record, counted from its first byte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Extent {
    /// Bytes without the line end; more than the longest record has for one that is too long.
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

impl Splitter {
    /// Bytes that must be in sight of a record's first one, unless the file ends before: the longest record and its
    /// line end.
    pub(super) fn sight(self) -> usize {
        self.record_max + 4
    }

    /// Finds the end of the record that begins with `bytes`, which are as many as must be in sight or all the rest.
    pub(super) fn find(self, bytes: &[u8]) -> Found {
        let window = &bytes[..bytes.len().min(self.record_max + 1)];
        match self.shape {
            Shape::Delimited(Dialect { delimiter, quote: Some(quote) }) => {
                let found = self.find_record(bytes, window, [delimiter, quote]);
                self.unless_it_swallows(bytes, found)
            }
            Shape::Delimited(Dialect { delimiter: _, quote: None })
            | Shape::Objects
            | Shape::Lists => self.find_line(bytes, window),
        }
    }

    /// Ends a record of several lines with its first one if it has too many or too few cells, and others of its lines
    /// would be rows: its quote is closed by the quote of another row.
    fn unless_it_swallows(self, bytes: &[u8], found: Found) -> Found {
        let (Some(width), Shape::Delimited(dialect)) = (self.width, self.shape) else {
            return found;
        };
        let (length, ends_inside) = match found {
            Found::Whole(Extent { length, next, lines }) => {
                (length, lines - u32::from(next > length && lines > 0))
            }
            Found::Beyond { lines } => (bytes.len(), lines),
        };
        if ends_inside == 0 {
            return found;
        }
        // No more than is always in sight, lest the place in memory decide.
        let record = &bytes[..length.min(self.record_max + 1)];
        let cells = Fields::of(record, dialect).count();
        let fits = header::may_be_row(record, cells, width.cells);
        let is_row = fits && Fields::of(record, dialect).all(|it| it.form != Form::Open);
        let rows = |it: Field| width.rows_inside(&record[it.start..it.end], dialect.delimiter);
        if is_row || Fields::of(record, dialect).all(|it| rows(it) == 0) {
            return found;
        }
        Found::Whole(first_line(bytes))
    }

    /// The first records that are in sight as a whole, blank lines among them.
    pub(super) fn records(self, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = bytes.get(at..).filter(|it| !it.is_empty())?;
            let Found::Whole(extent) = self.find(rest) else { return None };
            at += extent.next;
            Some(&rest[..extent.length])
        })
    }

    fn find_line(self, bytes: &[u8], window: &[u8]) -> Found {
        match memchr2(b'\n', b'\r', window) {
            Some(hit) => ended(bytes, hit, 0),
            None => self.unended(bytes, window, 0),
        }
    }

    fn find_record(self, bytes: &[u8], window: &[u8], [delimiter, quote]: [u8; 2]) -> Found {
        let mut at = 0;
        let mut lines = 0;
        while let Some(hit) = memchr3(b'\n', b'\r', quote, &window[at..]).map(|it| at + it) {
            if window[hit] != quote {
                return ended(bytes, hit, lines);
            }
            if hit > 0 && window[hit - 1] != delimiter {
                at = hit + 1;
                continue;
            }
            let ends_cell =
                |it: usize| bytes.get(it).is_none_or(|it| [delimiter, b'\n', b'\r'].contains(it));
            match find_closing(bytes, window, (hit + 1, quote), lines) {
                // Where text follows on a later line, it was the quote of another row that closed this one.
                Some((after, later)) if later == lines || ends_cell(after) => {
                    (at, lines) = (after, later);
                }
                Some(_) | None => return cut(bytes, hit, lines),
            }
        }
        self.unended(bytes, window, lines)
    }

    /// No line end in the window: the file ends here, or the record is too long.
    fn unended(self, bytes: &[u8], window: &[u8], lines: u32) -> Found {
        let length = window.len();
        if length <= self.record_max {
            return Found::Whole(Extent { length, next: length, lines });
        }
        cut(bytes, length - 1, lines)
    }
}

/// Bytes of the line end that begins at `at`.
pub(super) fn line_end_length(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 }
}

/// The physical lines of some bytes, whatever their quotes.
fn lines_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let Extent { length, next, lines } = first_line(bytes);
        rest = (lines > 0).then(|| &bytes[next..]);
        Some(&bytes[..length])
    })
}

/// The first physical line, whatever its quotes; all there is where no line ends.
pub(super) fn first_line(bytes: &[u8]) -> Extent {
    match memchr2(b'\n', b'\r', bytes) {
        Some(hit) => Extent { length: hit, next: hit + line_end_length(bytes, hit), lines: 1 },
        None => Extent { length: bytes.len(), next: bytes.len(), lines: 0 },
    }
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

/// The place behind the quote that closes a cell, and the line ends passed so far.
fn find_closing(
    bytes: &[u8],
    window: &[u8],
    (from, quote): (usize, u8),
    lines: u32,
) -> Option<(usize, u32)> {
    let mut at = from;
    let mut lines = lines;
    loop {
        let hit = at + memchr3(b'\n', b'\r', quote, window.get(at..)?)?;
        if window[hit] != quote {
            lines += 1;
            if lines >= RECORD_LINES_MAX {
                return None;
            }
            at = hit + line_end_length(bytes, hit);
        } else if bytes.get(hit + 1) == Some(&quote) {
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

    const COMMAS: Splitter =
        splitter(Shape::Delimited(Dialect { delimiter: b',', quote: Some(b'"') }));

    const fn splitter(shape: Shape) -> Splitter {
        Splitter { shape, record_max: 64 << 10, width: None }
    }

    fn csv(text: &str) -> Found {
        COMMAS.find(text.as_bytes())
    }

    #[test]
    fn other_delimiters_and_quotes_open_and_close_cells() {
        let found = |quote, text: &str| {
            let dialect = Dialect { delimiter: b';', quote };
            splitter(Shape::Delimited(dialect)).find(text.as_bytes())
        };
        assert_eq!(found(Some(b'"'), "a;\"b\n\"\nc"), whole(6, 7, 2));
        assert_eq!(found(Some(b'\''), "a;'b\n\"'\nc"), whole(7, 8, 2));
        assert_eq!(found(Some(b'"'), "a,\"b\nc"), whole(4, 5, 1));
        assert_eq!(found(None, "a;\"b\nc"), whole(4, 5, 1));
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
    fn a_quote_that_another_rows_quote_closes_costs_its_own_line_alone() {
        assert_eq!(csv("35,\"abc\n36,\"x\"\n"), whole(7, 8, 1));
        assert_eq!(csv("35,\"abc\n36,\"\",y\n37,\"z\"\n"), whole(7, 8, 1));
        assert_eq!(csv("35,\"abc\n36\",x\n"), whole(13, 14, 2));
    }

    #[test]
    fn a_record_that_has_swallowed_rows_and_is_none_ends_with_its_first_line() {
        let width = |cells, own| Splitter { width: Some(Width { cells, own }), ..COMMAS };
        let found = |splitter: Splitter, text: &str| splitter.find(text.as_bytes());
        let swallowed = "\"135,4,Name\n136,5,x\n140,9,\"\n141,6,y\n";
        assert_eq!(found(width(3, 3), swallowed), whole(11, 12, 1));
        assert_eq!(found(width(4, 3), swallowed), whole(11, 12, 1));
        assert_eq!(found(COMMAS, swallowed), whole(27, 28, 3));
        let left_open = "1,\"a\n2,3,4\",\"b\n";
        assert_eq!(found(width(3, 3), left_open), whole(4, 5, 1), "its cells are three and no row");
        let of_three = "1,\"a,b\nc,d,e\",2\n";
        assert_eq!(found(width(3, 3), of_three), whole(15, 16, 2), "it is a row");
        assert_eq!(found(width(4, 4), of_three), whole(15, 16, 2), "its lines are none");
    }

    #[test]
    fn a_cell_may_reach_over_fifty_lines_and_not_over_one_more() {
        let cell = |ends: usize| format!("\"{}\"\nx", "\n".repeat(ends));
        assert_eq!(csv(&cell(49)), whole(51, 52, 50));
        assert_eq!(csv(&cell(50)), whole(1, 2, 1));
    }

    #[test]
    fn the_longest_record_is_whole_and_one_byte_more_is_too_long() {
        for it in [COMMAS, splitter(Shape::Objects)] {
            let text = |length| format!("{}\r\nx", "a".repeat(length));
            let longest = it.record_max;
            assert_eq!(it.find(text(longest).as_bytes()), whole(longest, longest + 2, 1));
            assert_eq!(it.find(text(longest + 1).as_bytes()), whole(longest + 1, longest + 3, 1));
        }
    }

    #[test]
    fn the_end_of_a_long_line_may_be_out_of_sight() {
        let sight = COMMAS.sight();
        let mut text = "a".repeat(sight);
        assert_eq!(csv(&text), Found::Beyond { lines: 0 });
        text.push('\r');
        assert_eq!(csv(&text), Found::Beyond { lines: 0 });
        text.push('\n');
        assert_eq!(csv(&text), whole(sight, sight + 2, 1));
    }

    #[test]
    fn lines_are_counted_by_line_ends_of_every_kind() {
        assert_eq!(count_lines(b"a\r\r\nb\n\rc"), 4);
    }
}
