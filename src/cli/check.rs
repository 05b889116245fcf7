//! `boxlift check`: every local rule on every row. Opens no socket and writes nothing but files that are asked for.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::outputs;
use crate::cli::outputs::ProblemsArgs;
use crate::cli::rows::RowArgs;
use crate::cli::screen;
use crate::cli::signals;
use crate::cli::summary;
use crate::cli::threads;
use crate::input;
use crate::input::Format;
use crate::input::Readings;
use crate::input::Source;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::pipeline::Telling;
use crate::report::Problems;
use crate::report::Report;
use crate::report::text;

/// Options of `boxlift check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files to judge; `-` is standard input
    #[arg(required = true)]
    input: Vec<PathBuf>,

    #[command(flatten)]
    rows: RowArgs,

    #[command(flatten)]
    problems: ProblemsArgs,

    #[command(flatten)]
    output: outputs::OutputArgs,
}

/// Judges every input, each to its end, whatever is wrong with another.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    signals::outlive_size_limits()?;
    outputs::check_forms(&args.output.report)?;
    args.problems.check_form()?;
    let results = args.output.report.iter().chain(&args.problems.problems);
    outputs::check_places(results, args.rows.map())?;
    let files_about_one = !args.output.report.is_empty() || args.problems.problems.is_some();
    if args.input.len() > 1 && files_about_one {
        let help = "check one file at a time where a report or a list of problems is wanted";
        return Err(Failure::usage("each of these files is about one input", help));
    }
    if args.input.iter().filter(|it| is_stdin(it)).count() > 1 {
        let help = "give `-` once, and other inputs by their paths";
        return Err(Failure::usage("standard input is named twice", help));
    }
    let _alone = threads::for_inputs(&args.input);
    let mut exits = Vec::new();
    for path in &args.input {
        exits.push(check(path, args).unwrap_or_else(|failure| {
            screen::tell_line(&failure.to_string());
            failure.exit
        }));
    }
    Ok(Exit::gravest(exits))
}

fn check(path: &Path, args: &Args) -> Result<Exit, Failure> {
    let reports = &args.output.report;
    let readings = if reports.is_empty() { Readings::One } else { Readings::Two };
    let (batch, problems) = open(path, &args.rows, &args.problems, readings)?;
    let reports = outputs::open_reports(reports, batch.input.source())?;
    let every = args.problems.problems.as_deref();
    screen::tell(&text::findings(&batch.checked.findings, &batch.name, every));
    if !args.output.quiet {
        screen::tell_line(&summary::of_check(&batch));
    }
    // A file that cannot be written takes no other with it.
    let mut written: Vec<_> = problems.into_iter().map(Report::put_in_place).collect();
    if !reports.is_empty() {
        let mut results = Results::before_sending(&batch.checked.sheet, &[]);
        results.give_up_the_rest("only checked");
        written.extend(reports.into_iter().map(|it| batch.write_report(&results, it)));
    }
    let failures: Vec<Failure> =
        written.into_iter().filter_map(|it| it.err().map(Failure::from)).collect();
    if !failures.is_empty() {
        for failure in &failures {
            screen::tell_line(&failure.to_string());
        }
        return Ok(Exit::gravest(failures.iter().map(|it| it.exit)));
    }
    if !args.output.quiet {
        screen::tell_line(&format!("next: {}", summary::after_check(&batch, path, &args.input)));
    }
    Ok(if batch.is_clean() { Exit::Done } else { Exit::InvalidInput })
}

/// Opens an input and judges all of it. The list of problems, if it is asked for, is written and not yet in its place.
pub(super) fn open(
    path: &Path,
    rows: &RowArgs,
    problems: &ProblemsArgs,
    readings: Readings,
) -> Result<(Batch, Option<Report<Problems>>), Failure> {
    let settings = input::Settings { readings, ..rows.input_settings()? };
    let rules = rows.rules()?;
    let (source, format) = open_source(path, &rows.bytes(path))?;
    let name = name_of(path);
    let mut problems = problems.open(&source)?;
    let telling = Telling { name: name.clone(), problems: problems.as_mut() };
    let batch = Batch::check(source, format, settings, rules, telling);
    Ok((batch.map_err(|it| Failure::about(&name, it))?, problems))
}

/// What people call an input.
pub(super) fn name_of(path: &Path) -> String {
    if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Opens an input, makes its bytes ready, and finds out their format where it is not given.
pub(super) fn open_source(path: &Path, bytes: &input::Bytes) -> Result<(Source, Format), Failure> {
    let length_max = bytes.limits.input;
    let is_stdin = is_stdin(path);
    let source = if is_stdin { Source::stdin(length_max) } else { Source::open(path, length_max) };
    let named = (!is_stdin).then_some(path);
    let prepared = source.and_then(|it| input::prepare(it, named, bytes));
    prepared.map_err(|it| Failure::about(&name_of(path), it))
}
