//! JSONL: what is accepted is an object to `serde_json` with the same values; no duplicate goes unseen.

use std::fmt;

use boxlift::input::Format;
use boxlift::model::Cell;
use boxlift::model::Rule;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;
use serde_json::value::RawValue;

use super::reading;
use super::reading::Kept;
use super::reading::NAMES;
use super::reading::Reading;

/// Most findings that are kept of one record; a duplicate behind them may go untold.
const FINDINGS: usize = 32;

/// Largest integer that is a cell, either way.
const INTEGER_MAX: u64 = 1 << 53;

/// Holds for a whole file.
pub(crate) fn holds(bytes: &[u8]) {
    let Some(reading) = Reading::of(Format::Jsonl, bytes) else { return };
    assert!(reading.header.is_empty(), "lines of JSON have no header");
    reading::each_byte_belongs_to_one_record(bytes, b"", &reading.rows);
    for row in &reading.rows {
        let line = &bytes[row.range()];
        if row.readable {
            is_the_object_of_its_line(row, line);
        } else {
            assert!(
                serde_json::from_slice::<Map<String, Value>>(line).is_err(),
                "line {} is an object and refused",
                row.span.line
            );
        }
    }
    reading::rejects_read_again(&reading);
}

fn is_the_object_of_its_line(row: &Kept, line: &[u8]) {
    let number = row.span.line;
    let object: Object<'_> = serde_json::from_slice(line)
        .unwrap_or_else(|_| panic!("line {number} is accepted and no object"));
    let mut duplicate = false;
    for (name, cell) in NAMES.iter().zip(&row.cells) {
        let mut values = object.0.iter().filter(|(key, _)| key == name).map(|it| it.1);
        let first = values.next();
        duplicate |= values.next().is_some();
        let wanted = first.map_or(Ok(Cell::Absent), cell_of);
        let told =
            row.rules.len() >= FINDINGS || wanted.as_ref().err().is_none_or(|rule| row.has(*rule));
        assert!(told, "a bad `{name}` on line {number} is not told");
        let is_same = *cell == wanted.unwrap_or_default();
        assert!(is_same, "`{name}` on line {number} has another value");
    }
    let told = row.has(Rule::JsonDuplicateKey);
    assert!(told == duplicate || row.rules.len() >= FINDINGS, "line {number}: a duplicate");
}

/// The cell that a value is, or the rule that it breaks.
fn cell_of(value: &RawValue) -> Result<Cell<'static>, Rule> {
    if value.get().starts_with(['{', '[']) {
        return Err(Rule::JsonNested);
    }
    match serde_json::from_str(value.get()).expect("a value that was accepted and is none") {
        Value::Null => Ok(Cell::Absent),
        Value::Bool(value) => Ok(Cell::Boolean(value)),
        Value::String(text) if text.is_empty() => Ok(Cell::Empty),
        Value::String(text) => Ok(Cell::Text(text.into())),
        Value::Number(number) => match number.as_i64() {
            Some(value) if value.unsigned_abs() <= INTEGER_MAX => Ok(Cell::Integer(value)),
            Some(_) | None => Err(Rule::JsonType),
        },
        Value::Array(_) | Value::Object(_) => Err(Rule::JsonNested),
    }
}

/// Every entry in its order.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            entries.push((key, value));
        }
        Ok(Object(entries))
    }
}
