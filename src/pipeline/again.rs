//! From a journal to files: what is known of a job's rows, as reports, without its input and without the switch.

use crate::journal::Reading;
use crate::journal::Reported;
use crate::model::Action;
use crate::pipeline::RunError;
use crate::report::Page;
use crate::report::Record;
use crate::report::Report;

/// Lines that are put together before they are written.
const LINES_A_PAGE: usize = 1024;

/// Writes the report of a journal's last job into every one of `reports`, and puts them in their places.
pub fn write_again(reading: &Reading, reports: Vec<Report>) -> Result<(), RunError> {
    let blank = |report: Report| (Page::blank(report.format()), report);
    let mut reports: Vec<_> = reports.into_iter().map(blank).collect();
    let mut noted = 0;
    reading.visit(|reported| {
        let record = record(reported);
        noted += 1;
        for (page, report) in &mut reports {
            page.note(&record);
            if noted % LINES_A_PAGE == 0 {
                report.add(std::mem::replace(page, Page::blank(report.format())))?;
            }
        }
        Ok::<_, RunError>(())
    })?;
    for (page, mut report) in reports {
        report.add(page)?;
        report.put_in_place()?;
    }
    Ok(())
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
