//! `boxlift convert`: the rows of an input as rows with our own columns. Opens no socket and sends nothing.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::check;
use crate::cli::outputs;
use crate::cli::outputs::ProblemsArgs;
use crate::cli::rows::RowArgs;
use crate::cli::screen;
use crate::cli::signals;
use crate::cli::summary;
use crate::input::Readings;
use crate::pipeline::RunError;
use crate::report::Format;
use crate::report::Output;
use crate::report::text;

/// Options of `boxlift convert`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File to convert; `-` is standard input
    input: PathBuf,

    /// File to write, .csv or .jsonl; `-` is standard output, as CSV. It holds PINs
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    #[command(flatten)]
    rows: RowArgs,

    #[command(flatten)]
    problems: ProblemsArgs,

    /// Say nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

/// Judges the input and writes its rows.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    signals::outlive_size_limits()?;
    let is_stdout = args.output == Path::new("-");
    let format = if is_stdout { Format::Csv } else { outputs::format_of(&args.output)? };
    args.problems.check_form()?;
    let results = [&args.output].into_iter().chain(&args.problems.problems);
    outputs::check_places(results, args.rows.map())?;
    let (batch, problems) = check::open(&args.input, &args.rows, &args.problems, Readings::Two)?;
    let output = if is_stdout {
        Output::given("stdout", Box::new(io::stdout()))
    } else {
        outputs::open(&args.output, batch.input.source())?
    };
    let every = args.problems.problems.as_deref();
    screen::tell(&text::findings(&batch.checked.findings, &batch.name, every));
    if let Some(problems) = problems {
        problems.put_in_place()?;
    }
    let converted = match batch.convert(format, output, args.rows.empty_token()) {
        // A reader that has gone away is no error.
        Err(RunError::Output(error)) if is_stdout && error.reader_is_gone() => {
            return Ok(Exit::Done);
        }
        converted => converted.map_err(|it| Failure::about(&batch.name, it))?,
    };
    let is_good = converted.lost == 0 && batch.is_clean();
    if !args.quiet {
        screen::tell_line(&summary::of_conversion(&batch, &converted));
        if !is_stdout {
            screen::tell_line(&RowArgs::next_after_conversion(&args.output));
        }
    }
    Ok(if is_good { Exit::Done } else { Exit::InvalidInput })
}
