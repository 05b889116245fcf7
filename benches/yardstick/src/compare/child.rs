//! Another program's run, bounded in time, and what it used: wall time, CPU time, peak memory.
//!
//! Works on Linux alone, by a handle of the process: no other process can be met by a kill that comes late.

use std::error::Error;
use std::os::fd::AsFd;
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use rustix::event::PollFd;
use rustix::event::PollFlags;
use rustix::event::Timespec;
use rustix::event::poll;
use rustix::process::Pid;
use rustix::process::PidfdFlags;
use rustix::process::Signal;
use rustix::process::kill_process_group;
use rustix::process::pidfd_open;
use wait4::Wait4;

use crate::failure::Failure;

/// How often an interruption is looked for, in nanoseconds.
const SLICE_NANOSECONDS: i64 = 100_000_000;

/// What a program used.
#[derive(Debug)]
pub(crate) struct Usage {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// From before its start until it had ended.
    pub(crate) wall: Duration,
    /// User and system time, of it and of those that it started and waited for.
    pub(crate) cpu: Duration,
    /// The most memory it had resident.
    pub(crate) peak_bytes: u64,
}

/// A program under way; ended when it goes out of scope, with all that it started.
pub(crate) struct Running {
    child: Child,
    start: Instant,
    ended: bool,
}

impl Running {
    /// Starts a program in a group of its own, which one kill reaches.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        command.process_group(0);
        let start = Instant::now();
        let child = command.spawn().map_err(|error| {
            let what = format!("cannot start `{}`: {error}", command.get_program().display());
            Failure::new(what, "check the path, and that it may be executed")
        })?;
        Ok(Self { child, start, ended: false })
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Waits until it has ended, and no longer than `limit`.
    pub(crate) fn wait(
        mut self,
        limit: Duration,
        interrupted: &AtomicBool,
    ) -> Result<Usage, Failure> {
        let deadline = Instant::now() + limit;
        let failure = |error: &dyn Error| {
            Failure::new(format!("cannot wait for a program: {error}"), "use Linux 5.4 or later")
        };
        let pid = Pid::from_child(&self.child);
        let handle = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| failure(&error))?;
        while !has_ended(handle.as_fd()) {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Failure::new("interrupted", "start it again; nothing was kept"));
            }
            if Instant::now() >= deadline {
                let what = format!("not done within {} seconds", limit.as_secs());
                return Err(Failure::new(what, "compare fewer rows, as in `--rows 100000`"));
            }
        }
        let wall = self.start.elapsed();
        let used = self.child.wait4().map_err(|error| failure(&error))?;
        self.ended = true;
        Ok(Usage {
            status: used.status,
            wall,
            cpu: used.rusage.utime + used.rusage.stime,
            peak_bytes: used.rusage.maxrss,
        })
    }

    fn signal(&self, signal: Signal) {
        // Its id is its group's, and is nobody else's before it is waited for.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// Waits for a slice of time at most.
fn has_ended(handle: BorrowedFd<'_>) -> bool {
    let slice = Timespec { tv_sec: 0, tv_nsec: SLICE_NANOSECONDS };
    let mut handles = [PollFd::from_borrowed_fd(handle, PollFlags::IN)];
    poll(&mut handles, Some(&slice)).is_ok_and(|it| it > 0)
}
