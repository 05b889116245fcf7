//! A spreadsheet's row, as a JSON list, becomes cells. Refuses to shift: what stands beside the header's columns is told.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use crate::input::Layout;
use crate::input::RECORD_LINES_MAX;
use crate::input::delimited;
use crate::input::header::Slot;
use crate::input::json::Key;
use crate::input::layout;
use crate::input::record;
use crate::input::record::Draft;
use crate::input::sheet::COLUMNS_MAX;
use crate::input::split;
use crate::input::stretch;
use crate::input::stretch::Record;
use crate::model::Cell;
use crate::model::Problem;
use crate::model::Rule;

/// Longest whole number that is written without an exponent.
const DIGITS_MAX: usize = 20;

/// What a spreadsheet's cell says.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Entry<'a> {
    /// Text, and what stands for a truth or for a formula that failed.
    Text(Cow<'a, str>),
    /// The digits of a number.
    Number(&'a str),
    /// A date or a time of day.
    Date(Cow<'a, str>),
}

/// The cells of a row that are not blank, by their places; none where the line is no such list.
pub(super) fn entries(text: &str) -> Option<Vec<(usize, Entry<'_>)>> {
    let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let mut entries = Vec::with_capacity(values.len());
    let mut place = 0;
    for value in values {
        match Item::of(value.get())? {
            Item::Blank(count) => place += usize::from(count),
            Item::Entry(entry) => {
                entries.push((place, entry));
                place += 1;
            }
        }
        if place > COLUMNS_MAX as usize {
            return None;
        }
    }
    Some(entries)
}

/// What the cells of a row show, blank ones among them.
pub(super) fn shown<'e>(entries: &'e [(usize, Entry<'_>)]) -> Vec<&'e str> {
    let width = entries.last().map_or(0, |it| it.0 + 1);
    let mut shown = vec![""; width];
    for (place, entry) in entries {
        shown[*place] = entry.shown();
    }
    shown
}

/// Reads a row. One that is shorter than the header has blanks at its end.
pub(super) fn read<'a>(
    layout: &'a Layout,
    record: Record<'a>,
    row: &mut Draft<'a>,
) -> Result<(), Problem> {
    let line = row.line;
    let text = record::text_of(layout, record, row, |_| None)?;
    let entries = entries(text).ok_or_else(|| {
        let message = "the row cannot be taken apart into cells";
        Problem::in_record(Rule::RaggedRow, line, message, "save the sheet as CSV")
    })?;
    let lines = entries.iter().map(|it| split::count_lines(it.1.shown().as_bytes())).sum::<u32>();
    if lines >= RECORD_LINES_MAX {
        return Err(too_many_lines(line, lines));
    }
    for (number, entry) in entries {
        let Some(column) = layout.header.columns.get(number) else {
            if entry.is_blank() {
                continue;
            }
            return Err(delimited::in_nameless(line, number));
        };
        match column.slot {
            Slot::Known(place) => {
                if let Entry::Text(text) = &entry
                    && stretch::has_control(text.as_bytes())
                {
                    row.note_control(line, &column.label, text);
                }
                row.cells[place] = entry.cell(layout);
            }
            Slot::Nameless if !entry.is_blank() => {
                return Err(delimited::in_nameless(line, number));
            }
            Slot::Nameless | Slot::Ignored | Slot::Refused => {}
        }
    }
    Ok(())
}

/// A row that no other form could hold.
fn too_many_lines(line: u32, lines: u32) -> Problem {
    let message = format!(
        "the texts of the row have {lines} line ends; at most {RECORD_LINES_MAX} lines are read"
    );
    let help = "shorten the texts, or take out the column if it is not needed";
    Problem::in_record(Rule::RecordTooLong, line, message, help)
}

/// A number or a date as spreadsheets write them into CSV where they are known by it: with a fraction or an exponent, and
/// with the time of day.
pub(super) fn exported(entry: &Entry<'_>) -> Option<String> {
    match entry {
        Entry::Number(digits) if digits.len() > DIGITS_MAX || digits.contains('.') => {
            let number: f64 = digits.parse().ok()?;
            let written = format!("{number:E}");
            let (mantissa, power) = written.split_once('E')?;
            let sign = if power.starts_with('-') { "" } else { "+" };
            Some(format!("{mantissa}E{sign}{power}"))
        }
        Entry::Number(digits) => Some(format!("{digits}.0")),
        Entry::Date(date) if date.contains(':') => None,
        Entry::Date(date) => Some(format!("{date} 00:00:00")),
        Entry::Text(_) => None,
    }
}

/// Part of a list.
enum Item<'a> {
    Blank(u16),
    Entry(Entry<'a>),
}

/// What is no text, number or truth.
#[derive(Deserialize)]
struct Tagged<'a> {
    blank: Option<u16>,
    #[serde(borrow)]
    date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error: Option<Cow<'a, str>>,
}

impl<'a> Item<'a> {
    fn of(json: &'a str) -> Option<Self> {
        Some(Self::Entry(match json.as_bytes().first()? {
            b't' => Entry::Text(Cow::Borrowed("TRUE")),
            b'f' => Entry::Text(Cow::Borrowed("FALSE")),
            b'"' => {
                let text = Key.deserialize(&mut serde_json::Deserializer::from_str(json));
                Entry::Text(text.ok()?)
            }
            b'{' => match serde_json::from_str(json).ok()? {
                Tagged { blank: Some(count), .. } => return Some(Self::Blank(count)),
                Tagged { blank: None, date: Some(date), error: _ } => Entry::Date(date),
                Tagged { blank: None, date: None, error } => Entry::Text(error?),
            },
            b'0'..=b'9' | b'-' => Entry::Number(json),
            _ => return None,
        }))
    }
}

impl<'a> Entry<'a> {
    /// Whether it says nothing.
    fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => layout::is_blank(text),
            Self::Number(_) | Self::Date(_) => false,
        }
    }

    /// What it shows.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Date(text) => text,
            Self::Number(digits) => digits,
        }
    }

    fn cell(self, layout: &Layout) -> Cell<'a> {
        match self {
            Self::Text(text) => layout.cell(text),
            Self::Number(digits) => Cell::Number(Cow::Borrowed(digits)),
            Self::Date(date) => Cell::Date(date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::Input;
    use crate::input::InputError;
    use crate::input::Limits;
    use crate::input::Settings;
    use crate::input::Source;
    use crate::input::testing;
    use crate::input::testing::Kept;
    use crate::input::testing::text;

    fn rows(lines: &str) -> Vec<Kept> {
        testing::rows_of(&mut testing::open(Format::Xlsx, lines.as_bytes()).unwrap())
    }

    fn number(digits: &str) -> Cell<'static> {
        Cell::Number(digits.to_owned().into())
    }

    #[test]
    fn cells_stand_where_the_first_row_that_is_not_blank_says() {
        let rows = rows(
            "\n\n[\" max_length \",{\"blank\":1},\"mailbox\",\"boxlift_reason\",\"description\"]\n\
             [5,\"x\",\"0201\",\"old\",\"a\\nb\"]\n\n[{\"blank\":2},201]\n\
             [1.5,{\"blank\":1},{\"date\":\"2024-03-01\"},{\"blank\":1},{\"error\":\"#N/A\"}]\n[true,{\"blank\":1},\"<empty>\",{\"blank\":1},\" \"]\n",
        );
        let absent = || Cell::Absent;
        assert_eq!(rows[0].cells, [text("0201"), absent(), text("a\nb"), number("5")]);
        assert_eq!(rows[1].cells, [number("201"), absent(), absent(), absent()]);
        let date = Cell::Date("2024-03-01".to_owned().into());
        assert_eq!(rows[2].cells, [date, absent(), text("#N/A"), number("1.5")]);
        assert_eq!(rows[3].cells, [Cell::Empty, absent(), absent(), text("TRUE")]);
        let lines: Vec<_> = rows.iter().map(|it| (it.span.line, it.readable)).collect();
        assert_eq!(lines, [(4, true), (6, true), (7, true), (8, true)]);
    }

    #[test]
    fn what_stands_beside_the_columns_costs_its_row() {
        let rows = rows(
            "[\"mailbox\",\"\"]\n[\"1\",{\"blank\":2},\" \"]\n[\"2\",3]\n[\"4\",\"\",\"5\"]\n",
        );
        let told = |row: &Kept| row.problems.iter().map(|it| it.3.clone()).collect::<Vec<_>>();
        assert_eq!((rows[0].readable, told(&rows[0])), (true, vec![]));
        assert_eq!(told(&rows[1]), ["a text stands in column 2, which has no name"]);
        assert_eq!(told(&rows[2]), ["a text stands in column 3, which has no name"]);
    }

    #[test]
    fn rejects_are_csv_with_the_same_cells_but_for_numbers_where_text_belongs() {
        let lines = "[\" mailbox\",\"pin\",\"max_length\",\"description\"]\n\
                     [\"0201\",4711,5,\"a, \\\"b\\\"\\nc\"]\n[202,{\"blank\":1},1.5]\n[\"1\",{\"blank\":3},7]\n";
        let mut input = testing::open(Format::Xlsx, lines.as_bytes()).unwrap();
        let rows = testing::rows_of(&mut input);
        let mut out = input.rejects_header();
        let mut records = input.records();
        for row in rows {
            records.reject(row.span, "not, done", &mut out).unwrap();
        }
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out,
            "mailbox,pin,max_length,description,boxlift_reason\n\
             0201,4711.0,5,\"a, \"\"b\"\"\nc\",\"not, done\"\n202.0,,1.5,,\"not, done\"\n1,,,,7,\"not, done\"\n"
        );
        let again = testing::csv(&out);
        assert_eq!(again[0].cells, [text("0201"), text("4711.0"), text("a, \"b\"\nc"), text("5")]);
        assert!(!again[2].readable);
    }

    /// What its rejects hold, and what becomes of them as CSV.
    fn rejected(lines: &str, record_max: usize) -> (String, Vec<Kept>) {
        let limits = Limits { record: record_max, ..Limits::default() };
        let settings = Settings { limits, ..testing::settings() };
        let open = |format, bytes: &[u8]| {
            Input::open(Source::spool(bytes, u64::MAX).unwrap(), format, settings.clone()).unwrap()
        };
        let mut input = open(Format::Xlsx, lines.as_bytes());
        let rows = testing::rows_of(&mut input);
        let mut out = input.rejects_header();
        let mut records = input.records();
        for row in rows {
            records.reject(row.span, "not\ndone", &mut out).unwrap();
        }
        let again = testing::rows_of(&mut open(Format::Csv, &out));
        (String::from_utf8(out).unwrap(), again)
    }

    #[test]
    fn a_blank_text_beside_the_columns_is_not_in_the_rejects() {
        let lines = "[\"mailbox\"]\n[\"1\",\" \",\"\"]\n[\"2\",\" \",3]\n";
        let (out, again) = rejected(lines, 1 << 10);
        assert_eq!(out, "mailbox,boxlift_reason\n1,not done\n2, ,3,not done\n");
        assert_eq!((again[0].readable, again[1].readable), (true, false));
    }

    #[test]
    fn a_row_that_csv_cannot_hold_is_refused_and_is_one_line_of_the_rejects() {
        let lines = |count: usize| "a\\n,".repeat(count);
        let read = |count| {
            let sheet = format!(
                "[\"mailbox\",\"pin\",\"description\"]\n[\"1\",\"2\",\"{}\"]\n[\"3\"]\n",
                lines(count)
            );
            let (out, again) = rejected(&sheet, 1 << 10);
            let rules: Vec<_> = again.iter().map(Kept::rules).collect();
            (rows(&sheet)[0].rules(), rules, out)
        };
        let (sheet, rejects, _) = read(49);
        assert_eq!((sheet, rejects), (vec![], vec![vec![], vec![]]));
        let (sheet, rejects, out) = read(50);
        assert_eq!(sheet, [Rule::RecordTooLong]);
        assert_eq!((rejects, out.lines().count()), (vec![vec![Rule::RaggedRow], vec![]], 3));
        let (_, rejects, out) = read(300);
        assert_eq!((rejects, out.lines().count()), (vec![vec![Rule::RecordTooLong], vec![]], 3));
    }

    #[test]
    fn a_control_character_is_told_by_its_column() {
        let rows = rows("[\"mailbox\",\"pin\"]\n[\"1\",\"4\\u00007\"]\n");
        let message = "the text holds the control character U+0000".to_owned();
        assert_eq!(rows[0].problems, [(Rule::ControlCharacter, 2, Some("pin".into()), message)]);
    }

    #[test]
    fn a_sheet_without_a_header_is_refused() {
        let refused = |lines: &str| testing::open(Format::Xlsx, lines.as_bytes()).unwrap_err();
        assert!(matches!(refused(""), InputError::Empty));
        assert!(matches!(refused("\n\n"), InputError::Empty));
        assert!(matches!(refused("[101,\"471188\"]\n"), InputError::NoHeader { .. }));
        assert!(matches!(refused("{}\n"), InputError::NoHeader { .. }));
    }
}
