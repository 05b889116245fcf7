//! One run of one case: a fresh folder, a fresh server, the program, and whether it did what it was to do.
//!
//! A run that fails, or of which not as many calls as rows arrived, gives no figure.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::arrivals::Tally;
use crate::arrivals::real;
use crate::compare::case::Case;
use crate::compare::child::Running;
use crate::compare::inputs::Inputs;
use crate::compare::server::Server;
use crate::compare::tool::Place;
use crate::failure::Failure;

/// Longest run of one program.
const RUN_TIME_MAX: Duration = Duration::from_secs(900);

/// Most of what a program said that is repeated when it failed.
const SAID_CHARACTERS_MAX: usize = 400;

/// What all runs share.
pub(crate) struct Bench<'b> {
    /// The program that is compared.
    pub(crate) boxlift: PathBuf,
    /// This program.
    pub(crate) yardstick: PathBuf,
    /// What tools read.
    pub(crate) inputs: Inputs,
    /// Where runs have their folders.
    pub(crate) folder: &'b Path,
    /// Whether the comparison is to end early.
    pub(crate) interrupted: Arc<AtomicBool>,
}

/// What one run gave.
#[derive(Debug)]
pub(crate) struct Measurement {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of CPU.
    pub(crate) cpu: f64,
    /// Seconds of CPU that its server took.
    pub(crate) server_cpu: f64,
    /// Most memory, in bytes.
    pub(crate) peak_bytes: f64,
    /// Rows that were done.
    pub(crate) rows: f64,
    /// What arrived at the server, where there was one.
    pub(crate) tally: Option<Tally>,
}

/// Runs a case once.
pub(crate) fn measure(bench: &Bench<'_>, case: &Case) -> Result<Measurement, Failure> {
    let folder =
        tempfile::tempdir_in(bench.folder).map_err(|error| Failure::file(bench.folder, &error))?;
    let folder = folder.path();
    let server = if case.tool.calls() {
        Some(Server::start(&bench.yardstick, folder, case.latency_ms)?)
    } else {
        None
    };
    let url = server.as_ref().map_or("", |it| it.url.as_str());
    let mut command = case.tool.command(case, &Place { bench, folder, url })?;
    let output = |name: &str| {
        let path = folder.join(name);
        File::create(&path).map_err(|error| Failure::file(&path, &error))
    };
    command.current_dir(folder).stdout(output("output.txt")?).stderr(output("errors.txt")?);
    for name in ["BOXLIFT_URL", "BOXLIFT_USERNAME", "http_proxy", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let usage = Running::start(&mut command)?.wait(RUN_TIME_MAX, &bench.interrupted)?;
    let ending = server.map(|it| it.stop(&bench.interrupted)).transpose()?;
    if !usage.status.success() {
        let what = format!("{} ended with {}: {}", case.name(), usage.status, said(folder));
        return Err(Failure::new(what, "run it by hand on the output of `yardstick rows`"));
    }
    let (tally, server_cpu) =
        ending.map_or((None, 0.0), |(tally, usage)| (Some(tally), usage.cpu.as_secs_f64()));
    let rows = tally.as_ref().map_or(case.rows, |it| it.creates);
    if rows != case.rows && case.tool.sends_each_row_once() {
        let what = format!("{} calls of {} rows arrived", rows, case.rows);
        return Err(Failure::new(what, "look for its retries, and for what it leaves out"));
    }
    Ok(Measurement {
        wall: usage.wall.as_secs_f64(),
        cpu: usage.cpu.as_secs_f64(),
        server_cpu,
        peak_bytes: real(usage.peak_bytes),
        rows: real(rows),
        tally,
    })
}

/// The end of what a program said of its failure.
fn said(folder: &Path) -> String {
    let bytes = fs::read(folder.join("errors.txt")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let skipped = text.chars().count().saturating_sub(SAID_CHARACTERS_MAX);
    text.chars().skip(skipped).collect::<String>().trim().to_owned()
}
