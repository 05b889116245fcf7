//! From an input to rows with our own columns, as a file: nothing is sent.
//!
//! Two more readings: which columns any row fills, then the rows. Refuses rows whose cells cannot be trusted, and those
//! that the file could not say as they are; it names their lines.

use std::borrow::Cow;

use crate::check;
use crate::input::RECORD_LINES_MAX;
use crate::model::Cell;
use crate::model::CheckedRow;
use crate::model::RawRow;
use crate::model::Rule;
use crate::model::Severity;
use crate::pipeline::Batch;
use crate::pipeline::RunError;
use crate::report::Format;
use crate::report::NativeRows;
use crate::report::Output;
use crate::report::Reader;

/// Lines that are named one by one.
const LINES_NAMED_MAX: usize = 10;

/// What came of a conversion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Converted {
    /// Rows that were written.
    pub rows: u64,
    /// Rows that are left out, by options or by the source.
    pub excluded: u64,
    /// Rows that could not be converted.
    pub lost: u64,
    /// The lines of the first of those.
    pub lost_lines: Vec<u32>,
}

impl Batch {
    /// Writes every row that can be converted, and puts the file in its place.
    pub fn convert(
        &self,
        format: Format,
        output: Output,
        empty_token: &str,
    ) -> Result<Converted, RunError> {
        let layout = self.input.layout();
        let names = layout.native_names();
        let action = names.iter().position(|it| it == "action");
        let mut used: Vec<_> = (0..names.len()).map(|it| layout.fills(it)).collect();
        if let Some(action) = action {
            used[action] = true;
        }
        self.each(|_, raw| {
            for (used, cell) in used.iter_mut().zip(raw.cells) {
                *used |= *cell != Cell::Absent;
            }
            Ok(())
        })?;
        let columns: Vec<_> = (0..names.len()).filter(|it| used[*it]).collect();
        let header: Vec<Cow<'static, str>> = columns.iter().map(|it| names[*it].clone()).collect();
        let reader = Reader {
            empty_token: empty_token.to_owned(),
            record_max: layout.record_max(),
            record_lines_max: RECORD_LINES_MAX,
        };
        let mut file = NativeRows::begin(format, output, header, reader)?;
        let mut converted = Converted::default();
        self.each(|row, raw| {
            if row.is_excluded() {
                converted.excluded += 1;
                return Ok(());
            }
            let default = Cell::Text(Cow::Borrowed(self.rules.settings.action.as_str()));
            let cell = |it: &usize| match &raw.cells[*it] {
                Cell::Absent if Some(*it) == action => default.clone(),
                Cell::Number(text) | Cell::Date(text) if !layout.is_text(*it) => {
                    Cell::Text(text.clone())
                }
                cell => cell.clone(),
            };
            let cells: Vec<_> = columns.iter().map(cell).collect();
            if self.is_lost(&raw, format) || !file.can_say(&cells) {
                converted.lost += 1;
                if converted.lost_lines.len() < LINES_NAMED_MAX {
                    converted.lost_lines.push(raw.span.line);
                }
                return Ok(());
            }
            converted.rows += 1;
            Ok(file.add(&cells)?)
        })?;
        file.put_in_place()?;
        Ok(converted)
    }

    /// Shows every row of the input, in its order.
    fn each(
        &self,
        mut show: impl FnMut(&CheckedRow, RawRow<'_>) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut records = self.input.records();
        for row in &self.checked.sheet.rows {
            records.read(row.span, |raw| show(row, raw))??;
        }
        Ok(())
    }

    /// Whether something is wrong with a row's form that nobody would see in its cells.
    fn is_lost(&self, raw: &RawRow<'_>, format: Format) -> bool {
        let mut problems = Vec::new();
        if format == Format::Csv && raw.problems.is_empty() && has_types(raw) {
            check::read(raw, &self.rules, &mut problems);
            problems.retain(|it| it.rule == Rule::JsonType);
        }
        let is_error = |rule| self.rules.strictness.severity(rule) == Some(Severity::Error);
        problems.iter().chain(raw.problems).any(|it| is_error(it.rule))
    }
}

/// Whether a row has cells that are more than texts.
fn has_types(raw: &RawRow<'_>) -> bool {
    raw.cells.iter().any(|it| matches!(it, Cell::Integer(_) | Cell::Boolean(_)))
}
