//! From results to files: the reports, and the rows that are not done as an input again.

use std::borrow::Cow;
use std::io::Write;

use crate::check;
use crate::input::Records;
use crate::model::CheckedRow;
use crate::model::Detail;
use crate::model::Outcome;
use crate::model::Problem;
use crate::model::RowIndex;
use crate::model::Severity;
use crate::model::Status;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::pipeline::RunError;
use crate::report::Output;
use crate::report::Record;
use crate::report::Report;
use crate::report::time_of_day;

impl Batch {
    /// Writes one record a row to every report and puts them in their places.
    pub fn write_reports(
        &self,
        results: &Results,
        mut reports: Vec<Report>,
    ) -> Result<(), RunError> {
        let mut records = self.input.records();
        for (place, row) in self.checked.sheet.rows.iter().enumerate() {
            let outcome = results.of(place);
            let detail = self.detail(&mut records, place, &outcome)?;
            for report in &mut reports {
                report.add(&record(place, row, &outcome, &detail))?;
            }
        }
        reports.into_iter().try_for_each(|report| Ok(report.put_in_place()?))
    }

    /// Writes the rows that are not done, as they stood, with the reason; nothing where all are done.
    pub fn write_rejects(&self, results: &Results, mut output: Output) -> Result<bool, RunError> {
        let mut records = self.input.records();
        let header = self.input.rejects_header();
        output.write_all(&header).map_err(|error| output.failed(error))?;
        let mut any = false;
        for (place, row) in self.checked.sheet.rows.iter().enumerate() {
            let outcome = results.of(place);
            if outcome.status.is_done() {
                continue;
            }
            any = true;
            let detail = self.detail(&mut records, place, &outcome)?;
            records.reject(row.span, &reason(&outcome, &detail), &mut output)?;
        }
        if any {
            output.put_in_place()?;
        }
        Ok(any)
    }

    /// The words about a row; those about an invalid one are found again, since none are kept.
    fn detail<'o>(
        &self,
        records: &mut Records,
        place: usize,
        outcome: &'o Outcome,
    ) -> Result<Cow<'o, Detail>, RunError> {
        if outcome.status != Status::Invalid {
            let known = outcome.detail.as_deref();
            return Ok(known.map_or_else(|| Cow::Owned(Detail::default()), Cow::Borrowed));
        }
        let mut problems = Vec::new();
        records.read(self.checked.sheet.rows[place].span, |raw| {
            check::read(&raw, &self.rules, &mut problems);
        })?;
        let place = RowIndex::try_from(place).unwrap_or(RowIndex::MAX);
        let crossed = self.checked.crossed_of(place);
        problems.extend(crossed.map(|it| it.problem(place, &self.checked.sheet, &self.name)));
        let strictness = &self.rules.strictness;
        problems.retain(|it| strictness.severity(it.rule) == Some(Severity::Error));
        Ok(Cow::Owned(joined(&problems)))
    }
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
    row: &'r CheckedRow,
    outcome: &Outcome,
    detail: &'r Detail,
) -> Record<'r> {
    let Outcome { status, attempts, http_status, elapsed_ms, finished_ms, detail: _ } = outcome;
    let given = |text: &'r str| Some(text).filter(|it| !it.is_empty());
    Record {
        row: place as u64 + 1,
        line: row.span.line,
        action: row.action.map(crate::model::Action::as_str),
        customer: row.customer,
        mailbox: row.mailbox.as_ref().map(crate::model::Mailbox::as_str),
        status: status.as_str(),
        code: given(&detail.code),
        key: given(&detail.key),
        message: given(&detail.message),
        attempts: *attempts,
        http_status: *http_status,
        elapsed_ms: *elapsed_ms,
        finished_at: finished_ms.and_then(time_of_day),
    }
}
