//! From results to files: the reports, and the rows that are not done as an input again.

use std::borrow::Cow;
use std::io::Write;

use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;

use crate::check;
use crate::input::InputError;
use crate::input::Records;
use crate::model::CheckedRow;
use crate::model::Detail;
use crate::model::LeftOut;
use crate::model::Mailbox;
use crate::model::Outcome;
use crate::model::Problem;
use crate::model::RowIndex;
use crate::model::Severity;
use crate::model::Standing;
use crate::model::Status;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::pipeline::RunError;
use crate::pipeline::chunks_at_once;
use crate::report::Output;
use crate::report::OutputError;
use crate::report::Page;
use crate::report::Record;
use crate::report::Report;
use crate::report::Rows;
use crate::report::time_of_day;

/// What is said of a row whose bytes are no longer those that were judged.
const CHANGED: &str = "the file changed since: what was said of the row cannot be told again";

/// What came of writing the rows that are not done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rejected {
    /// Rows that were written; the file is there only if there are any.
    pub rows: u64,
    /// Rows whose bytes are no longer those that were checked: they could not be written.
    pub left_out: u64,
    /// The file could not be written.
    pub is_lost: bool,
}

impl Batch {
    /// Writes one record a row to a report and puts it in its place.
    pub fn write_report(&self, results: &Results, mut report: Report) -> Result<(), OutputError> {
        let rows = self.checked.sheet.rows.len();
        let firsts: Vec<_> = (0..rows).step_by(Page::<Rows>::LINES).collect();
        let mut records = self.input.records();
        for firsts in firsts.chunks(chunks_at_once()) {
            let pages = firsts.par_iter().map_init(
                || self.input.records(),
                |records, first| {
                    let mut page = report.page();
                    let mut places = *first..rows.min(first + Page::<Rows>::LINES);
                    while !page.is_full()
                        && let Some(place) = places.next()
                    {
                        self.show(records, place, results, |record| page.note(record));
                    }
                    (page, places)
                },
            );
            let pages: Vec<_> = pages.collect();
            for (page, too_long_for_it) in pages {
                report.add(page)?;
                for place in too_long_for_it {
                    self.show(&mut records, place, results, |record| report.note(record))?;
                }
            }
        }
        report.put_in_place()
    }

    /// Shows the record of a row.
    fn show<T>(
        &self,
        records: &mut Records,
        place: usize,
        results: &Results,
        note: impl FnOnce(&Record<'_>) -> T,
    ) -> T {
        let row = &self.checked.sheet.rows[place];
        let outcome = results.of(place);
        let detail = self.detail(records, place, &outcome);
        let mailbox = row.mailbox.as_ref().map(Mailbox::digits);
        let finished_at = outcome.finished_ms.and_then(time_of_day);
        let texts = (mailbox.as_deref(), finished_at.as_deref());
        note(&record(place, row, texts, &outcome, &detail))
    }

    /// Writes the rows that are not done, as they stood, with the reason; no file where all are done.
    pub fn write_rejects(
        &self,
        results: &Results,
        mut output: Output,
    ) -> Result<Rejected, RunError> {
        let mut records = self.input.records();
        let header = self.input.rejects_header();
        output.write_all(&header).map_err(|error| output.failed(error))?;
        let mut rejected = Rejected::default();
        for (place, row) in self.checked.sheet.rows.iter().enumerate() {
            let outcome = results.of(place);
            if outcome.status.is_done() {
                continue;
            }
            let detail = self.detail(&mut records, place, &outcome);
            match records.reject(row.span, &reason(&outcome, &detail), &mut output) {
                Ok(()) => rejected.rows += 1,
                Err(InputError::Changed { .. }) => rejected.left_out += 1,
                Err(error) => return Err(error.into()),
            }
        }
        if rejected.rows > 0 {
            output.put_in_place()?;
        }
        Ok(rejected)
    }

    /// The words about a row; those about an invalid one and one that is left out are found again, since none are kept.
    pub(super) fn detail<'o>(
        &self,
        records: &mut Records,
        place: usize,
        outcome: &'o Outcome,
    ) -> Cow<'o, Detail> {
        if let Some(known) = outcome.detail.as_deref() {
            return Cow::Borrowed(known);
        }
        let row = &self.checked.sheet.rows[place];
        if let (Status::Excluded, Standing::Excluded(by)) = (outcome.status, row.standing) {
            return Cow::Owned(self.why_left_out(records, row, by));
        }
        if outcome.status != Status::Invalid {
            return Cow::Owned(Detail::default());
        }
        let mut problems = Vec::new();
        let read = records.read(row.span, |raw| {
            check::read(&raw, &self.rules, &mut problems);
        });
        if read.is_err() {
            return Cow::Owned(said(CHANGED));
        }
        let place = RowIndex::try_from(place).unwrap_or(RowIndex::MAX);
        let crossed = self.checked.crossed_of(place);
        problems.extend(crossed.map(|it| it.problem(place, &self.checked, &self.name)));
        let strictness = &self.rules.strictness;
        problems.retain(|it| strictness.severity(it.rule) == Some(Severity::Error));
        Cow::Owned(joined(&problems))
    }

    /// Why a row is left out: in the source's own words, or by which option.
    fn why_left_out(&self, records: &mut Records, row: &CheckedRow, by: LeftOut) -> Detail {
        if by == LeftOut::Source {
            let told = records.read(row.span, |raw| raw.excluded.map(said));
            return told.ok().flatten().unwrap_or_else(|| said(CHANGED));
        }
        said(&format!("left out by {}", self.rules.selection.option(by)))
    }
}

fn said(message: &str) -> Detail {
    Detail { message: message.to_owned(), ..Detail::default() }
}

fn joined(problems: &[Problem]) -> Detail {
    let join =
        |part: fn(&Problem) -> String| problems.iter().map(part).collect::<Vec<_>>().join("; ");
    Detail {
        code: join(|it| it.rule.code().to_owned()),
        key: join(|it| it.place.column.clone().unwrap_or_default().into_owned()),
        message: join(|it| it.message.clone()),
    }
}

fn reason(outcome: &Outcome, detail: &Detail) -> String {
    let words = [outcome.status.as_str(), &detail.code, &detail.key, &detail.message];
    words.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(": ")
}

fn record<'r>(
    place: usize,
    row: &CheckedRow,
    (mailbox, finished_at): (Option<&'r str>, Option<&'r str>),
    outcome: &Outcome,
    detail: &'r Detail,
) -> Record<'r> {
    let Outcome { status, attempts, http_status, elapsed_ms, finished_ms: _, detail: _ } = outcome;
    let given = |text: &'r str| Some(text).filter(|it| !it.is_empty());
    Record {
        row: place as u64 + 1,
        line: row.span.line,
        action: row.action.map(crate::model::Action::as_str),
        customer: row.customer,
        mailbox,
        status: status.as_str(),
        code: given(&detail.code),
        key: given(&detail.key),
        message: given(&detail.message),
        attempts: *attempts,
        http_status: *http_status,
        elapsed_ms: *elapsed_ms,
        finished_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Rules;
    use crate::check::Selection;
    use crate::check::Strictness;
    use crate::input;
    use crate::model::Action;
    use crate::pipeline::Telling;
    use crate::resources::Version;
    use crate::resources::mailbox;

    #[test]
    fn of_a_row_that_changed_since_it_was_left_out_is_said_that_it_did() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "extension,voicemail_enable\n1,no\n").unwrap();
        let names = mailbox::columns(&[]);
        let mapping = input::System::Freepbx.mapping(&names);
        let settings = input::Settings { mapping, ..input::Settings::new(names) };
        let rules = Rules {
            settings: mailbox::Settings::new(Version::V3_14, Action::Create),
            strictness: Strictness::default(),
            selection: Selection::default(),
        };
        let source = input::Source::open(&path, u64::MAX).unwrap();
        let batch =
            Batch::check(source, input::Format::Csv, settings, rules, Telling::default()).unwrap();
        let told = || {
            let row = &batch.checked.sheet.rows[0];
            batch.why_left_out(&mut batch.input.records(), row, LeftOut::Source).message
        };
        assert_eq!(told(), "`voicemail_enable` is not `yes`");
        std::fs::write(&path, "extension,voicemail_enable\n1,xx\n").unwrap();
        assert_eq!(told(), CHANGED);
    }
}
