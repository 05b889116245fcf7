//! What people are told at the end: what came of the rows, where it is written, and what to type next.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::model::Action;
use crate::model::Plan;
use crate::model::Status;
use crate::model::Totals;
use crate::pipeline::Batch;
use crate::report::text;
use crate::report::text::grouped;

/// Customers that are named one by one before a run.
const CUSTOMERS_SHOWN_MAX: usize = 5;

/// One line about a check.
pub(super) fn of_check(batch: &Batch) -> String {
    let rows = rows(batch.rows() as u64);
    let findings = text::counts(&batch.checked.findings);
    if batch.rows() == 0 {
        return format!("{}: a header and no rows, {findings}", batch.name);
    }
    format!("{}: {rows}, {findings}", batch.name)
}

/// What to do after a check.
pub(crate) fn after_check(batch: &Batch, input: &Path) -> String {
    match (batch.is_clean(), batch.rows()) {
        (false, _) => mend(input),
        (true, 0) => "fill the file".to_owned(),
        (true, _) => command("boxlift apply", input, "--dry-run"),
    }
}

fn mend(input: &Path) -> String {
    format!("put the file right, then {}", command("boxlift check", input, ""))
}

/// What is to be done, in numbers.
pub(super) fn actions(plan: &Plan) -> String {
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

/// The end of an `apply`.
#[derive(Debug)]
pub(super) struct Ending<'e> {
    /// The input as it was named.
    pub input: &'e Path,
    /// What became of its rows.
    pub totals: Totals,
    /// The exit code.
    pub exit: Exit,
    /// Nothing was to be changed.
    pub rehearsal: bool,
    /// It was the embedded switch.
    pub sandbox: bool,
    /// Reports that were written.
    pub reports: &'e [PathBuf],
    /// The rejects file, if one was needed.
    pub rejects: Option<&'e Path>,
    /// A rejects file that an earlier run left, and that is not about this one.
    pub stale_rejects: Option<&'e Path>,
    /// Rows that a person must look at.
    pub in_doubt: u64,
}

impl Ending<'_> {
    /// Totals, files, and the command to type next as the last line.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", self.counts());
        for report in self.reports {
            let _ = writeln!(text, "report: {}", report.display());
        }
        if let Some(rejects) = self.rejects {
            let _ = writeln!(text, "rows that are not done: {} (holds PINs)", rejects.display());
        }
        if let Some(stale) = self.stale_rejects {
            let _ = writeln!(text, "{} is of an earlier run", stale.display());
        }
        if self.in_doubt > 0 {
            let rows = rows(self.in_doubt);
            let _ = writeln!(text, "{rows} in doubt: look at the switch before trying them again");
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
        match self.exit {
            Exit::Done if self.totals.sum() == 0 => "fill the file".to_owned(),
            Exit::Done if self.sandbox => {
                command("boxlift apply", self.input, "--url HOST --username NAME --dry-run")
            }
            Exit::Done if self.rehearsal => {
                command("boxlift apply", self.input, "with the same options but --dry-run")
            }
            Exit::Done => "nothing, all rows are done".to_owned(),
            Exit::InvalidInput => mend(self.input),
            Exit::NotDone => format!("put the rows right, then {}", self.again()),
            Exit::Interrupted | Exit::Terminated => self.again(),
            Exit::Usage
            | Exit::NoInput
            | Exit::Unavailable
            | Exit::Bug
            | Exit::Files
            | Exit::Credentials
            | Exit::Configuration => format!("{}, once that is mended", self.again()),
        }
    }

    /// What is left of the rows again; all of them if nothing was to be changed.
    fn again(&self) -> String {
        let left = self.rejects.filter(|_| !self.rehearsal).unwrap_or(self.input);
        command("boxlift apply", left, "with the same options")
    }
}

/// A command with its file and what follows, the file quoted where a shell needs it.
pub(super) fn command(command: &str, file: &Path, rest: &str) -> String {
    let name = file.display().to_string();
    let is_plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_./".contains(&it));
    let name = if is_plain { name } else { format!("'{}'", name.replace('\'', r"'\''")) };
    let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
    format!("{command} {name}{rest}")
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(count)) }
}
