//! `boxlift report`: what a journal knows of its last job, as reports. Changes nothing but the reports.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::outputs;
use crate::cli::outputs::OutputArgs;
use crate::cli::screen;
use crate::cli::signals;
use crate::journal::Reading;
use crate::pipeline;

/// Options of `boxlift report`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Journal of a job that is finished, was broken off, or still runs
    journal: PathBuf,

    #[command(flatten)]
    output: OutputArgs,
}

/// Writes the reports that are asked for, or the one that `apply` writes unasked.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    signals::outlive_size_limits()?;
    let Args { journal, output: OutputArgs { report, quiet } } = args;
    let unasked = [Path::new(&format!("{}.report.csv", outputs::stem(journal))).to_owned()];
    let paths = if report.is_empty() { &unasked[..] } else { report };
    outputs::check_forms(paths)?;
    outputs::check_places(paths, None)?;
    let reading = Reading::open(journal)?;
    let Some(job) = reading.job()? else {
        let message = format!("`{}` holds no job yet", journal.display());
        return Err(Failure::new(Exit::NoInput, message, "run `boxlift apply` first"));
    };
    let reports = outputs::open_reports_of(journal, &job, paths)?;
    let mut exit = Exit::Done;
    for (path, written) in paths.iter().zip(pipeline::write_again(&reading, reports)?) {
        match written.map_err(Failure::from) {
            Ok(()) if *quiet => {}
            Ok(()) => screen::tell_line(&format!("report: {}", path.display())),
            Err(failure) => {
                screen::tell_line(&failure.to_string());
                exit = failure.exit;
            }
        }
    }
    Ok(exit)
}
