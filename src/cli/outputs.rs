//! Options that say where results go, and the files that they mean.

use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Failure;
use crate::input::Source;
use crate::input::same_file;
use crate::input::unpacked_name;
use crate::journal::Job;
use crate::report;
use crate::report::Kind;
use crate::report::Output;
use crate::report::OutputError;
use crate::report::Problems;
use crate::report::Report;

/// Options about results.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Report, one record a row: .csv or .jsonl (repeatable)
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,

    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// The option about problems, of commands that look for them.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct ProblemsArgs {
    /// Every single problem, a record each: .csv or .jsonl
    #[arg(long, value_name = "FILE")]
    pub problems: Option<PathBuf>,
}

impl ProblemsArgs {
    /// Refuses a name that does not say what form the list is to have.
    pub(super) fn check_form(&self) -> Result<(), Failure> {
        self.problems.iter().try_for_each(|path| format_of(path).map(drop))
    }

    /// Opens the list, at a place that is not the input.
    pub(super) fn open(&self, source: &Source) -> Result<Option<Report<Problems>>, Failure> {
        let begin = |path: &PathBuf| begin(path, open(path, source)?);
        self.problems.as_ref().map(begin).transpose()
    }
}

/// Opens reports, each at a place of its own that is not the input.
pub(super) fn open_reports(paths: &[PathBuf], source: &Source) -> Result<Vec<Report>, Failure> {
    paths.iter().map(|path| begin(path, open(path, source)?)).collect()
}

/// Opens reports of a journal, each at a place of its own that is neither the journal nor its job's input.
pub(super) fn open_reports_of(
    journal: &Path,
    job: &Job,
    paths: &[PathBuf],
) -> Result<Vec<Report>, Failure> {
    let open = |path: &PathBuf| {
        if same_file(path, journal) {
            let message = format!("`{}` is the journal itself", path.display());
            return Err(Failure::files(message, "name another place for the report"));
        }
        if same_file(path, Path::new(&job.input)) {
            return Err(is_the_input(path));
        }
        begin(path, Output::open(path)?)
    };
    paths.iter().map(open).collect()
}

/// Begins a list in the form that its name asks for.
fn begin<K: Kind>(path: &Path, output: Output) -> Result<Report<K>, Failure> {
    Ok(Report::begin(format_of(path)?, output)?)
}

/// Opens a report in CSV where none of those that were asked for could be written.
pub(super) fn open_rescue(path: &Path) -> Result<Report, OutputError> {
    Report::begin(report::Format::Csv, Output::open(path)?)
}

/// Opens one file for results.
pub(super) fn open(path: &Path, source: &Source) -> Result<Output, Failure> {
    if source.same_file(path) {
        return Err(is_the_input(path));
    }
    Ok(Output::open(path)?)
}

fn is_the_input(path: &Path) -> Failure {
    let message = format!("`{}` is the input itself", path.display());
    Failure::files(message, "name another place for the results")
}

/// Refuses reports whose names do not say what form they are to have, before anything else is done.
pub(super) fn check_forms(reports: &[PathBuf]) -> Result<(), Failure> {
    reports.iter().try_for_each(|path| format_of(path).map(drop))
}

/// Refuses one place for two outputs, however it is written, and that of the map.
pub(super) fn check_places<'p>(
    outputs: impl IntoIterator<Item = &'p PathBuf>,
    map: Option<&Path>,
) -> Result<(), Failure> {
    let mut places = HashSet::new();
    for path in outputs {
        if map.is_some_and(|it| same_file(path, it)) {
            let message = format!("`{}` is the map itself", path.display());
            return Err(Failure::files(message, "name another place for the results"));
        }
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let parent = parent.canonicalize().unwrap_or_else(|_| parent.to_owned());
        if !places.insert((parent, path.file_name())) {
            let message = format!("`{}` is named for two outputs", path.display());
            return Err(Failure::usage(message, "give each a name of its own"));
        }
    }
    Ok(())
}

/// The form that the name of a file asks for.
pub(super) fn format_of(path: &Path) -> Result<report::Format, Failure> {
    report::Format::of_path(path).ok_or_else(|| {
        let message = format!("`{}` does not say what form it is to have", path.display());
        Failure::usage(message, "end the name with .csv or .jsonl")
    })
}

/// What comes before the extension of an input; `stdin` for standard input.
pub(super) fn stem(input: &Path) -> String {
    if input == Path::new("-") {
        return "stdin".to_owned();
    }
    unpacked_name(input)
        .file_stem()
        .map_or_else(|| "input".to_owned(), |it| it.to_string_lossy().into_owned())
}
