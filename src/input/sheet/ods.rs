//! Open Document: one sheet's cells, in their order. Holds one row, since rows may be said once and meant many times.
//!
//! Read here and not by the library that reads .xlsx: that one keeps all sheets in memory, everything that is said once
//! and meant many times included.

use std::collections::HashSet;
use std::io::Read;

use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use crate::input::InputError;
use crate::input::Source;
use crate::input::sheet::Kind;
use crate::input::sheet::Listed;
use crate::input::sheet::archive;
use crate::input::sheet::archive::Archive;
use crate::input::sheet::archive::INFLATED_MAX;
use crate::input::sheet::archive::Metered;
use crate::input::sheet::error::SheetError;
use crate::input::sheet::grid::COLUMNS_MAX;
use crate::input::sheet::grid::Grid;
use crate::input::sheet::grid::ROWS_MAX;
use crate::input::sheet::grid::Value;
use crate::input::sheet::pick;
use crate::input::sheet::xml;
use crate::input::sheet::xml::EVENT_LENGTH_MAX;
use crate::input::sheet::xml::Events;
use crate::model::FORMULA_WITHOUT_VALUE;

/// Most sheets of one file.
const SHEETS_MAX: usize = 1024;

/// Longest name of a sheet or a style in bytes.
const NAME_LENGTH_MAX: usize = 1024;

/// The part with all sheets.
const CONTENT: &str = "content.xml";

/// Copies one sheet; gives the others that hold something too, hidden ones among them, where none was named.
pub(super) fn copy(
    source: &Source,
    named: Option<&str>,
    grid: &mut Grid<'_>,
) -> Result<Vec<Listed>, InputError> {
    let mut archive = archive::open(source)?;
    let mut left = INFLATED_MAX;
    refuse_protected(&mut archive, &mut left)?;
    let missing = SheetError::Incomplete { part: CONTENT, kind: Kind::Ods };
    let number = archive.index_for_name(CONTENT).ok_or(missing)?;
    let part = archive::part(&mut archive, number)?;
    let (sheets, filled) = list(Events::new(Metered::new(part, &mut left)))?;
    let picked = pick(&sheets, named)?;
    left = INFLATED_MAX;
    let part = archive::part(&mut archive, number)?;
    let mut events = Events::new(Metered::new(part, &mut left));
    copy_table(&mut events, picked, grid)?;
    let is_unread = |place: usize| named.is_none() && place != picked && filled[place];
    let unread = sheets.into_iter().enumerate().filter(|(place, _)| is_unread(*place));
    Ok(unread.map(|(_, it)| it).collect())
}

fn refuse_protected(archive: &mut Archive, left: &mut u64) -> Result<(), InputError> {
    let Some(number) = archive.index_for_name("META-INF/manifest.xml") else { return Ok(()) };
    let mut events = Events::new(Metered::new(archive::part(archive, number)?, left));
    loop {
        match events.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "encryption-data" => {
                return Err(SheetError::Protected.into());
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// All sheets, and which of them hold something.
fn list<R: Read>(mut events: Events<R>) -> Result<(Vec<Listed>, Vec<bool>), SheetError> {
    let (mut sheets, mut filled) = (Vec::new(), Vec::new());
    let mut hidden = HashSet::new();
    let mut style = None;
    let mut depth = 0_u32;
    loop {
        match events.next()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "style:style" => style = name(&tag, "style:name")?,
                "style:table-properties" => {
                    let is_hidden =
                        xml::attribute(&tag, "table:display")?.as_deref() == Some("false");
                    if let Some(style) = style.take().filter(|_| is_hidden) {
                        hidden.insert(style);
                    }
                }
                "table:table" => {
                    depth += 1;
                    if depth == 1 {
                        let style = name(&tag, "table:style-name")?.unwrap_or_default();
                        let name = name(&tag, "table:name")?.unwrap_or_default();
                        sheets.push(Listed { name, is_hidden: hidden.contains(&style) });
                        filled.push(false);
                    }
                }
                "table:table-cell" if depth > 0 => {
                    let is_filled = xml::attribute(&tag, "office:value-type")?.is_some()
                        || xml::attribute(&tag, "table:formula")?.is_some();
                    filled.iter_mut().rev().take(1).for_each(|it| *it |= is_filled);
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == "table:table" => {
                depth = depth.saturating_sub(1);
            }
            Event::Eof => return Ok((sheets, filled)),
            _ => {}
        }
        if sheets.len() > SHEETS_MAX || hidden.len() > SHEETS_MAX {
            return Err(SheetError::TooMuchToKeep);
        }
    }
}

fn name(tag: &BytesStart<'_>, attribute: &str) -> Result<Option<String>, SheetError> {
    let name = xml::attribute(tag, attribute)?;
    if name.as_ref().is_some_and(|it| it.len() > NAME_LENGTH_MAX) {
        return Err(SheetError::TextTooLong);
    }
    Ok(name)
}

/// A row as it is said.
#[derive(Default)]
struct Row {
    /// Cells that are not blank: the first column, how many columns, the value.
    cells: Vec<(u32, u32, Said)>,
    /// Bytes that these hold.
    length: u64,
    /// The column of the next one.
    column: u32,
}

/// A value that outlives its tag.
enum Said {
    Text(String),
    Number(f64),
    Boolean(bool),
    Date(String),
    Failure(String),
}

fn copy_table<R: Read>(
    events: &mut Events<R>,
    picked: usize,
    grid: &mut Grid<'_>,
) -> Result<(), InputError> {
    let (mut tables, mut depth, mut number) = (0, 0_u32, 0_u32);
    loop {
        let repeated = match events.next()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table" => {
                    depth += 1;
                    tables += usize::from(depth == 1);
                    continue;
                }
                "table:table-row" if depth == 1 && tables == picked + 1 => {
                    repeats(&tag, "table:number-rows-repeated", ROWS_MAX)?
                }
                _ => continue,
            },
            Event::End(tag) if tag.name().as_ref() == "table:table" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && tables == picked + 1 {
                    return Ok(());
                }
                continue;
            }
            Event::Eof => return Ok(()),
            _ => continue,
        };
        let row = read_row(events)?;
        let width: u64 = row.cells.iter().map(|it| u64::from(it.1)).sum();
        grid.expect(width * u64::from(repeated))?;
        for _ in 0..if row.cells.is_empty() { 0 } else { repeated } {
            put_row(&row, number, grid)?;
            number += 1;
        }
        if row.cells.is_empty() {
            number = number.saturating_add(repeated);
        }
    }
}

fn put_row(row: &Row, number: u32, grid: &mut Grid<'_>) -> Result<(), InputError> {
    for (first, count, said) in &row.cells {
        let value = match said {
            Said::Text(it) => Value::Text(it),
            Said::Number(it) => Value::Number(*it),
            Said::Boolean(it) => Value::Boolean(*it),
            Said::Date(it) => Value::Date(it),
            Said::Failure(it) => Value::Failure(it),
        };
        for column in *first..first.saturating_add(*count) {
            grid.put((number, column), value)?;
        }
    }
    Ok(())
}

fn repeats(tag: &BytesStart<'_>, attribute: &str, most: u32) -> Result<u32, SheetError> {
    let given = xml::attribute(tag, attribute)?;
    Ok(given.map_or(1, |it| it.parse().unwrap_or(most)).min(most))
}

/// Reads on to the end of a row.
fn read_row<R: Read>(events: &mut Events<R>) -> Result<Row, SheetError> {
    let mut row = Row::default();
    loop {
        let (cell, count) = match events.next()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table-cell" | "table:covered-table-cell" => {
                    let count = repeats(&tag, "table:number-columns-repeated", COLUMNS_MAX)?;
                    (Cell::of(&tag)?, count)
                }
                _ => continue,
            },
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(row),
            Event::Eof => return Err(SheetError::Damaged { what: "a row in it does not end" }),
            _ => continue,
        };
        let text = read_text(events)?;
        if let Some(said) = cell.said(text) {
            row.length += match &said {
                Said::Text(it) | Said::Date(it) | Said::Failure(it) => it.len() as u64 + 64,
                Said::Number(_) | Said::Boolean(_) => 64,
            };
            if row.length > EVENT_LENGTH_MAX {
                return Err(SheetError::TextTooLong);
            }
            row.cells.push((row.column, count, said));
        }
        row.column = row.column.saturating_add(count);
    }
}

/// What a cell's tag says.
struct Cell {
    kind: String,
    value: Option<String>,
    is_failure: bool,
    is_formula: bool,
}

impl Cell {
    fn of(tag: &BytesStart<'_>) -> Result<Self, SheetError> {
        let kind = xml::attribute(tag, "office:value-type")?.unwrap_or_default();
        let is_failure = xml::attribute(tag, "calcext:value-type")?.as_deref() == Some("error");
        let is_formula = xml::attribute(tag, "table:formula")?.is_some();
        let value = match kind.as_str() {
            "boolean" => xml::attribute(tag, "office:boolean-value")?,
            "date" => xml::attribute(tag, "office:date-value")?,
            "time" => xml::attribute(tag, "office:time-value")?,
            "string" => xml::attribute(tag, "office:string-value")?,
            _ => xml::attribute(tag, "office:value")?,
        };
        Ok(Self { kind, value, is_failure, is_formula })
    }

    /// Its value, where it has one; `text` is what people see.
    fn said(self, text: String) -> Option<Said> {
        let Self { kind, value, is_failure, is_formula } = self;
        if is_failure {
            return Some(Said::Failure(text));
        }
        match kind.as_str() {
            "" if is_formula => Some(Said::Failure(FORMULA_WITHOUT_VALUE.to_owned())),
            "" => None,
            "boolean" => Some(Said::Boolean(value.as_deref() == Some("true"))),
            "date" => Some(Said::Date(value.unwrap_or(text))),
            "time" => Some(Said::Date(value.map_or(text, |it| time_of_day(&it).unwrap_or(it)))),
            "string" => Some(Said::Text(value.unwrap_or(text))).filter(|it| !it.is_blank()),
            _ => match value.unwrap_or_default().parse() {
                Ok(number) => Some(Said::Number(number)),
                Err(_) => Some(Said::Text(text)),
            },
        }
    }
}

/// `PT08H30M00S` as `08:30:00`.
fn time_of_day(period: &str) -> Option<String> {
    let (hours, rest) = period.strip_prefix("PT")?.split_once('H')?;
    let (minutes, seconds) = rest.strip_suffix('S')?.split_once('M')?;
    Some(format!("{hours}:{minutes}:{seconds}"))
}

impl Said {
    fn is_blank(&self) -> bool {
        matches!(self, Self::Text(it) if it.is_empty())
    }
}

/// Reads on to the end of a cell: its paragraphs, a line each, without notes and what is drawn.
fn read_text<R: Read>(events: &mut Events<R>) -> Result<String, SheetError> {
    let mut text = String::new();
    let (mut paragraphs, mut inside, mut beside, mut depth) = (0, 0_u32, 0_u32, 0_u32);
    loop {
        let event = events.next()?;
        match &event {
            Event::Start(tag) => {
                depth += 1;
                match tag.name().as_ref() {
                    _ if beside > 0 => beside += 1,
                    "office:annotation" | "draw:frame" | "table:table" | "draw:custom-shape" => {
                        beside = 1;
                    }
                    "text:p" => {
                        inside += 1;
                        text.extend((paragraphs > 0).then_some('\n'));
                        paragraphs += 1;
                    }
                    "text:s" => {
                        let count = repeats(tag, "text:c", COLUMNS_MAX)?;
                        text.extend(std::iter::repeat_n(' ', count as usize));
                    }
                    "text:tab" => text.push('\t'),
                    "text:line-break" => text.push('\n'),
                    _ => {}
                }
            }
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(tag) => {
                depth -= 1;
                if beside > 0 {
                    beside -= 1;
                } else if tag.name().as_ref() == "text:p" {
                    inside = inside.saturating_sub(1);
                }
            }
            Event::Eof => return Err(SheetError::Damaged { what: "a cell in it does not end" }),
            piece if inside > 0 && beside == 0 => xml::add_text(&mut text, piece)?,
            _ => {}
        }
        if text.len() as u64 > EVENT_LENGTH_MAX {
            return Err(SheetError::TextTooLong);
        }
    }
}
