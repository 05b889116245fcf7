//! How a text is written as a cell, so that it reads again as one. Refuses to shift: where nothing is a quote, what would
//! end the cell gives way.

use crate::input::shape::Dialect;

impl Dialect {
    /// Appends a text as one cell.
    pub(super) fn put_cell(self, text: &[u8], line: &mut Vec<u8>) {
        let Some(quote) = self.quote else {
            let filler = if self.delimiter == b' ' { b'_' } else { b' ' };
            line.extend(text.iter().map(|it| if self.is_special(*it) { filler } else { *it }));
            return;
        };
        if text.iter().any(|it| self.is_special(*it)) {
            line.push(quote);
            put_doubled(quote, text, line);
            line.push(quote);
        } else {
            line.extend_from_slice(text);
        }
    }

    /// Appends the cells of a record.
    pub(super) fn put_cells<T: AsRef<[u8]>>(
        self,
        cells: impl IntoIterator<Item = T>,
        line: &mut Vec<u8>,
    ) {
        for (number, cell) in cells.into_iter().enumerate() {
            if number > 0 {
                line.push(self.delimiter);
            }
            self.put_cell(cell.as_ref(), line);
        }
    }

    /// Whether a byte means something around cells.
    fn is_special(self, byte: u8) -> bool {
        byte == self.delimiter || self.is_quote(byte) || matches!(byte, b'\n' | b'\r')
    }
}

/// Appends what stands between two quotes.
pub(super) fn put_doubled(quote: u8, text: &[u8], line: &mut Vec<u8>) {
    for byte in text {
        line.extend(std::iter::repeat_n(*byte, 1 + usize::from(*byte == quote)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::fields::Fields;

    #[test]
    fn cells_read_again_as_what_was_written() {
        let texts = ["plain", "", "a;b", "it's", "'", "a\nb\r\nc", "\"x\"", "ü, ö"];
        for quote in [b'\'', b'"'] {
            let dialect = Dialect { delimiter: b';', quote: Some(quote) };
            let mut line = Vec::new();
            dialect.put_cells(texts, &mut line);
            let line = String::from_utf8(line).unwrap();
            let fields = Fields::of(line.as_bytes(), dialect);
            let read: Vec<_> = fields.map(|it| it.text(&line, dialect).into_owned()).collect();
            assert_eq!(read, texts, "{line}");
        }
    }

    #[test]
    fn without_a_quote_a_cell_stays_one_whatever_the_delimiter() {
        for (delimiter, wanted) in [(b';', "a b c \"d\";e,f"), (b' ', "a_b_c_\"d\" e,f")] {
            let dialect = Dialect { delimiter, quote: None };
            let mut line = Vec::new();
            let text = format!("a{0}b{0}c{0}\"d\"", char::from(delimiter));
            dialect.put_cells([text.as_str(), "e,f"], &mut line);
            assert_eq!(String::from_utf8(line).unwrap(), wanted);
        }
    }
}
