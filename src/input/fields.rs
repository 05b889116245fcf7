//! The cells of one CSV record, as ranges of its bytes, so that most are never copied.
//!
//! Agrees with the csv crate on what quotes mean. Refuses to judge a cell, and knows nothing of columns.

use std::borrow::Cow;

use memchr::memchr;
use wide::u8x16;

use crate::input::shape::Dialect;

/// One cell, quotes included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Field {
    /// Its first byte in the record.
    pub(super) start: usize,
    /// The place behind its last.
    pub(super) end: usize,
    /// How it is written.
    pub(super) form: Form,
}

/// How a cell is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// Without quotes.
    Bare,
    /// In quotes, with nothing to be undone inside.
    Quoted,
    /// In quotes, with doubled ones inside.
    Escaped,
    /// In quotes, with text behind them.
    Trailed,
    /// In quotes that are not closed.
    Open,
}

/// Goes over the cells of a record.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    record: &'a [u8],
    dialect: Dialect,
    next: Option<usize>,
}

impl<'a> Fields<'a> {
    /// Begins with the first cell; a record has at least one.
    pub(super) fn of(record: &'a [u8], dialect: Dialect) -> Self {
        Self { record, dialect, next: Some(0) }
    }

    fn end_from(&self, at: usize) -> usize {
        // Cells are short: a plain loop is over before a search for many bytes at once has begun.
        let delimiter = self.dialect.delimiter;
        let hit = self.record[at..].iter().position(|it| *it == delimiter);
        hit.map_or(self.record.len(), |it| at + it)
    }

    /// Where the quotes close that opened before `from`, and whether doubled ones were passed.
    fn closing_from(&self, from: usize, quote: u8) -> Option<(usize, Form)> {
        let mut at = from;
        let mut form = Form::Quoted;
        loop {
            let hit = at + memchr(quote, self.record.get(at..)?)?;
            if self.record.get(hit + 1) != Some(&quote) {
                return Some((hit + 1, form));
            }
            form = Form::Escaped;
            at = hit + 2;
        }
    }

    fn quoted(&self, start: usize, quote: u8) -> Field {
        let Some((close, form)) = self.closing_from(start + 1, quote) else {
            return Field { start, end: self.record.len(), form: Form::Open };
        };
        let end = self.end_from(close);
        Field { start, end, form: if end == close { form } else { Form::Trailed } }
    }
}

impl Iterator for Fields<'_> {
    type Item = Field;

    #[inline]
    fn next(&mut self) -> Option<Field> {
        let start = self.next?;
        let field = match self.record.get(start) {
            Some(it) if self.dialect.is_quote(*it) => self.quoted(start, *it),
            Some(_) | None => Field { start, end: self.end_from(start), form: Form::Bare },
        };
        self.next = (field.end < self.record.len()).then_some(field.end + 1);
        Some(field)
    }
}

impl Field {
    /// What the cell says, quotes undone.
    #[inline]
    pub(super) fn text<'a>(&self, record: &'a str, dialect: Dialect) -> Cow<'a, str> {
        match self.form {
            Form::Bare => Cow::Borrowed(&record[self.start..self.end]),
            Form::Quoted => Cow::Borrowed(&record[self.start + 1..self.end - 1]),
            Form::Escaped | Form::Trailed | Form::Open => {
                let quote = char::from(dialect.quote.unwrap_or_default());
                Cow::Owned(without_quotes(&record[self.start + 1..self.end], quote))
            }
        }
    }
}

/// Meets the end of every cell of a record without quotes, in their order: many bytes at a time, since cells are short and
/// a search for each one costs more.
pub(super) fn each_end(record: &[u8], delimiter: u8, mut meet: impl FnMut(usize)) {
    let wanted = u8x16::splat(delimiter);
    let (blocks, rest) = record.as_chunks::<BLOCK>();
    // The end of the record is one more delimiter, so that all of them are met at one place of the code.
    let mut last = [!delimiter; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = delimiter;
    for number in 0..=blocks.len() {
        let mut marks = marks_in(blocks.get(number).unwrap_or(&last), wanted);
        while marks != 0 {
            meet(number * BLOCK + marks.trailing_zeros() as usize);
            marks &= marks - 1;
        }
    }
}

/// Bytes that are looked at together: one for every bit of their marks.
const BLOCK: usize = u64::BITS as usize;

/// Which bytes of a block are the wanted one, a bit each.
fn marks_in(block: &[u8; BLOCK], wanted: u8x16) -> u64 {
    let (vectors, _) = block.as_chunks::<16>();
    let bits = |it: &[u8; 16]| u8x16::from(*it).simd_eq(wanted).to_bitmask();
    vectors.iter().rev().fold(0, |marks, it| marks << 16 | u64::from(bits(it)))
}

fn without_quotes(inside: &str, quote: char) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((before, behind)) = rest.split_once(quote) {
        text.push_str(before);
        let Some(more) = behind.strip_prefix(quote) else {
            // The quotes are closed: what follows up to the delimiter is taken as it stands.
            text.push_str(behind);
            return text;
        };
        text.push(quote);
        rest = more;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(record: &str) -> Vec<Cow<'_, str>> {
        let dialect = Dialect::default();
        Fields::of(record.as_bytes(), dialect).map(|it| it.text(record, dialect)).collect()
    }

    #[test]
    fn cells_are_those_of_rfc_4180() {
        assert_eq!(texts("a,,\"b,c\",\"d\"\"e\",\"\","), ["a", "", "b,c", "d\"e", "", ""]);
        assert_eq!(texts(""), [""]);
    }

    #[test]
    fn text_behind_closed_quotes_is_kept_as_the_csv_crate_keeps_it() {
        assert_eq!(texts("\"a\"b\"\"c,d"), ["ab\"\"c", "d"]);
    }

    #[test]
    fn cells_without_doubled_quotes_are_not_copied() {
        assert!(texts("a,\"b\"").iter().all(|it| matches!(it, Cow::Borrowed(_))));
    }

    #[test]
    fn an_open_quote_takes_the_rest_of_the_record() {
        let record = "a,\"b,c\"\"";
        let last = Fields::of(record.as_bytes(), Dialect::default()).last().unwrap();
        assert_eq!(last, Field { start: 2, end: 8, form: Form::Open });
    }

    #[test]
    fn another_dialect_has_its_own_delimiter_and_quote() {
        let texts = |record: &str, quote| {
            let dialect = Dialect { delimiter: b';', quote };
            let fields = Fields::of(record.as_bytes(), dialect);
            fields.map(|it| it.text(record, dialect).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("a,\"b;'c;''d';", Some(b'\'')), ["a,\"b", "c;'d", ""]);
        assert_eq!(texts("\"a;b\"", None), ["\"a", "b\""]);
    }

    #[test]
    fn every_end_is_met_in_its_order() {
        let text = "a,b,,\u{AC}-+,,,,,,,,ü,1234567,12345678,\u{80},".repeat(4);
        for length in (0..=text.len()).filter(|it| text.is_char_boundary(*it)) {
            let text = &text[..length];
            let mut met = Vec::new();
            each_end(text.as_bytes(), b',', |it| met.push(it));
            let delimiters = text.match_indices(',').map(|it| it.0);
            assert_eq!(met, delimiters.chain([length]).collect::<Vec<_>>());
        }
    }
}
