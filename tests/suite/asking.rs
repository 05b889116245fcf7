//! People who are asked at a terminal, and end the program there.

use std::fs::File;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Child;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use rustix::fs::OFlags;
use rustix::pty::OpenptFlags;
use rustix::termios::tcgetattr;

use super::support::Workdir;
use super::support::creates;
use super::support::skipped;

/// Longest time that a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(30);

const CTRL_C: &[u8] = b"\x03";

/// A terminal: the side of whoever types, and that of the program.
struct Seat {
    typist: File,
    program: File,
}

impl Seat {
    fn new() -> Self {
        let typist = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&typist).unwrap();
        rustix::pty::unlockpt(&typist).unwrap();
        let name = rustix::pty::ptsname(&typist, Vec::new()).unwrap();
        let mut options = File::options();
        options.read(true).write(true).custom_flags(OFlags::NOCTTY.bits().cast_signed());
        let program = options.open(name.to_str().unwrap()).unwrap();
        rustix::fs::fcntl_setfl(&typist, OFlags::NONBLOCK).unwrap();
        Self { typist: typist.into(), program }
    }

    /// Starts the program here, with the terminal as its own.
    fn start(&self, work: &Workdir, password: Option<&str>) -> Child {
        let line = "apply a.csv --url http://127.0.0.1:1 --username admin";
        let boxlift = work.command(line);
        let side = || self.program.try_clone().unwrap();
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(boxlift.get_program()).args(boxlift.get_args());
        command.current_dir(work.path(".")).env_remove("BOXLIFT_PASSWORD");
        if let Some(password) = password {
            command.env("BOXLIFT_PASSWORD", password);
        }
        command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap()
    }

    /// Waits for words, and gives all that was shown until then.
    fn shows(&mut self, words: &str, shown: &mut String) {
        #[expect(clippy::disallowed_methods, reason = "a test's bound on its own patience")]
        let began = Instant::now();
        let mut bytes = [0; 4096];
        while !shown.contains(words) {
            match self.typist.read(&mut bytes) {
                Ok(length) => *shown += &String::from_utf8_lossy(&bytes[..length]),
                Err(_) => std::thread::park_timeout(Duration::from_millis(5)),
            }
            assert!(began.elapsed() < PATIENCE, "`{words}` was never shown: {shown}");
        }
    }
}

#[test]
fn whoever_ends_the_program_at_a_question_finds_everything_as_it_was() {
    if Command::new("setsid").arg("true").status().is_err() {
        return skipped("no program can be given a terminal here");
    }
    let questions = [(None, "Password of admin"), (Some("s3cr3t-canary"), "Go ahead? [y/N] ")];
    for (password, question) in questions {
        for (typed, code) in [(true, 130), (false, 143)] {
            let work = Workdir::with("a.csv", creates(3));
            let mut seat = Seat::new();
            let before = tcgetattr(&seat.program).unwrap();
            let mut child = seat.start(&work, password);
            let mut shown = String::new();
            seat.shows(question, &mut shown);
            if typed {
                seat.typist.write_all(CTRL_C).unwrap();
            } else {
                let id = child.id().to_string();
                assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
            }
            seat.shows("give the same command to begin again", &mut shown);
            let ended = child.wait().unwrap();
            assert_eq!(ended.code(), Some(code), "{shown}");
            assert!(shown.contains("\r\nerror: ended before anything was sent\r\n"), "{shown}");
            assert_eq!(work.files(), ["a.boxlift", "a.csv"]);
            let after = tcgetattr(&seat.program).unwrap();
            assert_eq!(after.local_modes, before.local_modes, "{question}");
        }
    }
}
