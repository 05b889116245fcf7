//! Stage 2: raw rows in, a sheet of checked rows and everything that is wrong with them out.
//!
//! Pure: no file, no network, no clock. Rows are judged by themselves on all cores, in parts that are put
//! together in file order; then against each other. No problem hides another.

mod across;
mod lengths;
mod selection;
mod strictness;

pub use across::Crossed;
pub use lengths::Usuals;
pub use selection::CellPattern;
pub use selection::RowRange;
pub use selection::Sample;
pub use selection::Selection;
pub use selection::Wanted;
pub use strictness::Strictness;

use crate::check::lengths::Lengths;
use crate::model::CheckedRow;
use crate::model::Findings;
use crate::model::LeftOut;
use crate::model::Mailbox;
use crate::model::Problem;
use crate::model::RawRow;
use crate::model::RowIndex;
use crate::model::Severity;
use crate::model::Sheet;
use crate::model::Standing;
use crate::resources::mailbox;
use crate::resources::mailbox::Reading;
use crate::resources::mailbox::Settings;

/// What rows are judged by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How cells are understood.
    pub settings: Settings,
    /// How grave a broken rule is.
    pub strictness: Strictness,
    /// Which of them are judged at all.
    pub selection: Selection,
}

/// A run of rows that one thread checked.
#[derive(Debug, Default)]
pub struct Part {
    rows: Vec<CheckedRow>,
    copies: Vec<(RowIndex, Mailbox)>,
    lengths: Lengths,
    findings: Findings,
    problems: Vec<Problem>,
}

impl Part {
    /// Makes room for so many rows.
    pub fn with_room(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), ..Self::default() }
    }

    /// Checks one more row, unless it is left out; shows each of its problems.
    pub fn note(
        &mut self,
        row: &RawRow<'_>,
        left_out: Option<LeftOut>,
        rules: &Rules,
        seen: impl FnMut(Severity, &Problem),
    ) {
        self.problems.clear();
        self.problems.extend_from_slice(row.problems);
        let mut reading = Reading::default();
        mailbox::read_into(&mut reading, row, &rules.settings, &mut self.problems);
        let standing = match row.excluded.map(|_| LeftOut::Source).or(left_out) {
            Some(by) => Standing::Excluded(by),
            None => self.judge(&rules.strictness, seen),
        };
        if let (Some(source), Standing::Valid | Standing::Invalid) = (reading.copy_pin(), standing)
        {
            let place = RowIndex::try_from(self.rows.len()).unwrap_or(RowIndex::MAX);
            self.copies.push((place, source));
        }
        let (mailbox, pin_digits) = (reading.mailbox(), reading.pin_digits());
        let pin_digits = u8::try_from(pin_digits).unwrap_or(u8::MAX);
        self.lengths.note(mailbox.as_ref(), pin_digits);
        let (customer, action) = (reading.customer(), reading.action);
        let span = row.span;
        self.rows.push(CheckedRow { span, mailbox, customer, action, pin_digits, standing });
    }

    /// Counts the problems of a row.
    fn judge(
        &mut self,
        strictness: &Strictness,
        mut seen: impl FnMut(Severity, &Problem),
    ) -> Standing {
        let mut standing = Standing::Valid;
        for problem in self.problems.drain(..) {
            let Some(severity) = strictness.severity(problem.rule) else { continue };
            if severity == Severity::Error {
                standing = Standing::Invalid;
            }
            if !problem.rule.is_told_once() {
                seen(severity, &problem);
                self.findings.note(severity, problem);
            } else if let Some(problem) = self.findings.note(severity, problem) {
                seen(severity, &problem);
            }
        }
        standing
    }
}

/// A whole input, checked.
#[derive(Debug, Default)]
pub struct Checked {
    /// Its rows.
    pub sheet: Sheet,
    /// What was found, header included.
    pub findings: Findings,
    /// What was found between rows, sorted by row.
    pub crossed: Vec<(RowIndex, Crossed)>,
    /// What is usual where rows have shorter values.
    pub usuals: Usuals,
    lengths: Lengths,
}

/// Through whose hands an input went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hands {
    /// A spreadsheet may have had it, and changed what looks like a number.
    Spreadsheets,
    /// Programs that leave texts alone.
    Programs,
}

impl Checked {
    /// Takes over the part that follows in the file. Shows findings that are told once, where they are.
    pub fn append(&mut self, part: Part, told: impl FnMut(Severity, &Problem)) {
        let Part { rows, copies, lengths, findings, problems: _ } = part;
        let before = RowIndex::try_from(self.sheet.rows.len()).unwrap_or(RowIndex::MAX);
        self.sheet.rows.extend(rows);
        self.sheet.copies.extend(copies.into_iter().map(|(row, source)| (before + row, source)));
        self.lengths.add(&lengths);
        self.findings.append(findings, told);
    }

    /// Holds the rows against each other, once all parts are there, and shows what is wrong. `file` is what people call
    /// the input.
    pub fn compare(
        &mut self,
        strictness: &Strictness,
        (hands, file): (Hands, &str),
        mut seen: impl FnMut(RowIndex, &CheckedRow, (Severity, &Problem)),
    ) {
        self.sheet.set_order(across::by_mailbox(&self.sheet));
        self.usuals = match hands {
            Hands::Spreadsheets => Usuals::of(&self.lengths),
            Hands::Programs => Usuals::default(),
        };
        for (row, crossed) in across::compare(&self.sheet, &self.usuals) {
            let Some(severity) = strictness.severity(crossed.rule()) else { continue };
            if severity == Severity::Error {
                self.sheet.rows[row as usize].standing = Standing::Invalid;
            }
            let problem = crossed.problem(row, self, file);
            seen(row, self.sheet.row(row), (severity, &problem));
            self.findings.note(severity, problem);
            self.crossed.push((row, crossed));
        }
    }

    /// What is wrong between a row and others.
    pub fn crossed_of(&self, row: RowIndex) -> impl Iterator<Item = Crossed> {
        let start = self.crossed.partition_point(|(it, _)| *it < row);
        self.crossed[start..].iter().take_while(move |(it, _)| *it == row).map(|(_, it)| *it)
    }
}

/// Reads a row and adds everything that is wrong with its form and its cells to `problems`.
pub fn read<'a>(row: &'a RawRow<'a>, rules: &'a Rules, problems: &mut Vec<Problem>) -> Reading<'a> {
    problems.extend_from_slice(row.problems);
    mailbox::read(row, &rules.settings, problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use crate::model::Cell;
    use crate::model::Span;
    use crate::resources::Version;
    use crate::resources::mailbox::COLUMN_NAMES;
    use crate::resources::mailbox::Name;

    fn rules() -> Rules {
        Rules {
            settings: Settings::new(Version::V3_14, Action::Create),
            strictness: Strictness::default(),
            selection: Selection::default(),
        }
    }

    #[test]
    fn a_row_that_its_source_leaves_out_is_known_by_its_cells_and_judged_by_nothing() {
        let mut cells = vec![Cell::Absent; COLUMN_NAMES.len()];
        cells[Name::Mailbox as usize] = Cell::Text("0201".into());
        cells[Name::CopyPin as usize] = Cell::Text("0202".into());
        cells[Name::Owner as usize] = Cell::Text("nobody".into());
        let mut part = Part::default();
        for excluded in [Some("it has no voicemail"), None] {
            let span = Span { offset: 0, length: 0, line: 2, digest: 0 };
            let row = RawRow { span, cells: &cells, problems: &[], readable: true, excluded };
            part.note(&row, None, &rules(), |_, _| assert_eq!(excluded, None));
        }
        let mut checked = Checked::default();
        checked.append(part, |_, _| ());
        checked.compare(&Strictness::default(), (Hands::Programs, "a.csv"), |_, _, _| ());
        let [left_out, judged] = &checked.sheet.rows[..] else { panic!() };
        assert_eq!(left_out.standing, Standing::Excluded(LeftOut::Source));
        assert_eq!((left_out.mailbox, judged.standing), (judged.mailbox, Standing::Invalid));
        assert_eq!((checked.sheet.copies.len(), checked.crossed.len()), (1, 0));
        assert_eq!(
            (checked.findings.count(Severity::Error), checked.sheet.by_mailbox.len()),
            (1, 1)
        );
        assert_eq!(checked.sheet.all_by_mailbox()[..], [0, 1]);
    }
}
