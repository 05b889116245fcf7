//! What people are told at the end: what came of the rows, where it is written, and what to type next.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::cli::next::Typed;
use crate::cli::selection;
use crate::cli::selection::Scope;
use crate::input::Format;
use crate::model::Action;
use crate::model::Detail;
use crate::model::Plan;
use crate::model::Severity;
use crate::model::Status;
use crate::model::Totals;
use crate::pipeline::Batch;
use crate::pipeline::Cause;
use crate::pipeline::Converted;
use crate::pipeline::Rejected;
use crate::report::text;
use crate::report::text::grouped;

/// Customers that are named one by one before a run.
const CUSTOMERS_SHOWN_MAX: usize = 5;

/// Reasons that are shown one by one after a run.
const CAUSES_SHOWN_MAX: usize = 5;

/// One line about a check.
pub(super) fn of_check(batch: &Batch) -> String {
    let left_out = match batch.left_out() {
        0 => String::new(),
        many => format!(", {} left out", grouped(many)),
    };
    let rows = rows(batch.rows() as u64) + &left_out;
    let findings = text::counts(&batch.checked.findings);
    if batch.rows() == 0 {
        let what = match batch.format {
            Format::Csv | Format::Xlsx | Format::Ods => "a header and no rows",
            Format::Jsonl => "no rows",
        };
        return format!("{}: {what}, {findings}", batch.name);
    }
    format!("{}: {rows}, {findings}", batch.name)
}

/// One line about a conversion.
pub(super) fn of_conversion(batch: &Batch, converted: &Converted) -> String {
    let Converted { rows: written, excluded, lost, lost_lines } = converted;
    let mut text = format!("{}: {} converted", batch.name, rows(*written));
    if *excluded > 0 {
        let _ = write!(text, ", {} left out", grouped(*excluded));
    }
    if *lost > 0 {
        let lines: Vec<_> = lost_lines.iter().map(ToString::to_string).collect();
        let more = *lost - lost_lines.len() as u64;
        let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        let noun = if *lost == 1 { "line" } else { "lines" };
        let lost = grouped(*lost);
        let _ = write!(text, ", {lost} could not be ({noun} {}{more})", lines.join(", "));
    }
    match batch.checked.findings.count(Severity::Error) {
        0 => {}
        1 => text.push_str("; the input has 1 error"),
        errors => {
            let _ = write!(text, "; the input has {} errors", grouped(errors));
        }
    }
    text
}

/// What to do after a check of one input among several.
pub(super) fn after_check(batch: &Batch, path: &Path, inputs: &[PathBuf]) -> String {
    let typed = Typed::now().only(path, inputs);
    match (batch.is_clean(), batch.rows()) {
        (false, _) => format!("put the file right, then {typed}"),
        (true, 0) => "fill the file".to_owned(),
        (true, _) => {
            let typed = typed.command("apply").without_value("--report");
            typed.without_value("--problems").with(&["--dry-run"]).to_string()
        }
    }
}

/// What is to be done, in numbers, and how many rows have no part in it.
pub(super) fn rows_of(plan: &Plan, left_out: u64) -> String {
    match left_out {
        0 => actions(plan),
        many => format!("{}; {} left out", actions(plan), grouped(many)),
    }
}

/// What is to be done, in numbers.
fn actions(plan: &Plan) -> String {
    let count = |action| plan.tasks.iter().filter(|it| it.action == action).count() as u64;
    let of = |action: Action| match count(action) {
        0 => None,
        many => Some(format!("{} to {}", grouped(many), action.as_str())),
    };
    Action::ALL.into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// Whose mailboxes, in numbers.
pub(super) fn customers(plan: &Plan) -> String {
    let mut counts = BTreeMap::<Option<u32>, u64>::new();
    for task in &plan.tasks {
        *counts.entry(task.customer).or_default() += 1;
    }
    let name = |it: &Option<u32>| it.map_or("the login's own".to_owned(), |id| id.to_string());
    let mut shown: Vec<_> = counts
        .iter()
        .take(CUSTOMERS_SHOWN_MAX)
        .map(|(customer, count)| format!("{} ({})", name(customer), rows(*count)))
        .collect();
    if counts.len() > CUSTOMERS_SHOWN_MAX {
        shown.push(format!("and {} more", counts.len() - CUSTOMERS_SHOWN_MAX));
    }
    shown.join(", ")
}

/// The API's codes of what is not the row's fault: the role, or the rate plan, does not allow it.
const ROLE: &str = "402";
const PLAN: &str = "403";

/// The end of an `apply`.
#[derive(Debug)]
pub(super) struct Ending<'e> {
    /// The input as it was named.
    pub input: &'e Path,
    /// Its format.
    pub format: Format,
    /// What became of its rows.
    pub totals: Totals,
    /// The exit code.
    pub exit: Exit,
    /// Nothing was to be changed.
    pub rehearsal: bool,
    /// Which rows it was about.
    pub scope: Scope,
    /// It was the embedded switch.
    pub sandbox: bool,
    /// The run stopped before all rows had their result, and can be gone on with.
    pub stopped: bool,
    /// The journal, where it holds the job to its end.
    pub kept: Option<&'e Path>,
    /// Reports that were written.
    pub reports: &'e [PathBuf],
    /// Reports that could not be.
    pub unwritten: &'e [PathBuf],
    /// Why rows are not done, the commonest reasons first.
    pub causes: Vec<Cause>,
    /// Where rows that are not done are written, if there are any.
    pub rejects: &'e Path,
    /// What is written there.
    pub rejected: Rejected,
}

impl Ending<'_> {
    /// Totals, reasons, files, and the command to type next as the last line.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", self.counts());
        for cause in self.causes.iter().take(CAUSES_SHOWN_MAX) {
            let _ = writeln!(text, "  {}", shown(cause));
        }
        if self.causes.len() > CAUSES_SHOWN_MAX {
            let _ = writeln!(text, "  and other reasons: see the report");
        }
        for report in self.reports {
            let _ = writeln!(text, "report: {}", report.display());
        }
        let rejects = self.rejects.display();
        let Rejected { rows: rejected, left_out, is_lost: _ } = self.rejected;
        if rejected > 0 {
            let _ = writeln!(text, "rows that are not done: {rejects} (holds PINs)");
        } else if self.rejects.is_file() {
            let _ = writeln!(text, "{rejects} is of an earlier run");
        }
        if left_out > 0 {
            let rows = rows(left_out);
            let _ = writeln!(text, "{rows} left out there: the input changed during the run");
        }
        let in_doubt = self.totals.of(Status::InDoubt);
        if in_doubt > 0 {
            let them = if in_doubt == 1 { "it" } else { "them" };
            let rows = rows(in_doubt);
            let _ =
                writeln!(text, "{rows} in doubt: look at the switch before trying {them} again");
        }
        let _ = writeln!(text, "next: {}", self.next());
        text
    }

    fn counts(&self) -> String {
        let of = |status: Status| match self.totals.of(status) {
            0 => None,
            many => Some(format!("{} {}", grouped(many), status.as_str())),
        };
        let counts: Vec<_> = Status::ALL.into_iter().filter_map(of).collect();
        let counts =
            if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
        format!("{}{counts}", rows(self.totals.sum()))
    }

    fn next(&self) -> String {
        let again = self.again();
        match self.exit {
            Exit::Done if self.totals.sum() == 0 => "fill the file".to_owned(),
            Exit::Done if self.totals.of(Status::Excluded) == self.totals.sum() => {
                "nothing, all rows are left out".to_owned()
            }
            Exit::Done if self.sandbox => {
                let words = ["--url", "HOST", "--username", "NAME", "--dry-run"];
                again.without("--sandbox").with(&words).to_string()
            }
            Exit::Done if self.rehearsal => again.without("--dry-run").to_string(),
            Exit::Done if self.scope == Scope::Selection => self.after_selection(),
            Exit::Done => "nothing, all rows are done".to_owned(),
            Exit::InvalidInput => format!("put the file right, then {}", Typed::now()),
            Exit::NotDone if self.stopped => format!("once that is looked at, {again}"),
            Exit::NotDone => format!("{}, then {again}", self.remedies()),
            Exit::Interrupted | Exit::Terminated => again.to_string(),
            Exit::Usage
            | Exit::NoInput
            | Exit::Unavailable
            | Exit::Bug
            | Exit::Busy
            | Exit::Files
            | Exit::Credentials
            | Exit::Configuration => format!("once that is mended, {again}"),
        }
    }

    /// What is to be done after some rows were selected and are done.
    fn after_selection(&self) -> String {
        let done = "nothing, all rows that are not left out are done";
        if self.kept.is_none() {
            return done.to_owned();
        }
        let others = without_selection(self.again()).with(&["--resume"]);
        format!("{done}; for the others: {others}")
    }

    /// What is to be done before rows are tried again.
    fn remedies(&self) -> String {
        let is_refused = |it: &Cause, code: &str| {
            it.status == Status::Rejected && it.detail.code.split("; ").any(|it| it == code)
        };
        let is_wrong = |it: &Cause| {
            matches!(it.status, Status::Rejected | Status::Failed | Status::Conflict)
                && !is_refused(it, ROLE)
                && !is_refused(it, PLAN)
        };
        let mut remedies = Vec::new();
        if self.totals.of(Status::InDoubt) > 0 && !self.rehearsal {
            let rejects = self.rejects.display();
            remedies.push(format!("take rows in doubt that turn out to be done out of {rejects}"));
        }
        if self.causes.iter().any(|it| is_refused(it, ROLE)) {
            remedies.push(format!("have the role allow it ({ROLE})"));
        }
        if self.causes.iter().any(|it| is_refused(it, PLAN)) {
            remedies.push(format!("have the rate plan allow it ({PLAN})"));
        }
        let are_wrong = self.totals.of(Status::Invalid) > 0 || self.causes.iter().any(is_wrong);
        if are_wrong || remedies.is_empty() {
            let rows = if remedies.is_empty() { "the rows" } else { "the other rows" };
            remedies.push(format!("put {rows} right"));
        }
        remedies.join(", ")
    }

    /// What is left: the same run if it was stopped, the files alone if they are all that is missing, else its rows with
    /// files of their own; all rows if nothing was to be changed.
    fn again(&self) -> Typed {
        if self.stopped {
            let same = Typed::now().without("--restart").without("--retry-auth");
            return same.with(&["--resume"]);
        }
        if self.kept.is_some() && self.rejected.is_lost && !self.sandbox {
            let same = Typed::now().without("--restart").without_value("--retry");
            return same.without("--retry-auth").with(&["--resume"]);
        }
        if let Some(journal) = self.kept.filter(|_| !self.unwritten.is_empty()) {
            let reports = self.unwritten.iter().map(|it| it.to_string_lossy());
            let options = reports.flat_map(|it| ["--report".into(), it]);
            let journal = journal.to_string_lossy();
            return Typed::of(["report".into(), journal].into_iter().chain(options));
        }
        let same = Typed::now().without("--resume").without_value("--retry");
        let same = same.without("--restart").without("--retry-auth");
        if self.rehearsal || self.rejected.rows == 0 {
            return same;
        }
        let same = same.without_value("--report").without_value("--rejects");
        let same = same.without_value("--journal").without_value("--problems");
        // There rows have other numbers, and only those that were selected.
        self.of_rejects(without_selection(same)).input(self.input, self.rejects)
    }

    /// Options that say how the input is written, as they hold for the rejects: those of a spreadsheet are CSV, and their
    /// name may say something else.
    fn of_rejects(&self, typed: Typed) -> Typed {
        let format = self.format.of_rejects();
        let typed = typed.without_value("--sheet").without_value("--format");
        match Format::of_path(self.rejects) {
            Ok(Some(named)) if named == format => typed,
            Ok(_) | Err(_) => typed.with(&["--format", format.as_str()]),
        }
    }
}

fn without_selection(typed: Typed) -> Typed {
    selection::OPTIONS.into_iter().fold(typed, Typed::without_value)
}

fn shown(cause: &Cause) -> String {
    let Cause { status, detail, rows: count, row } = cause;
    let Detail { code, key, message } = detail.as_ref();
    let mut words = vec![status.as_str()];
    words.extend([code.as_str(), key.as_str()].into_iter().filter(|it| !it.is_empty()));
    format!("{}: {message} ({}, first row {row})", words.join(" "), rows(*count))
}

pub(super) fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(count)) }
}
