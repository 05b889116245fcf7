//! `boxlift apply`: judge every row, rehearse or send, and write one true result for each.

mod keeping;
mod limits;
mod resumption;
mod sending;

use std::path::PathBuf;
use std::slice;
use std::sync::Arc;

use clap::ValueEnum;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::check;
use crate::cli::confirm;
use crate::cli::confirm::Question;
use crate::cli::connection::Address;
use crate::cli::connection::ConnectionArgs;
use crate::cli::outputs;
use crate::cli::outputs::OutputArgs;
use crate::cli::outputs::ProblemsArgs;
use crate::cli::rows::RowArgs;
use crate::cli::screen;
use crate::cli::selection::Scope;
use crate::cli::signals;
use crate::cli::summary;
use crate::cli::summary::Ending;
use crate::cli::threads;
use crate::input::Readings;
use crate::input::unpacked_name;
use crate::model::Kind;
use crate::model::Plan;
use crate::model::Severity;
use crate::pipeline::Batch;
use crate::pipeline::Rejected;
use crate::pipeline::Results;
use crate::report::Output;
use crate::report::Report;
use crate::report::text;

use keeping::JournalArgs;
use limits::RunArgs;
use sending::Far;

/// Options of `boxlift apply`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File with a mailbox a row; `-` is standard input
    input: PathBuf,

    /// Ask the switch to judge every row (`validation=1`); changes nothing
    #[arg(long, conflicts_with = "validate_first")]
    dry_run: bool,

    /// Dry run first, and the real run only if every row passes
    #[arg(long)]
    validate_first: bool,

    /// What to do if a row is invalid: send nothing, or send the valid ones
    #[arg(long, value_name = "abort|skip", default_value = "abort", hide_possible_values = true)]
    invalid: Invalid,

    #[command(flatten)]
    connection: ConnectionArgs,

    #[command(flatten)]
    rows: RowArgs,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    journal: JournalArgs,

    #[command(flatten)]
    problems: ProblemsArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Rows that are not done, as an input again [default: STEM.rejects.EXTENSION]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Invalid {
    Abort,
    Skip,
}

/// What a row is sent for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    DryRun,
    ValidateFirst,
    Real,
}

impl Mode {
    /// The kind of the pass that counts.
    fn kind(self) -> Kind {
        match self {
            Self::DryRun => Kind::Rehearsal,
            Self::ValidateFirst | Self::Real => Kind::Real,
        }
    }
}

impl Args {
    fn mode(&self) -> Mode {
        match (self.dry_run, self.validate_first) {
            (true, _) => Mode::DryRun,
            (false, true) => Mode::ValidateFirst,
            (false, false) => Mode::Real,
        }
    }
}

/// Applies one input.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    outputs::check_forms(&args.output.report)?;
    args.problems.check_form()?;
    let address = args.connection.address()?;
    signals::outlive_size_limits()?;
    let _alone = threads::for_inputs(slice::from_ref(&args.input));
    let (batch, problems) = check::open(&args.input, &args.rows, &args.problems, Readings::Two)?;
    let has_errors = !batch.is_clean();
    if has_errors || !args.output.quiet {
        let every = args.problems.problems.as_deref();
        screen::tell(&text::findings(&batch.checked.findings, &batch.name, every));
    }
    if !args.output.quiet {
        screen::tell_line(&summary::of_check(&batch));
    }
    let job = Job { args, batch: Arc::new(batch) };
    // What cannot be written, or must not be, is said before anybody is asked for anything.
    let files = job.open_files()?;
    if let Some(problems) = problems {
        problems.put_in_place()?;
    }
    if has_errors && (args.invalid == Invalid::Abort || job.batch.header_is_wrong) {
        return job.send_nothing(address, files);
    }
    let (plan, unplanned) = job.batch.plan();
    let unsent = || Results::before_sending(&job.batch.checked.sheet, &unplanned);
    if plan.tasks.is_empty() {
        return Ok(job.end(&unsent(), files, sending::Sent::default()));
    }
    let (journal, far, keys) = job.open_journal(address)?;
    let standing = job.stand((journal, keys), far.login())?;
    if !job.may_go_ahead(&plan, &far)? {
        screen::tell_line("nothing was sent, no report was written");
        return Ok(Exit::NotDone);
    }
    let mut results = unsent();
    let sent = sending::send(&job, (plan, &mut results), &far, standing)?;
    Ok(job.end(&results, files, sent))
}

/// An input that was judged, with what is to be done about it.
struct Job<'j> {
    args: &'j Args,
    batch: Arc<Batch>,
}

/// The files that results go to, opened.
struct Files {
    reports: Vec<Report>,
    rejects: Output,
}

/// What came of writing reports.
#[derive(Default)]
struct Written {
    /// Those that are in their places, or in the place for temporary files.
    reports: Vec<PathBuf>,
    /// Those that are not.
    unwritten: Vec<PathBuf>,
}

impl Job<'_> {
    /// Opens every output, before the first call.
    fn open_files(&self) -> Result<Files, Failure> {
        let source = self.batch.input.source();
        let stem = outputs::stem(&self.args.input);
        let format = self.batch.format.of_rejects();
        let named = unpacked_name(&self.args.input).extension();
        let named = named.filter(|_| format == self.batch.format);
        let named = named.map(|it| it.to_string_lossy().into_owned());
        let copied = self.args.rows.copy_format(&self.args.input).map(|it| it.as_str().to_owned());
        let extension = copied.or(named).unwrap_or_else(|| format.as_str().to_owned());
        let rejects = self
            .args
            .rejects
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("{stem}.rejects.{extension}")));
        let reports = match self.args.output.report.as_slice() {
            [] => vec![PathBuf::from(format!("{stem}.report.csv"))],
            named => named.to_vec(),
        };
        let journal = self.journal_path();
        let problems = &self.args.problems.problems;
        let results = reports.iter().chain([&rejects, &journal]).chain(problems);
        outputs::check_places(results, self.args.rows.map())?;
        Ok(Files {
            reports: outputs::open_reports(&reports, source)?,
            rejects: outputs::open(&rejects, source)?,
        })
    }

    /// Shows what is about to be written to a real switch, and asks.
    fn may_go_ahead(&self, plan: &Plan, far: &Far) -> Result<bool, Failure> {
        let Args { run, .. } = self.args;
        let mode = self.args.mode();
        let Far::Away(login) = far else { return Ok(true) };
        if mode == Mode::DryRun || run.yes {
            return Ok(true);
        }
        let passes = if mode == Mode::ValidateFirst { 2 } else { 1 };
        confirm::ask(&Question {
            host: login.url.host(),
            username: &login.username,
            customers: summary::customers(plan),
            rows: summary::rows_of(plan, self.batch.left_out()),
            warnings: self.batch.checked.findings.count(Severity::Warning),
            rate: run.rate,
            concurrency: run.concurrency,
            least_time: run.rate.time_for(plan.tasks.len() as u64 * passes),
        })
    }

    /// The input has errors and nothing of it is sent.
    fn send_nothing(&self, address: Option<Address>, files: Files) -> Result<Exit, Failure> {
        let mut results = Results::before_sending(&self.batch.checked.sheet, &[]);
        let why = if self.batch.header_is_wrong {
            "the header is wrong"
        } else {
            "other rows are invalid"
        };
        results.give_up_the_rest(&format!("not sent: {why}"));
        if let Some(address) = address {
            self.recall(address, (&mut results, why))?;
        }
        let sent = sending::Sent { reasons: vec![Exit::InvalidInput], ..sending::Sent::default() };
        Ok(self.end(&results, files, sent))
    }

    /// Writes all results, says what came of it, and finds the exit code. No file that fails stops another.
    fn end(&self, results: &Results, files: Files, sent: sending::Sent) -> Exit {
        let sending::Sent { stopped, is_kept, mut reasons } = sent;
        let totals = results.totals();
        let mut failures = Vec::new();
        if totals.sum() != self.batch.records || results.surplus() > 0 {
            let [read, sum, surplus] = [self.batch.records, totals.sum(), results.surplus()];
            let message = format!("{read} rows were read, {sum} have a result, {surplus} have two");
            failures.push(Failure::bug(message));
        }
        let Files { reports, rejects } = files;
        let rejects_path = rejects.path().to_owned();
        let Written { reports, unwritten } = self.write_reports(results, reports, &mut failures);
        let rejected = self.batch.write_rejects(results, rejects).unwrap_or_else(|error| {
            failures.push(Failure::about(&self.batch.name, error));
            Rejected { is_lost: true, ..Rejected::default() }
        });
        if totals.done() < totals.sum() {
            reasons.push(Exit::NotDone);
        }
        if rejected.left_out > 0 {
            reasons.push(Exit::Files);
        }
        if results.all_refused_for_role() {
            reasons.push(Exit::Credentials);
        }
        for failure in &failures {
            screen::tell_line(&failure.to_string());
        }
        reasons.extend(failures.iter().map(|it| it.exit));
        let exit = Exit::gravest(reasons);
        let journal = self.journal_path();
        let ending = Ending {
            input: &self.args.input,
            format: self.batch.format,
            totals,
            causes: results.causes(),
            exit,
            rehearsal: self.args.mode() == Mode::DryRun,
            scope: Scope::of(&self.batch.rules.selection),
            sandbox: self.args.connection.sandbox,
            stopped,
            kept: is_kept.then_some(&*journal),
            reports: &reports,
            unwritten: &unwritten,
            rejects: &rejects_path,
            rejected,
        };
        if !self.args.output.quiet || !failures.is_empty() {
            screen::tell(&ending.text());
        }
        exit
    }

    /// Writes every report that can be written; if none can, one to the place for temporary files.
    fn write_reports(
        &self,
        results: &Results,
        reports: Vec<Report>,
        failures: &mut Vec<Failure>,
    ) -> Written {
        let mut written = Written::default();
        let mut write = |report: Report, written: &mut Written| {
            let path = report.path().to_owned();
            match self.batch.write_report(results, report) {
                Ok(()) => written.reports.push(path),
                Err(error) => {
                    failures.push(Failure::about(&self.batch.name, error));
                    written.unwritten.push(path);
                }
            }
        };
        for report in reports {
            write(report, &mut written);
        }
        if written.reports.is_empty() {
            let name = format!("boxlift-{}.report.csv", std::process::id());
            let mut rescued = Written::default();
            let rescue = outputs::open_rescue(&std::env::temp_dir().join(name));
            let _ = rescue.map(|it| write(it, &mut rescued));
            written.reports = rescued.reports;
        }
        written
    }
}
