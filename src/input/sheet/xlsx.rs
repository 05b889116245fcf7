//! Office Open XML: one sheet's cells, in their order, by a library that is given nothing but parts that were looked at.

use std::fs::File;
use std::io::BufReader;

use calamine::DataRef;
use calamine::ExcelDateTime;
use calamine::Reader;
use calamine::SheetType;
use calamine::SheetVisible;
use calamine::Xlsx;
use calamine::XlsxError;
use zip::ZipWriter;

use crate::input::InputError;
use crate::input::Source;
use crate::input::sheet::Kind;
use crate::input::sheet::Listed;
use crate::input::sheet::archive;
use crate::input::sheet::archive::Archive;
use crate::input::sheet::archive::INFLATED_MAX;
use crate::input::sheet::archive::Metered;
use crate::input::sheet::census;
use crate::input::sheet::error::SheetError;
use crate::input::sheet::grid::Grid;
use crate::input::sheet::grid::Value;
use crate::input::sheet::pick;
use crate::model::FORMULA_WITHOUT_VALUE;

type Book = Xlsx<BufReader<File>>;

/// Copies one sheet; gives the others that hold something too, hidden ones among them, where none was named.
pub(super) fn copy(
    source: &Source,
    named: Option<&str>,
    grid: &mut Grid<'_>,
) -> Result<Vec<Listed>, InputError> {
    let mut archive = archive::open(source)?;
    let parts = BufReader::new(known_parts(&mut archive)?);
    let mut book = Xlsx::new(parts).map_err(|error| told(&error))?;
    let sheets = book.sheets_metadata().iter().filter(|it| it.typ == SheetType::WorkSheet);
    let listed = |it: &calamine::Sheet| Listed {
        name: it.name.clone(),
        is_hidden: it.visible != SheetVisible::Visible,
    };
    let sheets: Vec<_> = sheets.map(listed).collect();
    let picked = pick(&sheets, named)?;
    copy_cells(&mut book, &sheets[picked].name, grid)?;
    let mut unread = Vec::new();
    for (place, sheet) in sheets.into_iter().enumerate() {
        if named.is_none() && place != picked && holds_any(&mut book, &sheet.name)? {
            unread.push(sheet);
        }
    }
    Ok(unread)
}

/// An archive with those parts alone that are read, none of which asks for too much.
fn known_parts(archive: &mut Archive) -> Result<File, InputError> {
    let spool = |reason| InputError::Spool { reason };
    let mut parts = ZipWriter::new(tempfile::tempfile().map_err(spool)?);
    let mut left = INFLATED_MAX;
    let mut kept = 0;
    let mut has_book = false;
    for number in 0..archive.len() {
        let part = archive::part(archive, number)?;
        let name = part.name().map_err(|_| archive::damaged())?.to_ascii_lowercase();
        if name.ends_with("workbook.bin") {
            return Err(SheetError::Binary.into());
        }
        let Some(part) = census::look(Metered::new(part, &mut left))? else { continue };
        kept += part.kept;
        if kept > census::KEPT_MAX {
            return Err(SheetError::TooMuchToKeep.into());
        }
        has_book |= part.root == census::Root::Workbook;
        let part = archive.by_index_raw(number).map_err(|_| archive::damaged())?;
        parts.raw_copy_file(part).map_err(|error| spool(error.into()))?;
    }
    if !has_book {
        return Err(SheetError::Incomplete { part: "workbook.xml", kind: Kind::Xlsx }.into());
    }
    parts.finish().map_err(|error| spool(error.into()))
}

fn copy_cells(book: &mut Book, sheet: &str, grid: &mut Grid<'_>) -> Result<(), InputError> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| told(&error))?;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|it| told(&it))? {
        let place = cell.pos;
        match &cell.value {
            DataRef::Empty if cell.formula.is_some() => {
                grid.put(place, Value::Failure(FORMULA_WITHOUT_VALUE))?;
            }
            DataRef::Empty => {}
            DataRef::String(text) => put_text(grid, place, text)?,
            DataRef::SharedString(text) => put_text(grid, place, text)?,
            DataRef::Float(number) => grid.put(place, Value::Number(*number))?,
            DataRef::Int(number) => {
                let number = number.to_string().parse().unwrap_or(f64::NAN);
                grid.put(place, Value::Number(number))?;
            }
            DataRef::Bool(it) => grid.put(place, Value::Boolean(*it))?,
            DataRef::DateTime(it) => grid.put(place, Value::Date(&date(it)))?,
            DataRef::DateTimeIso(it) | DataRef::DurationIso(it) => {
                grid.put(place, Value::Date(it))?;
            }
            DataRef::Error(it) => grid.put(place, Value::Failure(&it.to_string()))?,
        }
    }
    Ok(())
}

fn put_text(grid: &mut Grid<'_>, place: (u32, u32), text: &str) -> Result<(), InputError> {
    if text.is_empty() { Ok(()) } else { grid.put(place, Value::Text(text)) }
}

fn holds_any(book: &mut Book, sheet: &str) -> Result<bool, InputError> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| told(&error))?;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|it| told(&it))? {
        if cell.value != DataRef::Empty || cell.formula.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A day, a time of day, or both, as far as the cell has them.
fn date(it: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = it.to_ymd_hms_milli();
    let is_time = it.is_duration() || it.as_f64() < 1.0;
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if is_time {
        time
    } else if it.as_f64().fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {time}")
    }
}

fn told(error: &XlsxError) -> SheetError {
    match error {
        XlsxError::Password => SheetError::Protected,
        XlsxError::Zip(_) | XlsxError::Io(_) => archive::damaged(),
        _ => SheetError::Damaged { what: "its parts do not fit together" },
    }
}
