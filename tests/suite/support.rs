//! What the tests of this folder share: the real program in a folder of its own, with its words made comparable.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use assert_cmd::cargo::CommandCargoExt;
use tempfile::TempDir;

/// A folder in which the program runs, gone at the end.
pub(super) struct Workdir(TempDir);

/// What came of a run.
#[derive(Debug)]
pub(super) struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Workdir {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder in memory where there is such a place: for tests with so many runs that the disk would count.
    pub(super) fn in_memory() -> Self {
        let place = Path::new("/dev/shm");
        Self(tempfile::tempdir_in(place).or_else(|_| tempfile::tempdir()).unwrap())
    }

    /// A folder with one file.
    pub(super) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let work = Self::new();
        work.write(name, content);
        work
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Names of all files, sorted.
    pub(super) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program, not yet started: nothing in its environment, its input empty.
    pub(super) fn command(&self, line: &str) -> Command {
        let mut command = Command::cargo_bin("boxlift").unwrap();
        command.args(line.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        command.env_clear().env("PATH", "/usr/bin:/bin").env("TMPDIR", std::env::temp_dir());
        command
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, line: &str) -> Ended {
        ended(self.command(line).output().unwrap())
    }

    /// Runs the program against a server, as `admin`.
    pub(super) fn run_against(&self, url: &str, line: &str) -> Ended {
        ended(self.command_against(url, line).output().unwrap())
    }

    /// Starts the program against a server, as `admin`.
    pub(super) fn start_against(&self, url: &str, line: &str) -> Child {
        let mut command = self.command_against(url, line);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command_against(&self, url: &str, line: &str) -> Command {
        let mut command = self.command(line);
        command
            .args(["--url", url, "--username", "admin"])
            .env("BOXLIFT_PASSWORD", "s3cr3t-canary");
        command
    }

    /// The report, one line a row: row, status, code, key, message.
    pub(super) fn report(&self, name: &str) -> Vec<String> {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        let rows = reader.records().map(|it| it.unwrap());
        rows.map(|it| [0, 5, 6, 7, 8].map(|cell| it[cell].to_owned()).join("|")).collect()
    }

    /// The statuses of the report, in its order.
    pub(super) fn statuses(&self, name: &str) -> Vec<String> {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        reader.records().map(|it| it.unwrap()[5].to_owned()).collect()
    }
}

/// What came of a program that was started.
pub(super) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Says why a test did not look at anything on this machine.
#[expect(clippy::print_stderr, reason = "whoever reads the tests' output is to know of it")]
pub(super) fn skipped(why: &str) {
    eprintln!("notice: skipped: {why}");
}

/// A file of the project.
pub(super) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file with so many creates.
pub(super) fn creates(rows: usize) -> String {
    let line = |it| format!("{},48{:04}\n", 10_000 + it, (it * 7919 + 13) % 10_000);
    "mailbox,pin\n".to_owned() + &(0..rows).map(line).collect::<String>()
}

/// The embedded switch as a program of its own, ended with the handle.
pub(super) struct Sandbox {
    child: Child,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    /// Starts it with these options and waits until it can be called.
    pub(super) fn start(work: &Workdir, options: &str) -> Self {
        let mut command = work.command(&format!("sandbox --quiet {options}"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let lines = stdout.lines().take(3).map(|it| it.unwrap());
        let pair = |line: String| {
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        let variables: Vec<_> = lines.map(pair).collect();
        assert_eq!(variables.len(), 3, "the sandbox did not start");
        Self { child, variables }
    }

    /// Runs the program against it.
    pub(super) fn run(&self, work: &Workdir, line: &str) -> Ended {
        let mut command = work.command(line);
        ended(command.envs(self.variables.iter().cloned()).output().unwrap())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
