//! A JSONL line becomes cells. Refuses to guess types, and keeps the parser's words only where they repeat no value.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::error::Category;

use crate::input::Layout;
use crate::input::flat;
use crate::input::json::AnyValue;
use crate::input::json::Key;
use crate::input::json::Oddity;
use crate::input::names;
use crate::input::names::Noun;
use crate::input::record;
use crate::input::record::Draft;
use crate::input::stretch;
use crate::input::stretch::Record;
use crate::model::Cell;
use crate::model::ColumnNames;
use crate::model::Problem;
use crate::model::Rule;

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
    let known = layout.names().known.len();
    let may_have_control = record.may_have_control && stretch::has_control(text.as_bytes());
    row.keys.forget(known);
    if !may_have_control {
        if flat::read(text, layout.names(), row).is_some() {
            return Ok(());
        }
        row.blank(known);
        row.keys.forget(known);
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let object = Object { layout, row, may_have_control };
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

/// What is known of keys.
#[derive(Default)]
pub(super) struct Keys {
    /// At which place the key of each number stood when last met: most files have their keys in one order.
    places: Vec<usize>,
    /// Which were met in this object.
    seen: Vec<bool>,
}

impl Keys {
    /// Begins with another object.
    pub(super) fn forget(&mut self, known: usize) {
        self.seen.clear();
        self.seen.resize(known, false);
    }

    /// The place of a key that stands at some number. A name that is the same comes before one that is alike, so that
    /// what is remembered decides nothing.
    pub(super) fn place(&mut self, number: usize, key: &str, names: &ColumnNames) -> Option<usize> {
        if let Some(place) = self.remembered(number).filter(|it| names.known[*it] == key) {
            return Some(place);
        }
        let same = names.known.iter().position(|it| it == key);
        let place = same.or_else(|| names.known.iter().position(|it| names.fits(it, key)))?;
        // One with a quote stands in a line as an escape alone: its bytes are no sign of it.
        if !names.known[place].contains('"') {
            self.places.resize(self.places.len().max(number + 1).min(KEYS_MAX), place);
            if let Some(it) = self.places.get_mut(number) {
                *it = place;
            }
        }
        Some(place)
    }

    /// Where the key of a number stood when last met.
    pub(super) fn remembered(&self, number: usize) -> Option<usize> {
        self.places.get(number).copied()
    }

    /// Whether the key of a place is met for the first time in this object. From then on it is not.
    pub(super) fn is_first(&mut self, place: usize) -> bool {
        !std::mem::replace(&mut self.seen[place], true)
    }
}

/// Keys of an object whose places are remembered; further ones are looked for each time.
const KEYS_MAX: usize = 256;

/// Puts the values of an object into a row.
struct Object<'r, 'a> {
    layout: &'a Layout,
    row: &'r mut Draft<'a>,
    may_have_control: bool,
}

impl<'a> Object<'_, 'a> {
    fn put<A: MapAccess<'a>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let is_again = !self.row.keys.is_first(place);
        let mut nowhere = Cell::Absent;
        let cell = if is_again { &mut nowhere } else { &mut self.row.cells[place] };
        let may_have_control = self.may_have_control;
        let oddity = map.next_value_seed(AnyValue { cell, may_have_control })?;
        let oddity = if is_again { Some(Oddity::Again) } else { oddity };
        if let Some(oddity) = oddity {
            self.note(place, oddity);
        }
        Ok(())
    }

    #[cold]
    fn note(&mut self, place: usize, oddity: Oddity) {
        let name = &self.layout.names().known[place];
        let line = self.row.line;
        let (rule, message, help) = match oddity {
            Oddity::Control => {
                let Cell::Text(text) = std::mem::take(&mut self.row.cells[place]) else { return };
                self.row.note_control(line, name, &text);
                self.row.cells[place] = Cell::Text(text);
                return;
            }
            Oddity::Again => (
                Rule::JsonDuplicateKey,
                format!("the key `{name}` stands twice in the object"),
                "keep the one that is right",
            ),
            Oddity::Number => (
                Rule::JsonType,
                "the number is not an integer of at most 2^53 either way".to_owned(),
                "write digits alone, as in `5`, without a fraction or an exponent",
            ),
            Oddity::Nested => (
                Rule::JsonNested,
                "the value is an object or a list".to_owned(),
                "write a text or a number, as in `\"101\"`",
            ),
        };
        self.row.note(Problem::in_column(rule, line, name.clone(), message, help));
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
            if let Some(place) = self.row.keys.place(number - 1, &key, self.layout.names()) {
                self.put(place, &mut map)?;
            } else {
                self.note_other(&key, number);
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::Input;
    use crate::input::Settings;
    use crate::input::Source;
    use crate::input::testing::Kept;
    use crate::input::testing::jsonl;
    use crate::input::testing::rows_of;
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
    fn keys_may_stand_in_another_order_in_every_row() {
        let rows = jsonl(concat!(
            "{\"mailbox\":\"1\",\"pin\":\"2\",\"x\":1,\"description\":\"3\"}\n",
            "{\"pin\":\"5\",\"mailbox\":\"4\",\"description\":\"6\"}\n",
            "{\"x\":1,\"description\":\"9\",\"pin\":\"8\",\"mailbox\":\"7\",\"pin\":\"0\"}\n",
        ));
        let cells: Vec<_> = rows.iter().map(|it| it.cells[..3].to_vec()).collect();
        let of = |it: [&str; 3]| it.map(text).to_vec();
        assert_eq!(cells, [of(["1", "2", "3"]), of(["4", "5", "6"]), of(["7", "8", "9"])]);
        let unknown = Rule::UnknownColumn;
        let rules: Vec<_> = rows.iter().map(Kept::rules).collect();
        assert_eq!(rules, [vec![unknown], vec![], vec![unknown, Rule::JsonDuplicateKey]]);
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
    fn a_name_with_a_quote_in_it_is_known_by_its_escape_alone() {
        let known = ["mailbox", "a \"x\""].map(Cow::Borrowed).to_vec();
        let names = ColumnNames { known, ..crate::input::testing::names() };
        let told = |lines: &str| {
            let source = Source::spool(lines.as_bytes(), u64::MAX).unwrap();
            let input = Input::open(source, Format::Jsonl, Settings::new(names.clone()));
            rows_of(&mut input.unwrap()).iter().map(Kept::rules).collect::<Vec<_>>()
        };
        let (escaped, bare) =
            (r#"{"mailbox":"1","a \"x\"":"2"}"#, r#"{"mailbox":"1","a "x"":"2"}"#);
        let lines = [escaped, escaped, bare, escaped].join("\n");
        let broken = vec![Rule::UnknownColumn, Rule::JsonSyntax];
        assert_eq!(told(&lines), [vec![], vec![], broken, vec![]]);
    }

    #[test]
    fn keys_beyond_those_that_are_remembered_are_found_all_the_same() {
        let others: Vec<_> = (0..KEYS_MAX + 10).map(|it| format!("\"x{it}\":1")).collect();
        let line = |last: &str| format!("{{{},{last}}}\n", others.join(","));
        let rows = jsonl(line("\"pin\":\"1\"") + &line("\"description\":\"2\""));
        assert_eq!(rows[0].cells[1..3], [text("1"), Cell::Absent]);
        assert_eq!(rows[1].cells[1..3], [Cell::Absent, text("2")]);
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
