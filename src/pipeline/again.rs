//! From a journal to files: what is known of a job's rows, as reports, without its input and without the switch.

use crate::journal::Reading;
use crate::journal::Reported;
use crate::model::Action;
use crate::pipeline::RunError;
use crate::report::Record;
use crate::report::Report;

/// Writes the report of a journal's last job into every one of `reports`, and puts them in their places. One that cannot be
/// written takes no other with it; the first such is the error.
pub fn write_again(reading: &Reading, mut reports: Vec<Report>) -> Result<(), RunError> {
    let mut unwritten = None;
    reading.visit(|reported| {
        let record = record(reported);
        reports.retain_mut(|it| it.note(&record).map_err(|it| unwritten.get_or_insert(it)).is_ok());
        Ok::<_, RunError>(())
    })?;
    for report in reports {
        let _ = report.put_in_place().map_err(|it| unwritten.get_or_insert(it));
    }
    unwritten.map_or(Ok(()), |it| Err(it.into()))
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
