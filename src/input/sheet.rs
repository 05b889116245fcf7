//! Spreadsheets, copied into lines that each hold one row as a JSON list: line 7 is row 7 of the sheet.
//!
//! Texts stay texts and numbers stay numbers: `["0201",5,true,{"blank":2},{"date":"2024-03-01"},{"error":"#N/A"}]`. Refuses
//! what no spreadsheet needs: it may be made to fill the memory.

mod archive;
mod census;
mod error;
mod grid;
mod ods;
mod xlsx;
mod xml;

pub(super) use archive::refuse_container;
pub use error::SheetError;
pub(super) use grid::COLUMNS_MAX;

use crate::input::InputError;
use crate::input::Limits;
use crate::input::Source;
use crate::input::sheet::grid::Grid;
use crate::input::spool::Spool;
use crate::model::Problem;
use crate::model::Rule;

/// Most bytes that the rows of a sheet become.
const ROWS_LENGTH_MAX: u64 = 2 << 30;

/// Sheets that are named in a text.
const NAMED_MAX: usize = 10;

/// Characters that are shown of a sheet's name; spreadsheets take 31.
const NAME_SHOWN_MAX: usize = 40;

/// What to do where several sheets hold something.
pub(super) const SEVERAL_HELP: &str = "name the sheet to read, as in `--sheet Mailboxes`";

/// A kind of spreadsheet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Office Open XML.
    Xlsx,
    /// Open Document.
    Ods,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
        }
    }
}

/// Copies the rows of one sheet: the one that is named, else the first.
pub(super) fn copy(
    source: Source,
    kind: Kind,
    named: Option<&str>,
    limits: Limits,
) -> Result<Source, InputError> {
    let mut spool = Spool::new(limits.input.min(ROWS_LENGTH_MAX))?;
    let mut grid = Grid::new(&mut spool, limits.rows);
    let unread = match kind {
        Kind::Xlsx => xlsx::copy(&source, named, &mut grid)?,
        Kind::Ods => ods::copy(&source, named, &mut grid)?,
    };
    grid.finish()?;
    let problem = (!unread.is_empty()).then(|| several(&unread));
    Ok(source.copied(spool.finish()?).noted(problem))
}

/// Picks the sheet that is named, else the first that people see.
fn pick(sheets: &[Listed], named: Option<&str>) -> Result<usize, SheetError> {
    let Some(named) = named else {
        let seen = sheets.iter().position(|it| !it.is_hidden);
        return if sheets.is_empty() { Err(SheetError::Empty) } else { Ok(seen.unwrap_or(0)) };
    };
    let exact = sheets.iter().position(|it| it.name == named);
    exact.ok_or_else(|| SheetError::NoSuchSheet {
        named: shown(named),
        sheets: listed(sheets.iter()),
    })
}

/// A sheet of a spreadsheet.
struct Listed {
    name: String,
    is_hidden: bool,
}

impl Listed {
    fn shown(&self) -> String {
        let Self { name, is_hidden } = self;
        format!("`{}`{}", shown(name), if *is_hidden { " (hidden)" } else { "" })
    }
}

fn several(unread: &[Listed]) -> Problem {
    let names = listed(unread.iter());
    let message = format!("the first sheet is read, and {names} not");
    Problem::in_record(Rule::SeveralSheets, 1, message, SEVERAL_HELP)
}

fn listed<'n>(sheets: impl ExactSizeIterator<Item = &'n Listed>) -> String {
    let more = sheets.len().saturating_sub(NAMED_MAX);
    let mut listed: Vec<_> = sheets.take(NAMED_MAX).map(Listed::shown).collect();
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    listed.join(", ")
}

fn shown(name: &str) -> String {
    let plain = |it: char| if it.is_control() || it == '`' { '?' } else { it };
    name.chars().take(NAME_SHOWN_MAX).map(plain).collect()
}
