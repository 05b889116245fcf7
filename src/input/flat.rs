//! The object that nearly every line is: known keys, texts without escapes, small numbers. Read without the parser, at a
//! fraction of its price.
//!
//! Refuses to judge: of a line that is anything else the parser reads the whole, and every word about it is the parser's.

use memchr::memchr2;

use crate::input::json;
use crate::input::record::Draft;
use crate::model::Cell;
use crate::model::ColumnNames;

/// Digits of an integer that is a cell whatever they are; longer ones are the parser's.
const DIGITS_MAX: usize = 15;

/// Values that are words.
const WORDS: [(&str, Cell<'static>); 3] =
    [("null", Cell::Absent), ("true", Cell::Boolean(true)), ("false", Cell::Boolean(false))];

/// Puts the values of a line without control characters into a row, or leaves the row half filled and gives nothing.
pub(super) fn read<'a>(text: &'a str, names: &ColumnNames, row: &mut Draft<'a>) -> Option<()> {
    // Escapes, and a tab, which JSON refuses in a text.
    if memchr2(b'\\', b'\t', text.as_bytes()).is_some() {
        return None;
    }
    let mut line = Line { text, at: 0 };
    line.sign(b'{')?;
    let mut number = 0;
    loop {
        let remembered = row.keys.remembered(number);
        let place = match remembered.filter(|it| line.take_key(&names.known[*it])) {
            Some(place) => place,
            None => row.keys.place(number, line.quoted()?, names)?,
        };
        row.keys.is_first(place).then_some(())?;
        line.sign(b':')?;
        line.value(&mut row.cells[place])?;
        number += 1;
        if line.sign(b',').is_none() {
            break;
        }
    }
    line.sign(b'}')?;
    (line.at == text.len()).then_some(())
}

/// A line, and how far it was read. Whoever reads a part of it passes the blanks behind by.
struct Line<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Line<'a> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn pass_blanks(&mut self) {
        while self.next() == Some(b' ') {
            self.at += 1;
        }
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        (self.next() == Some(sign)).then_some(())?;
        self.at += 1;
        self.pass_blanks();
        Some(())
    }

    /// Passes a key by if it is this one.
    fn take_key(&mut self, key: &str) -> bool {
        let quoted = self.text.as_bytes()[self.at..].strip_prefix(b"\"");
        let behind = quoted.and_then(|it| it.strip_prefix(key.as_bytes()));
        let is_it = behind.is_some_and(|it| it.first() == Some(&b'"'));
        if is_it {
            self.at += key.len() + 2;
            self.pass_blanks();
        }
        is_it
    }

    /// What stands between quotes.
    fn quoted(&mut self) -> Option<&'a str> {
        (self.next() == Some(b'"')).then_some(())?;
        let begin = self.at + 1;
        // Nearly all are so short that a search by vectors costs more.
        let length = self.text.as_bytes()[begin..].iter().position(|it| *it == b'"')?;
        self.at = begin + length + 1;
        self.pass_blanks();
        self.text.get(begin..begin + length)
    }

    fn value(&mut self, cell: &mut Cell<'a>) -> Option<()> {
        match self.next()? {
            b'"' => json::put_text(self.quoted()?, cell),
            b'0'..=b'9' => *cell = Cell::Integer(self.integer()?),
            _word_or_more => {
                let rest = &self.text[self.at..];
                let (word, value) = WORDS.iter().find(|(word, _)| rest.starts_with(word))?;
                *cell = value.clone();
                self.at += word.len();
                self.pass_blanks();
            }
        }
        Some(())
    }

    fn integer(&mut self) -> Option<i64> {
        let begin = self.at;
        while self.next().is_some_and(|it| it.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = &self.text[begin..self.at];
        self.pass_blanks();
        let is_plain = digits.len() <= DIGITS_MAX && (digits == "0" || !digits.starts_with('0'));
        if is_plain { digits.parse().ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing;

    /// The cells of a line, where it needs no parser.
    fn cells(text: &str) -> Option<Vec<Cell<'_>>> {
        let names = testing::names();
        let mut row = Draft::default();
        row.blank(names.known.len());
        row.keys.forget(names.known.len());
        read(text, &names, &mut row)?;
        Some(row.cells)
    }

    #[test]
    fn plain_lines_need_no_parser() {
        let (one, five) = (Cell::Text("1".into()), Cell::Integer(5));
        let plain = [
            (r#"{"mailbox":"1"}"#, [one.clone(), Cell::Absent, Cell::Absent, Cell::Absent]),
            (
                r#"{ "max_length" : 5 , "description": "", "pin":null,"mailbox":"1" } "#,
                [one, Cell::Absent, Cell::Empty, five],
            ),
            (
                r#"{"mailbox":true,"pin":false,"description":"a}ü","max_length":0}"#,
                [
                    Cell::Boolean(true),
                    Cell::Boolean(false),
                    Cell::Text("a}ü".into()),
                    Cell::Integer(0),
                ],
            ),
        ];
        for (line, wanted) in plain {
            assert_eq!(cells(line).unwrap(), wanted, "{line}");
        }
    }

    #[test]
    fn all_others_are_the_parsers() {
        let values = ["", "-1", "01", "1.0", "1e3", "1234567890123456", "nul", "nullx", "[]", "{}"];
        let values = values.map(|it| format!("{{\"pin\":{it}}}"));
        let lines = [
            "",
            "{}",
            " {\"pin\":\"1\"}",
            "{\"pin\":\"1\"",
            "{\"pin\":\"1}",
            "{\"pin\":\"1\",}",
            "{\"pin\":\"1\"}}",
            "{\"pin\":\"1\"}\t",
            "{\"pin\" \"1\"}",
            "{pin:\"1\"}",
            "{\"x\":\"1\"}",
            "{\"pin\":\"1\",\"pin\":\"1\"}",
            "{\"pin\":\"\\n\"}",
            "{\"pin\":\"\t\"}",
        ];
        for line in values.iter().map(String::as_str).chain(lines) {
            assert!(cells(line).is_none(), "{line}");
        }
    }
}
