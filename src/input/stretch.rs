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
            text: simdutf8::basic::from_utf8(bytes).ok(),
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

#[cfg(test)]
mod tests {
    use crate::input::testing::Kept;
    use crate::input::testing::csv;
    use crate::input::testing::jsonl;
    use crate::input::testing::text;
    use crate::model::Rule;

    #[test]
    fn a_record_that_is_no_text_or_has_quotes_or_control_characters_leaves_the_others_as_they_are()
    {
        let odd: [(&[u8], Vec<Rule>); 4] = [
            (b"7,8,\xFC", vec![Rule::NotUtf8]),
            (b"7,8,\"a,b\"", vec![]),
            (b"7,8,a\x01", vec![Rule::ControlCharacter]),
            ("7,8,a\u{85}".as_bytes(), vec![Rule::ControlCharacter]),
        ];
        for (odd, rules) in odd {
            let mut file = b"mailbox,pin,description\n1,2,3\n".to_vec();
            file.extend_from_slice(odd);
            file.extend_from_slice("\n4,5,\u{FC}\n".as_bytes());
            let rows = csv(file);
            assert_eq!(rows[1].rules(), rules);
            assert_eq!(rows[0].cells[..3], [text("1"), text("2"), text("3")]);
            assert_eq!(rows[2].cells[..3], [text("4"), text("5"), text("\u{FC}")]);
            assert!(rows[0].problems.is_empty() && rows[2].problems.is_empty());
        }
    }

    #[test]
    fn control_characters_of_json_are_told_of_their_own_line() {
        let rows = jsonl("{\"pin\":\"1\"}\n{\"pin\":\"\u{7F}\"}\n{\"pin\":\"\\u0001\"}\n");
        let rules: Vec<_> = rows.iter().map(Kept::rules).collect();
        assert_eq!(rules, [vec![], vec![Rule::ControlCharacter], vec![Rule::ControlCharacter]]);
    }
}
