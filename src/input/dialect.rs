//! Which delimiter an input has: by option, by a line `sep=`, else the one with which its header has the names that are
//! known.
//!
//! Refuses to guess from anything but names: where none fits it says what was tried, without a text of the line.

use std::fmt;

use crate::input::fields::Fields;
use crate::input::header;
use crate::input::shape::Dialect;
use crate::input::shape::Shape;
use crate::input::split;
use crate::input::split::Extent;
use crate::input::split::Found;
use crate::input::split::Splitter;
use crate::model::ColumnNames;

/// What is tried, in this order; of two that fit equally well the first counts.
pub(super) const TRIED: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Records that are looked at where there are no names to go by: the first may be a broken one.
const RECORDS_TRIED: usize = 20;

/// A delimiter that was tried, and the cells that the first record has with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Try {
    delimiter: u8,
    cells: usize,
}

impl fmt::Display for Try {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delimiter, cells } = self;
        let cells = if *cells == 1 { "1 column".to_owned() } else { format!("{cells} columns") };
        write!(f, "{}: {cells}", word(*delimiter))
    }
}

/// How a delimiter is called in texts.
pub(super) fn word(delimiter: u8) -> String {
    match delimiter {
        b',' => "comma".to_owned(),
        b';' => "semicolon".to_owned(),
        b'\t' => "tab".to_owned(),
        b'|' => "bar".to_owned(),
        b' ' => "blank".to_owned(),
        other => format!("`{}`", char::from(other)),
    }
}

/// The delimiter that a first line `sep=;` names, as spreadsheets write and read it.
pub(super) fn named_by_line(bytes: &[u8], dialect: Dialect) -> Option<(u8, Extent)> {
    let extent = split::first_line(bytes);
    let line = bytes[..extent.length].trim_ascii_start();
    let line = line.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            let fits = may_delimit(*delimiter) && !dialect.is_quote(*delimiter);
            fits.then_some((*delimiter, extent))
        }
        _ => None,
    }
}

/// The delimiter of an input whose own was not found, which its quote is not.
pub(super) fn fallback(dialect: Dialect) -> u8 {
    TRIED.into_iter().find(|it| !dialect.is_quote(*it)).unwrap_or(dialect.delimiter)
}

/// Whether a byte can stand between cells: none that cells, quotes or lines are made of.
pub fn may_delimit(byte: u8) -> bool {
    byte == b'\t' || byte == b' ' || byte.is_ascii_punctuation() && byte != b'"' && byte != b'\''
}

/// The delimiter with which the first record is a header and has most names that are known.
pub(super) fn of_header(bytes: &[u8], splitter: Splitter, names: &ColumnNames) -> Option<u8> {
    let fitting = with_each(bytes, splitter).filter_map(|(dialect, record)| {
        let known = header::known_among(record, dialect, names)?;
        Some((known, dialect.delimiter))
    });
    fitting.reduce(|best, it| if it.0 > best.0 { it } else { best }).map(|it| it.1)
}

/// The delimiter with which most of the first records have so many cells, or one more for the reason of a reject.
pub(super) fn of_width(bytes: &[u8], splitter: Splitter, cells: usize) -> Option<u8> {
    let fitting = with_each(bytes, splitter).map(|(dialect, _)| {
        let splitter = Splitter { shape: Shape::Delimited(dialect), ..splitter };
        let fits = |it: &&[u8]| {
            let count = Fields::of(it, dialect).count();
            header::may_be_row(it, count, cells)
        };
        let records = splitter.records(bytes).take(RECORDS_TRIED);
        (records.filter(fits).count(), dialect.delimiter)
    });
    let fitting = fitting.filter(|it| it.0 > 0);
    fitting.reduce(|best, it| if it.0 > best.0 { it } else { best }).map(|it| it.1)
}

/// What was tried, for an error.
pub(super) fn tried(bytes: &[u8], splitter: Splitter) -> Vec<Try> {
    let told = |(dialect, record): (Dialect, &[u8])| Try {
        delimiter: dialect.delimiter,
        cells: Fields::of(record, dialect).count(),
    };
    with_each(bytes, splitter).map(told).collect()
}

/// The first record as each delimiter shows it.
fn with_each(bytes: &[u8], splitter: Splitter) -> impl Iterator<Item = (Dialect, &[u8])> {
    let quote = match splitter.shape {
        Shape::Delimited(dialect) => dialect.quote,
        Shape::Objects | Shape::Lists => None,
    };
    TRIED.into_iter().filter(move |it| Some(*it) != quote).map(move |delimiter| {
        let dialect = Dialect { delimiter, quote };
        let length = match (Splitter { shape: Shape::Delimited(dialect), ..splitter }).find(bytes) {
            Found::Whole(extent) => extent.length,
            Found::Beyond { .. } => bytes.len(),
        };
        (dialect, &bytes[..length.min(splitter.record_max)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing;

    const SPLITTER: Splitter = Splitter {
        shape: Shape::Delimited(Dialect { delimiter: b',', quote: Some(b'"') }),
        record_max: 64 << 10,
        width: None,
    };

    fn found(header: &str) -> Option<u8> {
        of_header(header.as_bytes(), SPLITTER, &testing::names())
    }

    #[test]
    fn the_delimiter_is_the_one_with_which_names_are_known() {
        assert_eq!(found("mailbox,pin\n1;2,3"), Some(b','));
        assert_eq!(found("mailbox;pin\n1,2;3"), Some(b';'));
        assert_eq!(found("pin\tmailbox\r\n"), Some(b'\t'));
        assert_eq!(found("\"pin\"|\"mailbox\"\n"), Some(b'|'));
        assert_eq!(found("mailbox\n"), Some(b','));
    }

    #[test]
    fn of_two_that_fit_the_one_with_more_names_counts() {
        assert_eq!(found("mailbox,x;pin;description;mailbox"), Some(b';'));
        assert_eq!(found("mailbox;x,pin,mailbox"), Some(b','));
    }

    #[test]
    fn a_line_without_known_names_has_no_delimiter() {
        for header in ["", "101;471188", "Mailbox;pin", "\"mailbox;pin"] {
            assert_eq!(found(header), None, "{header}");
        }
        let told: Vec<_> = tried(b"a;b;c\n", SPLITTER).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["comma: 1 column", "semicolon: 3 columns", "tab: 1 column", "bar: 1 column"]
        );
    }

    #[test]
    fn a_first_line_can_name_the_delimiter() {
        let named = |text: &str| {
            named_by_line(text.as_bytes(), Dialect::default()).map(|it| (it.0, it.1.next))
        };
        assert_eq!(named("sep=;\r\nmailbox"), Some((b';', 7)));
        assert_eq!(named("\"SEP=|\"\nmailbox"), Some((b'|', 8)));
        assert_eq!(named("sep=\t\nmailbox"), Some((b'\t', 6)));
        for text in ["sep=\nmailbox", "sep=ab\n", "sep=a\n", "sep=\"\n", "separator"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn without_names_the_number_of_cells_tells_the_delimiter() {
        assert_eq!(of_width(b"1;2,3;4\n", SPLITTER, 3), Some(b';'));
        assert_eq!(of_width(b"1,2,3\n\n1|2|3\n1|2|3\n", SPLITTER, 3), Some(b'|'));
        assert_eq!(of_width(b"1;2;3;boxlift_reason=x\n", SPLITTER, 3), Some(b';'));
        assert_eq!(of_width(b"1;2\n", SPLITTER, 3), None);
    }
}
