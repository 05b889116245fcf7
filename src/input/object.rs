//! A JSONL line becomes cells. Refuses to guess types, and keeps the parser's words only where they repeat no value.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::error::Category;

use crate::input::Layout;
use crate::input::names;
use crate::input::names::Noun;
use crate::input::record;
use crate::input::record::Draft;
use crate::input::stretch;
use crate::input::stretch::Record;
use crate::model::Cell;
use crate::model::Problem;
use crate::model::Rule;

/// Largest integer that every JSON program reads alike: 2^53.
const INTEGER_MAX: u64 = 1 << 53;

/// Reads a line, or says where it stops to be an object.
pub(super) fn read<'a>(
    layout: &'a Layout,
    record: Record<'a>,
    row: &mut Draft<'a>,
) -> Result<(), Problem> {
    let line = row.line;
    let text = record::text_of(layout, record, row, |_| None)?;
    if !text.trim_ascii_start().starts_with('{') {
        let message = "the line is no JSON object: character 1 is not `{`";
        return Err(Problem::in_record(Rule::JsonSyntax, line, message, SYNTAX_HELP));
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let object = Object { layout, row, expected: 0, seen: vec![false; layout.names().known.len()] };
    let read = parser.deserialize_map(object).and_then(|()| parser.end());
    read.map_err(|error| syntax(line, text, &error))
}

const SYNTAX_HELP: &str =
    "write one object a line, as in `{\"mailbox\":\"101\",\"description\":\"Reception\"}`";

/// The parser's message without a value: only those of the syntax have none.
fn syntax(line: u32, text: &str, error: &serde_json::Error) -> Problem {
    let whole = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let told = match error.classify() {
        Category::Syntax | Category::Eof => whole.strip_suffix(&place),
        Category::Data | Category::Io => None,
    };
    let before = text.as_bytes().get(..error.column()).unwrap_or(text.as_bytes());
    let character = String::from_utf8_lossy(before).chars().count();
    let told = told.unwrap_or("the line is no JSON object");
    let message = format!("{told}, at character {character}");
    Problem::in_record(Rule::JsonSyntax, line, message, SYNTAX_HELP)
}

/// Puts the values of an object into a row.
struct Object<'r, 'a> {
    layout: &'a Layout,
    row: &'r mut Draft<'a>,
    /// The place at which the next key is looked for first: most files have their keys in one order.
    expected: usize,
    seen: Vec<bool>,
}

impl<'a> Object<'_, 'a> {
    fn place(&mut self, key: &str) -> Option<usize> {
        let known = &self.layout.names().known;
        let mut places = (self.expected..known.len()).chain(0..self.expected);
        let names = self.layout.names();
        let place = places.find(|it| names.fits(&known[*it], key))?;
        self.expected = place + 1;
        Some(place)
    }

    fn put(&mut self, place: usize, value: Value<'a>) {
        let name = &self.layout.names().known[place];
        let line = self.row.line;
        if std::mem::replace(&mut self.seen[place], true) {
            let message = format!("the key `{name}` stands twice in the object");
            let help = "keep the one that is right";
            self.row.note(Problem::in_column(
                Rule::JsonDuplicateKey,
                line,
                name.clone(),
                message,
                help,
            ));
            return;
        }
        self.row.cells[place] = match value {
            Value::Cell(Cell::Text(text)) => {
                if stretch::has_control(text.as_bytes()) {
                    self.row.note_control(line, name, &text);
                }
                Cell::Text(text)
            }
            Value::Cell(cell) => cell,
            Value::Number => {
                let message = "the number is not an integer of at most 2^53 either way";
                let help = "write digits alone, as in `5`, without a fraction or an exponent";
                self.row.note(Problem::in_column(
                    Rule::JsonType,
                    line,
                    name.clone(),
                    message,
                    help,
                ));
                Cell::Absent
            }
            Value::Nested => {
                let message = "the value is an object or a list";
                let help = "write a text or a number, as in `\"101\"`";
                self.row.note(Problem::in_column(
                    Rule::JsonNested,
                    line,
                    name.clone(),
                    message,
                    help,
                ));
                Cell::Absent
            }
        };
    }

    fn note_other(&mut self, key: &str, number: usize) {
        let names = self.layout.names();
        if names.ignored.contains(&key) {
            return;
        }
        if names.loose {
            let label = Cow::Owned(Noun::Key.label(key, number));
            self.row.note(names::no_equivalent(Noun::Key, self.row.line, &[label]));
            return;
        }
        self.row.note(match names::reserved(names, key) {
            Some(name) => names::reserved_problem(Noun::Key, self.row.line, name),
            None => names::unknown_problem(Noun::Key, self.row.line, (key, number), names),
        });
    }
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(key) = map.next_key_seed(Key)? {
            number += 1;
            if let Some(place) = self.place(&key) {
                let value = map.next_value_seed(AnyValue)?;
                self.put(place, value);
            } else {
                self.note_other(&key, number);
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it is written without escapes.
pub(super) struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// What a key's value is.
enum Value<'a> {
    Cell(Cell<'a>),
    /// A number that is no small integer.
    Number,
    /// An object or a list.
    Nested,
}

struct AnyValue;

impl<'a> DeserializeSeed<'a> for AnyValue {
    type Value = Value<'a>;

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for AnyValue {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Cell(Cell::Absent))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Cell(Cell::Boolean(value)))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(text_value(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text_value(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(integer(value.try_into().ok()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(integer(Some(value)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Value::Number)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }
}

fn text_value(text: Cow<'_, str>) -> Value<'_> {
    Value::Cell(if text.is_empty() { Cell::Empty } else { Cell::Text(text) })
}

fn integer<'a>(value: Option<i64>) -> Value<'a> {
    match value {
        Some(value) if value.unsigned_abs() <= INTEGER_MAX => Value::Cell(Cell::Integer(value)),
        Some(_) | None => Value::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::Kept;
    use crate::input::testing::jsonl;
    use crate::input::testing::text;

    fn row(line: &str) -> Kept {
        let mut rows = jsonl(line);
        assert_eq!(rows.len(), 1, "{line}");
        rows.remove(0)
    }

    fn value(value: &str) -> (Vec<Rule>, Cell<'static>, bool) {
        let row = row(&format!("{{\"description\":{value}}}"));
        (row.rules(), row.cells[2].clone(), row.readable)
    }

    #[test]
    fn values_keep_their_types_and_keys_their_columns() {
        let it = row("{\"max_length\":5,\"pin\":null,\"mailbox\":\"007\",\"description\":\"\"}");
        assert_eq!(it.cells, [text("007"), Cell::Absent, Cell::Empty, Cell::Integer(5)]);
        assert_eq!((it.problems, it.readable), (vec![], true));
    }

    #[test]
    fn texts_have_their_escapes_undone_and_no_empty_token() {
        assert_eq!(value(r#""a\"\u00fc\nb""#), (vec![], text("a\"ü\nb"), true));
        assert_eq!(value(r#""<empty>""#), (vec![], text("<empty>"), true));
        assert_eq!(value("true"), (vec![], Cell::Boolean(true), true));
    }

    #[test]
    fn only_integers_up_to_two_to_the_53_are_numbers() {
        let largest = 1_i64 << 53;
        for number in [largest, -largest, 0] {
            assert_eq!(value(&number.to_string()), (vec![], Cell::Integer(number), true));
        }
        for number in ["9007199254740993", "-9007199254740993", "1e3", "1.0", "-0", "1e99"] {
            assert_eq!(value(number), (vec![Rule::JsonType], Cell::Absent, true), "{number}");
        }
        assert_eq!(value("1e999").0, [Rule::JsonSyntax]);
    }

    #[test]
    fn nested_values_are_refused_however_deep() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for nested in ["[]", "{\"mailbox\":{}}", "[1,[2]]", &deep] {
            assert_eq!(value(nested), (vec![Rule::JsonNested], Cell::Absent, true));
        }
        assert_eq!(value(&"[".repeat(10_000)).0, [Rule::JsonSyntax]);
    }

    #[test]
    fn all_findings_of_a_line_are_told_at_once() {
        let it = row(
            r#"{"mailbox":"1","mailbox":"2","pinn":"471188","471188":[1],"Password":1,"boxlift_reason":{},"pin":[],"description":"\u0000"}"#,
        );
        let messages: Vec<_> = it.problems.iter().map(|it| it.3.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the key `mailbox` stands twice in the object",
                "the key `pinn` is not known",
                "the name of key 4 is not known",
                "the key `password` belongs to the connection, not to a row",
                "the value is an object or a list",
                "the text holds the control character U+0000",
            ]
        );
        assert!(it.readable);
    }

    #[test]
    fn broken_lines_are_told_by_position_and_never_by_value() {
        let told = |line: &str| {
            let it = row(line);
            assert!(!it.readable && !format!("{:?}", it.problems).contains("471188"), "{line}");
            it.problems[0].3.clone()
        };
        assert_eq!(told("[471188]"), "the line is no JSON object: character 1 is not `{`");
        assert_eq!(told("\"471188\""), "the line is no JSON object: character 1 is not `{`");
        assert_eq!(
            told("{\"description\":\"ü\" \"471188\"}"),
            "expected `,` or `}`, at character 20"
        );
        assert_eq!(told("{\"pin\":471188} {}"), "trailing characters, at character 16");
        assert_eq!(told("{\"pin\":\"471188"), "EOF while parsing a string, at character 14");
        assert_eq!(told("{\"pin\":471188x}"), "expected `,` or `}`, at character 14");
        assert_eq!(
            told("{\"pin\":\"471188\\ud800\"}"),
            "unexpected end of hex escape, at character 21"
        );
        assert_eq!(told("{471188:1}"), "key must be a string, at character 2");
        assert_eq!(
            told("{\"pin\":\"471188\u{1}\"}"),
            "control character (\\u0000-\\u001F) found while parsing a string, at character 15"
        );
    }

    #[test]
    fn what_was_found_before_a_line_breaks_is_kept() {
        let it = row("{\"pinn\":1,\"pin\":}");
        assert_eq!(it.rules(), [Rule::UnknownColumn, Rule::JsonSyntax]);
    }

    #[test]
    fn blank_lines_and_a_byte_order_mark_are_no_rows() {
        let rows = jsonl("\u{FEFF}\n \t\r\n{\"mailbox\":\"1\"}\r{\"mailbox\":\"2\"}");
        let told: Vec<_> = rows.iter().map(|it| (it.span.line, it.cells[0].clone())).collect();
        assert_eq!(told, [(3, text("1")), (4, text("2"))]);
        assert!(jsonl("").is_empty());
    }

    #[test]
    fn a_line_that_is_not_utf8_is_told_by_its_byte() {
        let rows = jsonl(b"{\"description\":\"\xFC\"}\n{}");
        let message = "byte 17 of line 1 is not UTF-8 (offset 16 in the file)".to_owned();
        assert_eq!(rows[0].problems, [(Rule::NotUtf8, 1, None, message)]);
        assert_eq!(rows.len(), 2);
    }
}
