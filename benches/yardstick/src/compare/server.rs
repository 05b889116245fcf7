//! The switch of one run: this program again, started fresh, and its count of what arrived.
//!
//! Its output is a file, so that nothing it says can hold it up.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::arrivals::Tally;
use crate::compare::child::Running;
use crate::compare::child::Usage;
use crate::failure::Failure;

/// Longest wait for its address and for its end.
const MOMENT: Duration = Duration::from_secs(10);

/// How often its address is looked for.
const LOOK: Duration = Duration::from_millis(5);

/// A switch that runs.
pub(crate) struct Server {
    running: Running,
    output: PathBuf,
    /// Where its API is.
    pub(crate) url: String,
}

impl Server {
    /// Starts one and waits for its address.
    pub(crate) fn start(yardstick: &Path, folder: &Path, latency_ms: u64) -> Result<Self, Failure> {
        let output = folder.join("serve.txt");
        let file = File::create(&output).map_err(|error| Failure::file(&output, &error))?;
        let mut command = Command::new(yardstick);
        command.args(["serve", "--latency", &latency_ms.to_string()]);
        command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
        let running = Running::start(&mut command)?;
        let deadline = Instant::now() + MOMENT;
        loop {
            let said = fs::read_to_string(&output).unwrap_or_default();
            if let Some((url, _)) = said.split_once('\n') {
                return Ok(Self { running, output, url: url.to_owned() });
            }
            if Instant::now() >= deadline {
                let what = "the yardstick's server does not start";
                return Err(Failure::new(what, "see what `yardstick serve` says"));
            }
            thread::sleep(LOOK);
        }
    }

    /// Ends it; what arrived, and what it used.
    pub(crate) fn stop(self, interrupted: &AtomicBool) -> Result<(Tally, Usage), Failure> {
        let Self { running, output, url: _ } = self;
        running.terminate();
        let usage = running.wait(MOMENT, interrupted)?;
        let said = fs::read_to_string(&output).map_err(|error| Failure::file(&output, &error))?;
        let last = said.lines().last().unwrap_or_default();
        let tally = serde_json::from_str(last).map_err(|error| Failure::file(&output, &error))?;
        Ok((tally, usage))
    }
}
