//! A terminal for tests: somebody types at it and sees what is shown, and a program has it as its own.

use std::fs::File;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Child;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use rustix::fs::OFlags;
use rustix::io::FdFlags;
use rustix::pty::OpenptFlags;
use rustix::termios::InputModes;
use rustix::termios::LocalModes;
use rustix::termios::OptionalActions;
use rustix::termios::OutputModes;
use rustix::termios::tcgetattr;
use rustix::termios::tcsetattr;

/// Longest time that a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal: the side of whoever types, and that of the program.
pub(super) struct Seat {
    typist: File,
    program: File,
    /// All that was shown until now.
    pub shown: String,
}

/// Whether programs can be given a terminal here.
pub(super) fn seats_are_to_be_had() -> bool {
    Command::new("setsid").arg("true").status().is_ok()
}

impl Seat {
    pub(super) fn new() -> Self {
        let typist = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&typist).unwrap();
        rustix::pty::unlockpt(&typist).unwrap();
        let name = rustix::pty::ptsname(&typist, Vec::new()).unwrap();
        let mut options = File::options();
        options.read(true).write(true).custom_flags(OFlags::NOCTTY.bits().cast_signed());
        let program = options.open(name.to_str().unwrap()).unwrap();
        rustix::fs::fcntl_setfl(&typist, OFlags::NONBLOCK).unwrap();
        rustix::io::fcntl_setfd(&typist, FdFlags::CLOEXEC).unwrap();
        Self { typist: typist.into(), program, shown: String::new() }
    }

    /// Starts a program here, with the terminal as its own and what it was given as its environment.
    pub(super) fn start(&self, program: &Command) -> Child {
        let side = || self.program.try_clone().unwrap();
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(program.get_program()).args(program.get_args());
        let given = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.env_clear().envs(given).current_dir(program.get_current_dir().unwrap());
        command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap()
    }

    pub(super) fn types(&mut self, text: &str) {
        self.typist.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for words.
    pub(super) fn shows(&mut self, words: &str) {
        #[expect(clippy::disallowed_methods, reason = "a test's bound on its own patience")]
        let began = Instant::now();
        while !self.shown.contains(words) {
            if !self.look() {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            assert!(began.elapsed() < PATIENCE, "`{words}` was never shown: {}", self.shown);
        }
    }

    /// Takes note of what is shown, if there is anything new.
    fn look(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let length = self.typist.read(&mut bytes).unwrap_or(0);
        self.shown += &String::from_utf8_lossy(&bytes[..length]);
        length > 0
    }

    /// Waits for the end of a program, and for all that it shows.
    pub(super) fn sees_the_end_of(&mut self, mut child: Child) -> Option<i32> {
        let code = child.wait().unwrap().code();
        while self.look() {}
        code
    }

    /// What the terminal does with bytes.
    pub(super) fn modes(&self) -> (InputModes, OutputModes, LocalModes) {
        let modes = tcgetattr(&self.program).unwrap();
        (modes.input_modes, modes.output_modes, modes.local_modes)
    }

    pub(super) fn is_silent(&self) -> bool {
        !self.modes().2.contains(LocalModes::ECHO)
    }

    /// Lets the terminal show what is typed, as a shell does.
    pub(super) fn speak(&self) {
        let mut modes = tcgetattr(&self.program).unwrap();
        modes.local_modes.insert(LocalModes::ECHO);
        tcsetattr(&self.program, OptionalActions::Now, &modes).unwrap();
    }

    /// How much was typed that nobody read.
    pub(super) fn unread(&self) -> u64 {
        let mut modes = tcgetattr(&self.program).unwrap();
        // Lines that are not ended are not counted else.
        modes.local_modes.remove(LocalModes::ICANON);
        tcsetattr(&self.program, OptionalActions::Now, &modes).unwrap();
        rustix::io::ioctl_fionread(&self.program).unwrap()
    }
}
