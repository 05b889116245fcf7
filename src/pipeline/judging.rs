//! The first reading: rows are judged on all cores, and every problem is written down where that is asked for.
//!
//! Parts are put together in the order of the file. Where problems are written the parts are small, so that no more
//! text is in memory than a few of them can have, however much is wrong.

use std::borrow::Cow;
use std::ops::Range;

use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;

use crate::check::Checked;
use crate::check::Hands;
use crate::check::Part;
use crate::check::Rules;
use crate::input::Chunk;
use crate::input::Layout;
use crate::model::CheckedRow;
use crate::model::Place;
use crate::model::Problem;
use crate::model::RowIndex;
use crate::model::Severity;
use crate::pipeline::chunks_at_once;
use crate::pipeline::selecting::Selected;
use crate::report::Finding;
use crate::report::Format;
use crate::report::OutputError;
use crate::report::Page;
use crate::report::Problems;
use crate::report::Report;
use crate::resources::mailbox;

/// Rows that are judged by one thread at once.
const ROWS_A_PIECE: usize = 1024;

/// The same where all that is wrong with them is written: a row may have a problem in every cell. What is told once of the
/// file stands before the piece that led to it.
const ROWS_A_PIECE_WRITTEN: usize = 256;

/// By what rows are judged.
#[derive(Clone, Copy)]
pub(super) struct Law<'j> {
    pub(super) rules: &'j Rules,
    pub(super) layout: &'j Layout,
    pub(super) selected: &'j Selected,
}

/// Judges rows as they come.
pub(super) struct Judge<'j> {
    law: Law<'j>,
    /// Where every problem is written, if anywhere.
    problems: Option<&'j mut Report<Problems>>,
    checked: Checked,
    /// Judged, and taken over while the next rows are judged.
    waiting: Vec<Judged>,
}

/// Rows that one thread judged, and what is to be written of them.
type Judged = (Part, Option<Page<Problems>>);

/// Some rows of a chunk.
type Piece<'c> = (&'c Chunk, Range<usize>);

impl Law<'_> {
    /// Judges a piece by itself.
    fn judge(self, piece: &Piece<'_>, form: Option<Format>) -> Judged {
        let (chunk, rows) = piece;
        let mut part = Part::with_room(rows.len());
        let mut page = form.map(Page::blank);
        let mut place = chunk.first_row() + RowIndex::try_from(rows.start).unwrap_or(RowIndex::MAX);
        chunk.visit_some(self.layout, rows.clone(), |row| {
            let left_out = self.selected.left_out(place);
            part.note(&row, left_out, self.rules, |severity, problem| {
                let Some(page) = &mut page else { return };
                let column = problem.place.column.as_deref().filter(|_| row.readable);
                let shown = column.and_then(mailbox::shown_column);
                let value = shown.and_then(|it| row.cells.get(it)?.text());
                page.note(&finding(Some(place), (severity, problem), value));
            });
            place += 1;
        });
        (part, page)
    }
}

impl<'j> Judge<'j> {
    pub(super) fn new(law: Law<'j>, problems: Option<&'j mut Report<Problems>>) -> Self {
        Self { law, problems, checked: Checked::default(), waiting: Vec::new() }
    }

    /// Takes up what is wrong with the header; gives whether anything counts as an error.
    pub(super) fn header(&mut self, found: &[Problem]) -> Result<bool, OutputError> {
        let mut is_wrong = false;
        let mut page = self.problems.as_ref().map(|it| it.page());
        for problem in found {
            let Some(severity) = self.law.rules.strictness.severity(problem.rule) else { continue };
            is_wrong |= severity == Severity::Error;
            if let Some(page) = &mut page {
                page.note(&finding(None, (severity, problem), None));
            }
            self.checked.findings.note(severity, problem.clone());
        }
        self.write(page)?;
        Ok(is_wrong)
    }

    /// Judges the rows of some chunks.
    pub(super) fn rows(&mut self, chunks: &[Chunk]) -> Result<(), OutputError> {
        let form = self.problems.as_ref().map(|it| it.format());
        let length = if form.is_some() { ROWS_A_PIECE_WRITTEN } else { ROWS_A_PIECE };
        let pieces: Vec<_> = chunks.iter().flat_map(|it| pieces(it, length)).collect();
        let pieces_at_once = if form.is_some() { chunks_at_once() } else { pieces.len().max(1) };
        for pieces in pieces.chunks(pieces_at_once) {
            let (law, waiting) = (self.law, std::mem::take(&mut self.waiting));
            let (judged, taken) = rayon::join(
                || pieces.par_iter().map(|it| law.judge(it, form)).collect(),
                || self.take_over(waiting),
            );
            taken?;
            self.waiting = judged;
        }
        Ok(())
    }

    /// Takes over what was judged, in its order.
    fn take_over(&mut self, judged: Vec<Judged>) -> Result<(), OutputError> {
        for (part, page) in judged {
            self.append(part)?;
            self.write(page)?;
        }
        Ok(())
    }

    /// Takes over what was judged, and writes what is told once of the file before the rows that led to it.
    fn append(&mut self, part: Part) -> Result<(), OutputError> {
        let mut page = self.problems.as_ref().map(|it| it.page());
        self.checked.append(part, |severity, problem| {
            if let Some(page) = &mut page {
                page.note(&finding(None, (severity, problem), None));
            }
        });
        self.write(page)
    }

    /// Holds the rows against each other once all are there.
    pub(super) fn end(mut self, input: (Hands, &str)) -> Result<Checked, OutputError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.take_over(waiting)?;
        let Self { law: Law { rules, layout: _, selected: _ }, problems, mut checked, waiting: _ } =
            self;
        let Some(problems) = problems else {
            checked.compare(&rules.strictness, input, |_, _, _| ());
            return Ok(checked);
        };
        let mut written = Ok(());
        checked.compare(&rules.strictness, input, |place, row, found| {
            if written.is_ok() {
                let value = value_between(row, found.1);
                written = problems.note(&finding(Some(place), found, value));
            }
        });
        written?;
        Ok(checked)
    }

    fn write(&mut self, page: Option<Page<Problems>>) -> Result<(), OutputError> {
        match (&mut self.problems, page) {
            (Some(problems), Some(page)) => problems.add(page),
            (Some(_) | None, _) => Ok(()),
        }
    }
}

/// The rows of a chunk in short runs, so that no thread has long to wait for the last one.
fn pieces(chunk: &Chunk, length: usize) -> impl Iterator<Item = Piece<'_>> {
    let rows = chunk.rows();
    let starts = (0..rows).step_by(length);
    starts.map(move |start| (chunk, start..rows.min(start + length)))
}

fn finding<'f>(
    row: Option<RowIndex>,
    (severity, problem): (Severity, &'f Problem),
    value: Option<Cow<'f, str>>,
) -> Finding<'f> {
    let Problem { rule, place: Place { line, column }, message, help } = problem;
    Finding {
        row: row.map(|it| u64::from(it) + 1),
        line: *line,
        column: column.as_deref(),
        code: rule.code(),
        severity: severity.as_str(),
        value,
        message,
        help,
    }
}

/// The text of a cell for which a row is held against others.
fn value_between<'r>(row: &'r CheckedRow, problem: &Problem) -> Option<Cow<'r, str>> {
    let column = mailbox::shown_column(problem.place.column.as_deref()?)?;
    if column == mailbox::Name::Mailbox as usize {
        row.mailbox.map(|it| Cow::Owned(it.to_string()))
    } else if column == mailbox::Name::Customer as usize {
        row.customer.map(|it| Cow::Owned(it.to_string()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use expect_test::expect;

    use super::*;
    use crate::check::Selection;
    use crate::check::Strictness;
    use crate::input;
    use crate::input::Input;
    use crate::input::Source;
    use crate::model::Action;
    use crate::model::Cell;
    use crate::model::RawRow;
    use crate::model::Rule;
    use crate::model::Span;
    use crate::report::Output;
    use crate::resources::Version;

    /// What is listed of three parts with a row each, of which each assumes the same and is wrong otherwise as well.
    fn listed(strictness: Strictness) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.csv");
        let output = Output::open(&path).unwrap();
        let mut problems = Report::begin(Format::Csv, output).unwrap();
        let source = Source::spool(&b"mailbox\n"[..], u64::MAX).unwrap();
        let settings = input::Settings::new(mailbox::columns(&[]));
        let input = Input::open(source, input::Format::Csv, settings).unwrap();
        let (layout, selected) = (input.layout(), Selected::default());
        let settings = mailbox::Settings::new(Version::V3_14, Action::Create);
        let rules = Rules { settings, strictness, selection: Selection::default() };
        let law = Law { rules: &rules, layout: &layout, selected: &selected };
        let mut judge = Judge::new(law, Some(&mut problems));
        let cells = vec![Cell::Absent; mailbox::COLUMN_NAMES.len()];
        for line in 2..5 {
            let found = [
                Problem::in_column(Rule::Assumed, line, "saycid", "assumed to be off", "say it"),
                Problem::in_record(Rule::RaggedRow, line, "ragged", "mend it"),
            ];
            let span = Span { offset: 0, length: 0, line, digest: 0 };
            let row =
                RawRow { span, cells: &cells, problems: &found, readable: false, excluded: None };
            let mut part = Part::default();
            let mut page = Page::blank(Format::Csv);
            part.note(&row, None, &rules, |severity, problem| {
                page.note(&finding(Some(line - 2), (severity, problem), None));
            });
            judge.append(part).unwrap();
            judge.write(Some(page)).unwrap();
        }
        judge.end((Hands::Programs, "a.csv")).unwrap();
        problems.put_in_place().unwrap();
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn what_is_told_once_is_listed_once_and_of_the_whole_file() {
        expect![[r#"
            row,line,column,code,severity,value,message,help
            ,2,saycid,assumed,warning,,assumed to be off,say it
            1,2,,ragged-row,error,,ragged,mend it
            2,3,,ragged-row,error,,ragged,mend it
            3,4,,ragged-row,error,,ragged,mend it
        "#]]
        .assert_eq(&listed(Strictness::default()));
        let allowed = [Rule::Assumed].into();
        let silent = listed(Strictness { allowed, ..Strictness::default() });
        assert!(!silent.contains("assumed"), "{silent}");
    }
}
