//! `boxlift status`: what a journal's last job is, how far it came, and what to type next. Changes nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::next::Typed;
use crate::cli::screen;
use crate::journal::Ended;
use crate::journal::Job;
use crate::journal::JobKind;
use crate::journal::Left;
use crate::journal::Reading;
use crate::model::Status;
use crate::report::text::grouped;
use crate::report::time_of_day;

/// Options of `boxlift status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Journal of a job that is finished, was broken off, or still runs
    journal: PathBuf,
}

/// Tells of the last job on stdout.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let Args { journal } = args;
    let reading = Reading::open(journal)?;
    let text = match reading.job()? {
        None => format!("journal: {}\nstate:   no job yet\n", journal.display()),
        Some(job) => {
            let mut text = told(journal, &job, reading.holder(), &reading.totals()?);
            let real = reading.latest(JobKind::Real)?;
            if let Some(real) = real.filter(|it| it.id != job.id && is_left(it)) {
                put_line(&mut text, "also", &also(journal, &real));
            }
            text
        }
    };
    screen::data(&text)?;
    Ok(Exit::Done)
}

fn told(journal: &Path, job: &Job, holder: Option<&str>, totals: &[(Status, u64)]) -> String {
    let count = |(status, rows): &(Status, u64)| format!("{} {}", grouped(*rows), status.as_str());
    let counts: Vec<_> = totals.iter().map(count).collect();
    let rows = totals.iter().map(|(_, rows)| rows).sum();
    let lines = [
        ("journal", journal.display().to_string()),
        ("input", job.input.clone()),
        ("switch", job.url.clone()),
        ("user", job.username.clone()),
        ("kind", job.kind.as_str().to_owned()),
        ("began", time_of_day(job.began_ms).unwrap_or_default()),
        ("state", state(job, holder)),
        ("rows", [vec![grouped(rows)], counts].concat().join(", ")),
        ("typed", job.options.clone()),
        ("next", next(journal, job, holder)),
    ];
    let mut text = String::new();
    for (name, value) in lines {
        put_line(&mut text, name, &value);
    }
    text
}

fn put_line(text: &mut String, name: &str, value: &str) {
    // A path may hold anything; a terminal takes some of it for orders.
    let value = value.replace(char::is_control, "?");
    let _ = writeln!(text, "{:<8} {value}", format!("{name}:"));
}

/// Whether a job waits to be gone on with.
fn is_left(job: &Job) -> bool {
    !job.is_finished() && job.calls > 0
}

/// A real run that a later job of another kind does not end.
fn also(journal: &Path, real: &Job) -> String {
    let began = time_of_day(real.began_ms).unwrap_or_default();
    format!("the real run of {began} is unfinished: {}", next(journal, real, None))
}

fn state(job: &Job, holder: Option<&str>) -> String {
    match (&job.ended, holder) {
        (None, Some(holder)) => format!("running as {holder}"),
        (None, None) => "unfinished: broken off without a word".to_owned(),
        (Some(Ended { at_ms, how, left }), _) => {
            let time = time_of_day(*at_ms).unwrap_or_default();
            let state = match left {
                Left::Nothing => "finished",
                Left::Something => "unfinished",
            };
            format!("{state}, ended {time}: {how}")
        }
    }
}

fn next(journal: &Path, job: &Job, holder: Option<&str>) -> String {
    if job.ended.is_none() && holder.is_some() {
        return "wait until it has ended".to_owned();
    }
    if job.is_finished() {
        return Typed::of(["report", &journal.to_string_lossy()]).to_string();
    }
    let input = if job.input == "stdin" { "-" } else { &job.input };
    let login = ["--url", &job.url, "--username", &job.username];
    let words = match job.kind {
        JobKind::Real => login.to_vec(),
        JobKind::Rehearsal => [&login[..], &["--dry-run"]].concat(),
        JobKind::Sandbox => vec!["--sandbox"],
    };
    let journal = journal.to_string_lossy();
    let again = Typed::of(["apply", input]).with(&words).with(&["--journal", &journal]);
    let again = match job.kind {
        JobKind::Real | JobKind::Rehearsal => again.with(&["--resume"]),
        // An embedded switch forgets what it did.
        JobKind::Sandbox => again,
    };
    format!("{again} (and the other options as typed)")
}
