//! `boxlift check`: every local rule on every row. Opens no socket and writes nothing but files that are asked for.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::outputs;
use crate::cli::outputs::ProblemsArgs;
use crate::cli::rows::RowArgs;
use crate::cli::screen;
use crate::cli::summary;
use crate::input;
use crate::input::Format;
use crate::input::Source;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::pipeline::Telling;
use crate::report::Problems;
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
    outputs::check_forms(&args.output.report)?;
    args.problems.check_form()?;
    outputs::check_places(args.output.report.iter().chain(&args.problems.problems))?;
    let files_about_one = !args.output.report.is_empty() || args.problems.problems.is_some();
    if args.input.len() > 1 && files_about_one {
        let help = "check one file at a time where a report or a list of problems is wanted";
        return Err(Failure::usage("each of these files is about one input", help));
    }
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
    let (batch, problems) = open(path, &args.rows, &args.problems)?;
    let reports = outputs::open_reports(&args.output.report, batch.input.source())?;
    let every = args.problems.problems.as_deref();
    screen::tell(&text::findings(&batch.checked.findings, &batch.name, every));
    if !args.output.quiet {
        screen::tell_line(&summary::of_check(&batch));
    }
    if let Some(problems) = problems {
        problems.put_in_place()?;
    }
    let mut results = Results::before_sending(&batch.checked.sheet, &[]);
    results.give_up_the_rest("only checked");
    for report in reports {
        batch.write_report(&results, report)?;
    }
    if !args.output.quiet {
        let others: Vec<_> = args.input.iter().filter(|it| *it != path).collect();
        screen::tell_line(&format!("next: {}", summary::after_check(&batch, &others)));
    }
    Ok(if batch.is_clean() { Exit::Done } else { Exit::InvalidInput })
}

/// Opens an input and judges all of it. The list of problems, if it is asked for, is written and not yet in its place.
pub(super) fn open(
    path: &Path,
    rows: &RowArgs,
    problems: &ProblemsArgs,
) -> Result<(Batch, Option<Problems>), Failure> {
    let (settings, rules) = (rows.input_settings()?, rows.rules()?);
    let (source, format) = open_source(path, &rows.bytes(path))?;
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let mut problems = problems.open(&source)?;
    let telling = Telling { name, problems: problems.as_mut() };
    Ok((Batch::check(source, format, settings, rules, telling)?, problems))
}

/// Opens an input, makes its bytes ready, and finds out their format where it is not given.
pub(super) fn open_source(path: &Path, bytes: &input::Bytes) -> Result<(Source, Format), Failure> {
    let is_stdin = path == Path::new("-");
    let length_max = bytes.limits.input;
    let source = if is_stdin { Source::stdin(length_max) } else { Source::open(path, length_max) };
    let named = (!is_stdin).then_some(path);
    Ok(input::prepare(source?, named, bytes)?)
}
