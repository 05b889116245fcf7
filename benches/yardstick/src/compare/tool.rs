//! Who takes part: how each is started, and how one that is not there is got.
//!
//! Passwords go by the environment or by files. Every tool sends bodies of the same rows; what a tool cannot be told, such as to
//! keep a report, is said where it is started.

use std::env;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use crate::bodies::PASSWORD;
use crate::bodies::USERNAME;
use crate::compare::case::Case;
use crate::compare::inputs;
use crate::compare::inputs::Input;
use crate::compare::measure::Bench;
use crate::failure::Failure;
use crate::rows::COLUMNS;

/// A rate that never holds a call back.
const RATE_UNBOUNDED: u64 = 1_000_000;

/// How long wrk runs, which counts time and not rows.
const WRK_SECONDS: u64 = 5;

/// One who takes part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tool {
    /// boxlift apply, with journal and report.
    Apply,
    /// boxlift check.
    Check,
    /// boxlift --version.
    Version,
    /// The bare loop.
    Post,
    /// The csv crate alone.
    Records,
    /// curl --parallel.
    Curl,
    /// wrk: goes on for some seconds, writes nothing, reads no code.
    Wrk,
    /// oha: takes bodies by chance, writes nothing, reads no code.
    Oha,
    /// qsv fetchpost: one call at a time.
    Fetchpost,
    /// qsv validate.
    Validate,
    /// A script of the kind that people write.
    Aiohttp,
    /// GNU parallel, one curl a row.
    Parallel,
}

/// Where and with what a tool is started.
pub(crate) struct Place<'p> {
    /// What all runs share.
    pub(crate) bench: &'p Bench<'p>,
    /// The folder of this run.
    pub(crate) folder: &'p Path,
    /// The API of the server of this run; blank where there is none.
    pub(crate) url: &'p str,
}

impl Tool {
    /// As the table names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Check => "check",
            Self::Version => "version",
            Self::Post => "post",
            Self::Records => "records",
            Self::Curl => "curl",
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::Fetchpost => "qsv-fetchpost",
            Self::Validate => "qsv-validate",
            Self::Aiohttp => "aiohttp",
            Self::Parallel => "parallel",
        }
    }

    /// Whether it is what is measured, and no peer.
    pub(crate) fn is_boxlift(self) -> bool {
        matches!(self, Self::Apply | Self::Check | Self::Version)
    }

    /// Whether it needs a switch.
    pub(crate) fn calls(self) -> bool {
        !matches!(self, Self::Check | Self::Version | Self::Records | Self::Validate)
    }

    /// Whether it sends each row once; otherwise it goes on until its time is up.
    pub(crate) fn sends_each_row_once(self) -> bool {
        self != Self::Wrk
    }

    /// How it is got, where it is not there.
    pub(crate) fn missing(self) -> Option<&'static str> {
        let (is_there, remedy) = match self {
            Self::Apply | Self::Check | Self::Version | Self::Post | Self::Records => return None,
            Self::Curl => (is_on_path("curl"), "curl: apt-get install curl"),
            Self::Wrk => (is_on_path("wrk"), "wrk: apt-get install wrk"),
            Self::Oha => (is_on_path("oha"), "oha: cargo install --locked oha"),
            Self::Fetchpost | Self::Validate => (
                is_on_path("qsv"),
                "qsv: cargo install --locked qsv --features feature_capable,fetch",
            ),
            Self::Aiohttp => (has_aiohttp(), "aiohttp: pip install aiohttp"),
            Self::Parallel => (
                is_on_path("parallel") && is_on_path("curl"),
                "GNU parallel: apt-get install parallel curl",
            ),
        };
        (!is_there).then_some(remedy)
    }

    /// What is started, with all files in place.
    pub(crate) fn command(self, case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
        let mut command = match self {
            Self::Apply => apply(case, place)?,
            Self::Check => {
                let mut command = Command::new(&place.bench.boxlift);
                command.arg("check").arg(rows(case, place)?);
                command
            }
            Self::Version => {
                let mut command = Command::new(&place.bench.boxlift);
                command.arg("--version");
                command
            }
            Self::Post => {
                let mut command = Command::new(&place.bench.yardstick);
                command.args(["post", "--concurrency", &case.concurrency.to_string(), place.url]);
                command.arg(rows(case, place)?);
                command
            }
            Self::Records => {
                let mut command = Command::new(&place.bench.yardstick);
                command.arg("records").arg(rows(case, place)?);
                command
            }
            Self::Curl => curl(case, place)?,
            Self::Wrk => wrk(case, place)?,
            Self::Oha => oha(case, place)?,
            Self::Fetchpost => fetchpost(case, place)?,
            Self::Validate => {
                let schema = inputs::write_peer(place.folder, inputs::SCHEMA)?;
                let mut command = Command::new("qsv");
                command.arg("validate").arg(rows(case, place)?).arg(schema);
                command
            }
            Self::Aiohttp => aiohttp(case, place)?,
            Self::Parallel => parallel(case, place)?,
        };
        if self != Self::Parallel {
            command.stdin(Stdio::null());
        }
        Ok(command)
    }
}

fn rows(case: &Case, place: &Place<'_>) -> Result<PathBuf, Failure> {
    place.bench.inputs.get(Input::Rows(case.format), case.rows)
}

fn bodies(case: &Case, place: &Place<'_>) -> Result<PathBuf, Failure> {
    place.bench.inputs.get(Input::Bodies, case.rows)
}

fn endpoint(place: &Place<'_>) -> String {
    format!("{}mailboxes/create/", place.url)
}

/// As an operator would, but for questions and the limit of the rate.
fn apply(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let rate = format!("{}/s", case.rate.unwrap_or(RATE_UNBOUNDED));
    let mut command = Command::new(&place.bench.boxlift);
    command.arg("apply").arg(rows(case, place)?);
    command.args(["--url", place.url, "--username", USERNAME, "--yes", "--rate", &rate]);
    command.args(["--concurrency", &case.concurrency.to_string()]);
    command.args(["--journal", "rows.boxlift", "--report", "rows.report.csv"]);
    command.args(["--rejects", "rows.rejects.csv"]);
    command.env("BOXLIFT_PASSWORD", PASSWORD);
    Ok(command)
}

/// Answers go to standard output, which is a file: that is its report.
fn curl(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let config = inputs::write_curl_config(place.folder, case.rows, &endpoint(place))?;
    let mut command = Command::new("curl");
    command.args(["--disable", "--no-progress-meter", "--parallel", "--parallel-max"]);
    command.arg(case.concurrency.to_string()).arg("--config").arg(config);
    Ok(command)
}

fn wrk(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let script = inputs::write_peer(place.folder, inputs::WRK_SCRIPT)?;
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--connections", &case.concurrency.to_string()]);
    command.args(["--duration", &format!("{WRK_SECONDS}s"), "--script"]).arg(script);
    command.args([&endpoint(place), "--"]).arg(bodies(case, place)?);
    Ok(command)
}

fn oha(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let mut command = Command::new("oha");
    command.args(["-n", &case.rows.to_string(), "-c", &case.concurrency.to_string()]);
    command.args(["-m", "POST", "-T", "application/x-www-form-urlencoded", "--no-tui"]);
    if let Some(rate) = case.rate {
        command.args(["-q", &rate.to_string()]);
    }
    command.arg("-Z").arg(bodies(case, place)?).arg(endpoint(place));
    Ok(command)
}

/// The login goes with the rows, since all that it sends are columns.
fn fetchpost(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let sent = COLUMNS.iter().filter(|it| !matches!(**it, "action" | "copy_pin"));
    let sent: Vec<_> = ["auth_username", "auth_password"].iter().chain(sent).copied().collect();
    let mut command = Command::new("qsv");
    command.args(["fetchpost", &endpoint(place), &sent.join(","), "--no-cache"]);
    command.args(["--output", "fetchpost.csv"]);
    command.arg(place.bench.inputs.get(Input::RowsWithLogin, case.rows)?);
    Ok(command)
}

fn aiohttp(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let mut command = Command::new("python3");
    command.arg(inputs::write_peer(place.folder, inputs::AIOHTTP_SCRIPT)?);
    command.args([place.url, &case.concurrency.to_string()]).arg(rows(case, place)?);
    command.env("BENCH_USERNAME", USERNAME).env("BENCH_PASSWORD", PASSWORD);
    Ok(command)
}

/// Each curl reads its body from its standard input, so that nothing secret is in an argument.
fn parallel(case: &Case, place: &Place<'_>) -> Result<Command, Failure> {
    let path = bodies(case, place)?;
    let lines = File::open(&path).map_err(|error| Failure::file(&path, &error))?;
    let mut command = Command::new("parallel");
    command.args(["--will-cite", "--pipe", "-N", "1", "--jobs", &case.concurrency.to_string()]);
    command.args(["curl", "--disable", "--silent", "--data", "@-", &endpoint(place)]);
    // Without a home it looks for its settings here, and finds none.
    command.stdin(lines).env("HOME", place.folder);
    Ok(command)
}

fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn has_aiohttp() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import aiohttp"]).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|it| it.success())
}
