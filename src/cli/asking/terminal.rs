//! The terminal while a password is typed: it shows nothing of it, and is as it was afterwards. Lines are edited, and signals
//! made, by the terminal itself, as at any prompt.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Write;
use std::str;

use rustix::process::getpgrp;
use rustix::termios::Action;
use rustix::termios::InputModes;
use rustix::termios::LocalModes;
use rustix::termios::OptionalActions;
use rustix::termios::QueueSelector;
use rustix::termios::Termios;
use rustix::termios::tcflow;
use rustix::termios::tcflush;
use rustix::termios::tcgetattr;
use rustix::termios::tcgetpgrp;
use rustix::termios::tcsetattr;
use secrecy::zeroize::Zeroizing;

/// Longest password that is read, in bytes: less than that at which a terminal cuts a line in silence (4095 on Linux, 1024
/// elsewhere).
const LENGTH_MAX: usize = 1000;

/// A terminal that does not show what is typed; as it was when this is dropped.
#[derive(Debug)]
pub(super) struct Terminal {
    file: File,
    before: Termios,
}

impl Terminal {
    /// The terminal of this process.
    pub(super) fn silenced() -> io::Result<Self> {
        let file = File::options().read(true).write(true).open("/dev/tty")?;
        // Does nothing but stop a process in the background until the terminal is its own: till then its modes are a shell's.
        tcflow(&file, Action::OOn)?;
        let before = tcgetattr(&file)?;
        let terminal = Self { file, before };
        terminal.silence()?;
        Ok(terminal)
    }

    fn silence(&self) -> io::Result<()> {
        let mut modes = self.before.clone();
        modes.input_modes.insert(InputModes::ICRNL);
        modes.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        Ok(tcsetattr(&self.file, OptionalActions::Now, &modes)?)
    }

    /// What shows the prompt and waits for a line, in any thread.
    pub(super) fn line_after(
        &self,
        prompt: &str,
    ) -> io::Result<impl FnOnce() -> io::Result<String> + Send + use<>> {
        let mut file = self.file.try_clone()?;
        let prompt = prompt.to_owned();
        Ok(move || {
            file.write_all(prompt.as_bytes())?;
            read_line(file)
        })
    }

    /// The process was stopped and goes on: a shell may have let the terminal show again what is typed.
    pub(super) fn go_on(&self, prompt: &str) {
        if !self.is_of_others() && self.silence().is_ok() {
            self.show(prompt);
        }
    }

    pub(super) fn show(&self, text: &str) {
        let _ = (&self.file).write_all(text.as_bytes());
    }

    /// Whether this process is in the background: who changes the modes there is stopped.
    fn is_of_others(&self) -> bool {
        tcgetpgrp(&self.file).is_ok_and(|it| it != getpgrp())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.is_of_others() {
            return;
        }
        // What was typed unseen and not read would be shown by whoever reads next.
        let _ = tcflush(&self.file, QueueSelector::IFlush);
        let _ = tcsetattr(&self.file, OptionalActions::Now, &self.before);
    }
}

/// What was typed before a question is no answer to it.
pub(in crate::cli) fn forget_what_was_typed() {
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

/// A line without its end; nothing of it is left in memory but what is given.
fn read_line(mut input: impl Read) -> io::Result<String> {
    let mut bytes = Zeroizing::new([0; LENGTH_MAX + 1]);
    let mut length = 0;
    loop {
        match input.read(&mut bytes[length..]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if let Some(line) = bytes[..length].strip_suffix(b"\n") {
            return text(line);
        }
        if length > LENGTH_MAX {
            return Err(io::Error::other(format!("it is longer than {LENGTH_MAX} bytes")));
        }
    }
}

fn text(line: &[u8]) -> io::Result<String> {
    let text = str::from_utf8(line).map_err(|_| io::Error::other("it is no UTF-8"))?;
    if text.contains(char::is_control) {
        return Err(io::Error::other("it has a control character, as keys with arrows make them"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a terminal does where a line is given up in parts.
    struct Parts<'p>(Vec<&'p [u8]>);

    impl Read for Parts<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            self.0.remove(0).read(buffer)
        }
    }

    fn read(parts: &[&[u8]]) -> Result<String, String> {
        read_line(Parts(parts.to_vec())).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_is_read_without_its_end() {
        assert_eq!(read(&[b"se", "crét\n".as_bytes()]), Ok("secrét".to_owned()));
        assert_eq!(read(&[b"\n"]), Ok(String::new()));
        let longest = "x".repeat(LENGTH_MAX);
        assert_eq!(read(&[format!("{longest}\n").as_bytes()]), Ok(longest));
    }

    #[test]
    fn what_is_no_password_is_refused_without_being_shown() {
        let end = Err("unexpected end of file".to_owned());
        assert_eq!([read(&[]), read(&[b"sec"])], [end.clone(), end]);
        let long = format!("{}\n", "x".repeat(LENGTH_MAX + 1));
        assert_eq!(read(&[long.as_bytes()]), Err("it is longer than 1000 bytes".to_owned()));
        assert_eq!(read(&[b"sec\xff\n"]), Err("it is no UTF-8".to_owned()));
        let control = "it has a control character, as keys with arrows make them";
        assert_eq!(read(&[b"sec\x1b[D\n"]), Err(control.to_owned()));
    }
}
