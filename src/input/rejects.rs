//! Rows that are not done, as input again: their own bytes and the reason.
//!
//! Refuses to mend: a record that could not be read gets nothing that would let it pass for a row.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::input::fields::Field;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::header::Header;
use crate::input::object::Key;
use crate::model::REASON_COLUMN;

/// The header of the rejects: as it stood, with the column for the reason.
pub(super) fn header(header: &Header) -> Vec<u8> {
    let mut line = header.bytes.clone();
    if header.reason.is_none() {
        line.push(b',');
        line.extend_from_slice(REASON_COLUMN.as_bytes());
    }
    line.extend_from_slice(header.line_end());
    line
}

/// A CSV record with its reason.
pub(super) fn record(header: &Header, bytes: &[u8], reason: &str, line: &mut Vec<u8>) {
    let fields: Vec<Field> = Fields::of(bytes).collect();
    line.extend_from_slice(bytes);
    if fields.last().is_some_and(|it| it.form == Form::Open) {
        close(header, fields.len(), reason, line);
        return;
    }
    let is_row = fields.len() == header.columns.len();
    match header.reason.map(|it| fields.get(it)) {
        Some(Some(field)) if is_row => {
            line.truncate(line.len() - (bytes.len() - field.start));
            put_cell(reason, line);
            line.extend_from_slice(&bytes[field.end..]);
        }
        // One cell more on every reading would make it a row some day.
        Some(_) => {}
        None => {
            line.push(b',');
            put_cell(reason, line);
        }
    }
}

/// Closes an open quote, lest it take the following lines with it, and sees to it that the record stays ragged.
fn close(header: &Header, cells: usize, reason: &str, line: &mut Vec<u8>) {
    line.push(b',');
    let plain = |it: char| if it.is_control() || it == '"' || it == ',' { ' ' } else { it };
    line.extend_from_slice(reason.chars().map(plain).collect::<String>().as_bytes());
    line.push(b'"');
    let columns = header.columns.len() + usize::from(header.reason.is_none());
    if cells == columns {
        line.push(b',');
    }
}

fn put_cell(text: &str, line: &mut Vec<u8>) {
    let text = text.replace(|it: char| it.is_control(), " ");
    if text.contains([',', '"']) {
        line.extend_from_slice(format!("\"{}\"", text.replace('"', "\"\"")).as_bytes());
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

/// A JSONL line with its reason; one that is no object stays as it stood.
pub(super) fn object(bytes: &[u8], reason: &str, line: &mut Vec<u8>) {
    let parsed = std::str::from_utf8(bytes).ok().and_then(|it| Some((it, old_reasons(it)?)));
    let Some((text, old)) = parsed else {
        line.extend_from_slice(bytes);
        return;
    };
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in old {
        kept.push_str(&text[at..start]);
        at = end;
    }
    kept.push_str(&text[at..]);
    let inside = kept.trim_ascii_end().strip_suffix('}').unwrap_or_default();
    let comma = if inside.trim_ascii_end().ends_with('{') { "" } else { "," };
    line.extend_from_slice(inside.as_bytes());
    let reason = serde_json::Value::from(reason);
    line.extend_from_slice(format!("{comma}\"{REASON_COLUMN}\":{reason}}}").as_bytes());
}

/// Where old reasons stand, with one comma each; none for a line that is no object.
fn old_reasons(text: &str) -> Option<Vec<(usize, usize)>> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let values = parser.deserialize_map(Values).ok()?;
    parser.end().ok()?;
    let mut old = Vec::new();
    for (place, (key, value)) in values.iter().enumerate() {
        if key == REASON_COLUMN
            && let Some(range) = entry(text, value, old.len() < place)
        {
            old.push(range);
        }
    }
    Some(old)
}

/// The bytes of an entry whose key is written without escapes. The comma before it goes too if an entry before
/// it stays, else the comma behind it.
fn entry(text: &str, value: &RawValue, follows: bool) -> Option<(usize, usize)> {
    let value_start = (value.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let before = text.get(..value_start)?.trim_ascii_end().strip_suffix(':')?.trim_ascii_end();
    let before = before.strip_suffix('"')?.strip_suffix(REASON_COLUMN)?.strip_suffix('"')?;
    let end = value_start + value.get().len();
    if follows {
        return Some((before.trim_ascii_end().strip_suffix(',')?.len(), end));
    }
    let comma = text.get(end..)?.trim_ascii_start().strip_prefix(',');
    Some((before.len(), comma.map_or(end, |it| text.len() - it.len())))
}

/// Every entry of an object, its value as it is written.
struct Values;

impl<'a> Visitor<'a> for Values {
    type Value = Vec<(Cow<'a, str>, &'a RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            values.push((key, map.next_value()?));
        }
        Ok(values)
    }
}
