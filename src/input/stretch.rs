//! What holds for many records, found in one look over all their bytes: a look at each by itself costs more.
//!
//! Knows nothing of where records end, and refuses to say more of one than holds for all.

use std::ops::Range;

use memchr::memchr;

use crate::input::shape::Shape;

/// The bytes of some records, and what holds for all of them.
pub(super) struct Stretch<'a> {
    bytes: &'a [u8],
    /// The same as text; none where any of them is not UTF-8.
    text: Option<&'a str>,
    may_have_quote: bool,
    may_have_control: bool,
}

/// One record of a stretch.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// Its bytes without the line end.
    pub(super) bytes: &'a [u8],
    /// The same as text, where that is known.
    pub(super) text: Option<&'a str>,
    /// Whether the sign that stands around cells may be in it.
    pub(super) may_have_quote: bool,
    /// Whether a control character may be in it.
    pub(super) may_have_control: bool,
}

impl<'a> Stretch<'a> {
    /// Looks at the bytes of records of a shape.
    pub(super) fn of(bytes: &'a [u8], shape: Shape) -> Self {
        let quote = match shape {
            Shape::Delimited(dialect) => dialect.quote,
            Shape::Objects | Shape::Lists => None,
        };
        Self {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            may_have_quote: quote.is_some_and(|it| memchr(it, bytes).is_some()),
            may_have_control: has_control(bytes),
        }
    }

    /// The record at a place in it.
    pub(super) fn record(&self, place: Range<usize>) -> Record<'a> {
        let Self { bytes, text, may_have_quote, may_have_control } = self;
        Record {
            bytes: &bytes[place.clone()],
            text: text.and_then(|it| it.get(place)),
            may_have_quote: *may_have_quote,
            may_have_control: *may_have_control,
        }
    }
}

/// Whether some bytes of UTF-8 may hold a control character. Goes over all of them, which is faster than to stop at
/// the first; those of two bytes (U+0080 to U+009F) begin like signs that are as rare.
pub(super) fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, it| found | is_suspicious(*it))
}

fn is_suspicious(byte: u8) -> bool {
    is_control(byte) || byte == 0xC2
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t' && byte != b'\n' && byte != b'\r') || byte == 0x7F
}
