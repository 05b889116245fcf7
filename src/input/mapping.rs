//! How the cells of another system's row become cells of ours: one value for built-in systems and for `--map` files.
//!
//! Rows stay where they are: a record is read as ever, into the source's columns, and its cells are made anew from
//! those. Refuses to drop anything in silence, and to show a cell of a column that may hold a PIN.

mod builder;
mod file;
mod options;
mod rewrite;
mod steps;
#[cfg(test)]
mod tests;
mod way;
mod zones;

use std::borrow::Cow;

pub(super) use builder::Builder;
pub(super) use builder::NO;
pub use file::MapError;
pub(super) use options::option_value;
pub(super) use steps::Other;
pub(super) use way::column;
pub(super) use way::columns;
pub(super) use way::constant;
pub(super) use way::option;
pub(super) use zones::SAMPLE_ZONES;
pub(super) use zones::is_zone;

use crate::input::InputError;
use crate::input::header::Header;
use crate::input::layout::Settings;
use crate::input::mapping::options::Known;
use crate::input::mapping::steps::Desk;
use crate::input::mapping::way::Test;
use crate::input::mapping::way::Way;
use crate::input::record::Draft;
use crate::model::Cell;
use crate::model::ColumnNames;
use crate::model::Problem;
use crate::model::Retyped;
use crate::model::Rule;

/// A text of a mapping: of the program for a system, of a file for a map.
type Text = Cow<'static, str>;

/// How native cells are made from the cells of a source's row.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The source's columns that are read.
    names: ColumnNames,
    /// Names of columns that stand in this order in a file without a header.
    fixed_order: Option<&'static [&'static str]>,
    targets: Vec<Target>,
    exclusions: Vec<Exclusion>,
    lists: Vec<OptionList>,
    remarks: Vec<Remark>,
    /// The source is a voicemail.conf, or the CSV that is made of one.
    reads_conf: bool,
    /// The file must have every column that is read.
    reads_all: bool,
    /// Which of the source's columns the file has.
    present: Vec<bool>,
}

/// How one native column is made.
#[derive(Clone, Debug)]
struct Target {
    /// Its place among the native columns.
    place: usize,
    /// Its cells are nobody's to see.
    is_secret: bool,
    /// Its digits are a text.
    is_text: bool,
    /// The first that gives anything counts.
    ways: Vec<Way<usize>>,
    /// What holds where the row gives nothing and no option does.
    otherwise: Option<Way<usize>>,
    /// The place of the column that an option must fill; a blank text is sent as an empty one then.
    told: Option<usize>,
}

/// Which rows the source leaves out.
#[derive(Clone, Debug)]
struct Exclusion {
    test: Test<usize>,
    reason: String,
    /// Which rows have a word that says neither that they are left out nor that they are not.
    doubt: Option<Test<usize>>,
}

/// A column that holds options, as in `attach=yes|saycid=no`, and those that are read.
#[derive(Clone, Debug)]
struct OptionList {
    column: usize,
    known: Vec<Known>,
}

/// What is said of rows with another word in a column.
#[derive(Clone, Debug)]
struct Remark {
    test: Test<usize>,
    message: Text,
    help: Text,
}

impl Mapping {
    /// The source's columns.
    pub(super) fn names(&self) -> &ColumnNames {
        &self.names
    }

    /// The columns of a file without a header, where the source has such.
    pub(super) fn fixed_order(&self) -> Option<&'static [&'static str]> {
        self.fixed_order
    }

    /// Whether the source may be a voicemail.conf.
    pub(super) fn reads_conf(&self) -> bool {
        self.reads_conf
    }

    /// Whether it can fill a native column.
    pub(super) fn fills(&self, place: usize) -> bool {
        self.targets.iter().any(|it| it.place == place)
    }

    /// Learns which columns the file has; where records name their cells themselves, any may be in any row.
    pub(super) fn bind(&mut self, header: &Header) -> Result<(), InputError> {
        let has = |place| header.columns.is_empty() || header.has(place);
        self.present = (0..self.names.known.len()).map(has).collect();
        match self.present.iter().position(|it| !it) {
            Some(missing) if self.reads_all => {
                Err(InputError::NoMapColumn { column: self.names.known[missing].clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The same, where the file must have every column that is named.
    fn of_a_file(self) -> Self {
        Self { reads_all: true, ..self }
    }

    /// Makes the row's native cells from `source`, and says why the source leaves the row out, if it does.
    pub(super) fn apply<'a>(
        &'a self,
        source: &[Cell<'a>],
        settings: &'a Settings,
        row: &mut Draft<'a>,
    ) -> Option<&'a str> {
        row.cells.clear();
        row.cells.resize(settings.names.known.len(), Cell::Absent);
        let fits = |it: &&Exclusion| self.present[it.test.column] && it.test.holds(source);
        let excluded = self.exclusions.iter().find(fits);
        let is_given = |place: usize| {
            let fits = |(it, text): &(usize, String)| {
                *it == place && matches!(settings.cell(Cow::Borrowed(text)), Cell::Text(_))
            };
            settings.fill.iter().any(fits)
        };
        let targets = self.targets.iter().filter(|it| it.told.is_none_or(is_given));
        for target in targets.clone() {
            row.cells[target.place] = self.cell((target, &target.ways), source, settings, row);
        }
        settings.fill(&mut row.cells);
        for target in targets {
            if row.cells[target.place] == Cell::Absent {
                let ways = target.otherwise.as_slice();
                row.cells[target.place] = self.cell((target, ways), source, settings, row);
            }
        }
        self.remark(source, row);
        let Some(Exclusion { reason, .. }) = excluded else {
            self.doubt(source, row);
            return None;
        };
        // Nothing is sent of it, so nothing is wrong with it.
        row.forget_problems();
        Some(reason)
    }

    fn cell<'a>(
        &'a self,
        (target, ways): (&Target, &'a [Way<usize>]),
        source: &[Cell<'a>],
        settings: &'a Settings,
        row: &mut Draft<'a>,
    ) -> Cell<'a> {
        for way in ways {
            if let Some(column) = way.as_it_is()
                && source[column] != Cell::Absent
            {
                return source[column].clone();
            }
            // Nothing is made of what may have lost digits, so that the check sees it as it stands.
            let mut cells = way.columns().iter().map(|it| &source[*it]);
            if target.is_text
                && let Some(own) = cells.find(|it| may_have_lost_digits(it))
                && way.counts(source)
            {
                return own.clone();
            }
            let column = way.columns().first().map(|it| self.names.known[*it].clone());
            let column = column.unwrap_or(settings.names.known[target.place].clone());
            let mut desk = Desk { row, column, is_secret: target.is_secret };
            match way.make(source, &self.names, &mut desk) {
                Ok(None) => {}
                Ok(Some(text)) if text.is_empty() && target.told.is_some() => return Cell::Empty,
                Ok(Some(text)) => match settings.cell(text) {
                    Cell::Absent => {}
                    cell => return cell,
                },
                Err(problem) => {
                    row.note(problem);
                    return Cell::Absent;
                }
            }
        }
        Cell::Absent
    }

    /// Names words of which nobody knows whether they leave the row out.
    fn doubt<'a>(&'a self, source: &[Cell<'a>], row: &mut Draft<'a>) {
        let tests = self.exclusions.iter().filter_map(|it| it.doubt.as_ref());
        for test in tests.filter(|it| it.holds(source)) {
            let text = way::text_of(&source[test.column]).unwrap_or_default();
            let message = format!("`{}` is neither yes nor no", text.trim());
            let help = "give yes, or no where there is no voicemail: such rows are left out";
            let column = self.names.known[test.column].clone();
            row.note(Problem::in_column(Rule::YesNoForm, row.line, column, message, help));
        }
    }

    /// Names what the row says and no native column can.
    fn remark<'a>(&'a self, source: &[Cell<'a>], row: &mut Draft<'a>) {
        for OptionList { column, known } in &self.lists {
            let Some(text) = way::text_of(&source[*column]) else { continue };
            options::judge(&text, (self.names.known[*column].clone(), known), row);
        }
        for Remark { test, message, help } in &self.remarks {
            if test.holds(source) {
                let column = self.names.known[test.column].clone();
                let (rule, message) = (Rule::NoEquivalent, message.clone());
                row.note(Problem::in_column(rule, row.line, column, message, help.clone()));
            }
        }
    }
}

/// Whether a cell is a number where digits are a text, or looks like one that a spreadsheet wrote in its own way.
fn may_have_lost_digits(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Number(_) | Cell::Date(_) | Cell::Integer(_) => true,
        Cell::Text(text) => Retyped::of(text).is_some(),
        Cell::Absent | Cell::Empty | Cell::Boolean(_) => false,
    }
}
