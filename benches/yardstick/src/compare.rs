//! The comparison: boxlift and every peer that is installed, in turn, on the same rows, round by round.
//!
//! Each run has a folder and a server of its own, is bounded in time, and is ended by its id. A contender that fails is
//! left out from then on and told; one that is not installed is told with the way to get it. Judges no figure.

mod case;
mod child;
mod inputs;
mod measure;
mod server;
mod table;
mod tool;

use std::env;
use std::io;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;

use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;

use crate::compare::case::Case;
use crate::compare::inputs::Inputs;
use crate::compare::measure::Bench;
use crate::compare::table::Line;
use crate::failure::Failure;
use crate::rows::ROWS_MAX;

/// Fewest rows: a hundredth of them must be a row.
const ROWS_MIN: u64 = 100;

/// Most rounds.
const ROUNDS_MAX: u64 = 99;

/// Options of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The program to compare
    #[arg(long, value_name = "PATH")]
    boxlift: PathBuf,

    /// Rows of the greatest runs; groups that cannot use so many say so
    #[arg(long, value_name = "N", default_value_t = 1_000_000,
        value_parser = clap::value_parser!(u64).range(ROWS_MIN..=ROWS_MAX))]
    rows: u64,

    /// How often everything is run
    #[arg(long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(1..=ROUNDS_MAX))]
    rounds: u64,

    /// Only groups or contenders of this name, as in `calls` or `calls/wrk`; the first of the group runs in any case
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,

    /// Where files are written while it runs: on the disk that journals would be on
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

/// Runs everything that was asked for and prints the table.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let (cases, absent) = chosen(options)?;
    let folder = tempfile::Builder::new()
        .prefix("yardstick-")
        .tempdir_in(&options.folder)
        .map_err(|error| Failure::file(&options.folder, &error))?;
    let bench = Bench {
        boxlift: absolute(&options.boxlift)?,
        yardstick: env::current_exe()
            .map_err(|error| Failure::new(error.to_string(), "start it by its path"))?,
        inputs: Inputs::new(folder.path()),
        folder: folder.path(),
        interrupted: on_signals()?,
    };
    let mut lines: Vec<Line> = cases.into_iter().map(Line::new).collect();
    for round in 0..options.rounds {
        run_round(&bench, &mut lines, round)?;
    }
    let cores = thread::available_parallelism().map_or(0, NonZero::get);
    let written = writeln!(out, "{cores} cores, {} rounds\n", options.rounds)
        .and_then(|()| table::write(out, &lines, &absent))
        .and_then(|()| out.flush());
    written.map_err(|error| Failure::output(&error))?;
    if lines.iter().any(|it| it.case.tool.is_boxlift() && it.failure.is_some()) {
        return Err(Failure::new("a run of boxlift failed", "read what stands below the table"));
    }
    Ok(())
}

/// Runs every case once. Every other round goes backwards, so that nobody is always measured after the same neighbour.
fn run_round(bench: &Bench<'_>, lines: &mut [Line], round: u64) -> Result<(), Failure> {
    let count = lines.len();
    for step in 0..count {
        let place = if round.is_multiple_of(2) { step } else { count - 1 - step };
        let line = &mut lines[place];
        if line.failure.is_some() {
            continue;
        }
        // Whoever waits wants to see that it goes on; that it cannot be shown stops nothing.
        let _ = writeln!(io::stderr(), "round {}: {}", round + 1, line.case.name());
        match measure::measure(bench, &line.case) {
            Ok(measurement) => line.runs.push((round, measurement)),
            Err(failure) if bench.interrupted.load(Ordering::Relaxed) => return Err(failure),
            Err(failure) => {
                let _ = writeln!(io::stderr(), "{} is left out: {failure}", line.case.name());
                line.failure = Some(failure.to_string());
            }
        }
    }
    Ok(())
}

/// The cases that were asked for and can be run, and the tools of those that cannot, each with the way to get it.
fn chosen(options: &Options) -> Result<(Vec<Case>, Vec<String>), Failure> {
    let all = case::all(options.rows);
    if let Some(name) = options.only.iter().find(|name| !all.iter().any(|it| it.is_named(name))) {
        let mut names: Vec<_> = all.iter().map(Case::name).collect();
        // A tool may be in a group with several inputs.
        names.dedup();
        let what = format!("no case is named `{name}`; there are {}", names.join(", "));
        return Err(Failure::new(what, "give one of these or its part before the `/`"));
    }
    let is_wanted = |case: &Case| {
        let asked = |it: &Case| options.only.iter().any(|name| it.is_named(name));
        let leads = case.leads && all.iter().any(|it| it.group == case.group && asked(it));
        options.only.is_empty() || leads || asked(case)
    };
    let (mut cases, mut absent) = (Vec::new(), Vec::new());
    for case in all.iter().filter(|it| is_wanted(it)) {
        match case.tool.missing() {
            None => cases.push(case.clone()),
            Some(remedy) => absent.push(remedy.to_owned()),
        }
    }
    absent.sort();
    absent.dedup();
    Ok((cases, absent))
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| Failure::file(path, &error))
}

/// What becomes true when the comparison is to end early.
fn on_signals() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| Failure::new(error.to_string(), "try it again"))?;
    }
    Ok(interrupted)
}
