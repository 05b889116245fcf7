//! From a journal to files: what is known of a job's rows, as reports, without its input and without the switch.

use crate::journal::JournalError;
use crate::journal::Reading;
use crate::journal::Reported;
use crate::model::Action;
use crate::report::OutputError;
use crate::report::Record;
use crate::report::Report;

/// Writes the report of a journal's last job into every one of `reports`, puts them in their places, and gives what came of
/// each, in their order: one that cannot be written takes no other with it.
pub fn write_again(
    reading: &Reading,
    reports: Vec<Report>,
) -> Result<Vec<Result<(), OutputError>>, JournalError> {
    let mut reports: Vec<_> = reports.into_iter().map(Ok).collect();
    reading.visit(|reported| {
        let record = record(reported);
        for report in &mut reports {
            if let Ok(it) = report
                && let Err(error) = it.note(&record)
            {
                *report = Err(error);
            }
        }
    })?;
    Ok(reports.into_iter().map(|it| it.and_then(Report::put_in_place)).collect())
}

fn record(reported: &Reported) -> Record<'_> {
    let Reported {
        row,
        line,
        action,
        customer,
        mailbox,
        status,
        code,
        key,
        message,
        attempts,
        http_status,
        elapsed_ms,
        finished_at,
    } = reported;
    Record {
        row: *row,
        line: *line,
        action: action.map(Action::as_str),
        customer: *customer,
        mailbox: mailbox.as_deref(),
        status: status.as_str(),
        code: code.as_deref(),
        key: key.as_deref(),
        message: message.as_deref(),
        attempts: *attempts,
        http_status: *http_status,
        elapsed_ms: *elapsed_ms,
        finished_at: finished_at.as_deref(),
    }
}
