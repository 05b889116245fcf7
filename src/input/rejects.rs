//! Rows that are not done, as input again: their own bytes and the reason.
//!
//! Refuses to mend: a record that could not be read gets nothing that would let it pass for a row.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::input::RECORD_LINES_MAX;
use crate::input::fields::Field;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::header::Header;
use crate::input::header::REASON_MARK;
use crate::input::header::Slot;
use crate::input::json::Key;
use crate::input::layout;
use crate::input::list;
use crate::input::quoting::put_doubled;
use crate::input::shape::Dialect;
use crate::input::split;
use crate::model::ColumnNames;
use crate::model::REASON_COLUMN;

/// The header of the rejects: as it stood, with the column for the reason. Where an option names the columns there is
/// none.
pub(super) fn header(header: &Header, dialect: Dialect) -> Vec<u8> {
    let mut line = header.preamble.clone();
    let Some(names) = &header.bytes else { return line };
    line.extend_from_slice(names);
    if header.reason.is_none() {
        line.push(dialect.delimiter);
        line.extend_from_slice(REASON_COLUMN.as_bytes());
    }
    line.extend_from_slice(header.line_end());
    line
}

/// A delimited record with its reason.
pub(super) fn record(
    header: &Header,
    dialect: Dialect,
    bytes: &[u8],
    reason: &str,
    line: &mut Vec<u8>,
) {
    let fields: Vec<Field> = Fields::of(bytes, dialect).collect();
    line.extend_from_slice(bytes);
    if fields.last().is_some_and(|it| it.form == Form::Open) {
        close(header, dialect, fields.len(), reason, line);
        return;
    }
    let reason = match header.bytes {
        Some(_) => Cow::Borrowed(reason),
        None => Cow::Owned(format!("{REASON_MARK}{reason}")),
    };
    let is_row = fields.len() == header.columns.len();
    let is_reject = header.is_reject(bytes, dialect, fields.len());
    let place = if is_reject { Some(header.columns.len()) } else { header.reason };
    match place.map(|it| fields.get(it)) {
        Some(Some(field)) if is_row || is_reject => {
            line.truncate(line.len() - (bytes.len() - field.start));
            dialect.put_cell(plain(&reason).as_bytes(), line);
            line.extend_from_slice(&bytes[field.end..]);
        }
        // One cell more on every reading would make it a row some day.
        Some(_) => {}
        None if header.bytes.is_none() && !is_row => {}
        None => {
            line.push(dialect.delimiter);
            dialect.put_cell(plain(&reason).as_bytes(), line);
        }
    }
}

/// Closes an open quote, lest it take the following lines with it, and sees to it that the record stays ragged.
fn close(header: &Header, dialect: Dialect, cells: usize, reason: &str, line: &mut Vec<u8>) {
    line.push(dialect.delimiter);
    let is_special = |it: char| {
        it.is_control()
            || [Some(dialect.delimiter), dialect.quote]
                .map(|it| it.map(char::from))
                .contains(&Some(it))
    };
    line.extend_from_slice(reason.replace(is_special, " ").as_bytes());
    line.extend(dialect.quote);
    let columns = header.columns.len();
    let would_pass = match (&header.bytes, header.reason) {
        (Some(_), Some(_)) => cells == columns,
        (Some(_), None) => cells == columns + 1,
        // Without a header both are rows: with the reason of an earlier rejection and without.
        (None, _) => cells == columns || cells == columns + 1,
    };
    if would_pass {
        line.push(dialect.delimiter);
    }
}

/// A reason on one line.
fn plain(reason: &str) -> String {
    reason.replace(|it: char| it.is_control(), " ")
}

/// A spreadsheet's row as CSV, with its reason.
///
/// What stands where text belongs and is none is refused again when it is read as CSV: it is written as spreadsheets write
/// it. So is a row that CSV cannot hold: it becomes one cell.
pub(super) fn list(
    header: &Header,
    (names, record_max): (&ColumnNames, usize),
    bytes: &[u8],
    reason: &str,
    line: &mut Vec<u8>,
) {
    let entries = std::str::from_utf8(bytes).ok().and_then(list::entries).unwrap_or_default();
    let mut texts: Vec<_> = list::shown(&entries).into_iter().map(Cow::Borrowed).collect();
    let columns = header.columns.len();
    if texts.iter().skip(columns).all(|it| layout::is_blank(it)) {
        // What is blank beside the columns is passed over in a spreadsheet, and would be a cell too many here.
        texts.resize(columns, Cow::Borrowed(""));
    }
    for (place, entry) in &entries {
        let slot = header.columns.get(*place).map(|it| it.slot);
        if let Some(Slot::Known(column)) = slot
            && names.is_text(column)
            && let Some(exported) = list::exported(entry)
        {
            texts[*place] = Cow::Owned(exported);
        }
    }
    let reason = plain(reason);
    match header.reason {
        Some(place) => texts[place] = Cow::Borrowed(&reason),
        None => texts.push(Cow::Borrowed(&reason)),
    }
    let begin = line.len();
    Dialect::default().put_cells(texts.iter().map(|it| it.as_bytes()), line);
    let record = &line[begin..];
    if record.len() > record_max || split::count_lines(record) >= RECORD_LINES_MAX {
        line.truncate(begin);
        line.push(b'"');
        put_doubled(b'"', bytes, line);
        end_of_one_cell(&reason, line);
    }
}

/// What stands behind a spreadsheet's row that is one cell.
pub(super) fn end_of_one_cell(reason: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b"\",");
    Dialect::default().put_cell(plain(reason).as_bytes(), line);
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
