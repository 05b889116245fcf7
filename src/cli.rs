//! The command line: one file a command, each with its options and what it does. Nobody imports this module.

mod apply;
mod asking;
mod bytes;
mod check;
mod clock;
mod columns;
mod confirm;
mod connection;
mod convert;
mod exit;
mod extras;
mod failure;
mod map;
mod next;
mod origin;
mod outputs;
mod report;
mod rows;
mod rules;
mod sandbox;
mod screen;
mod selection;
mod signals;
mod sizes;
mod status;
mod summary;
mod threads;
mod times;

pub use exit::Exit;
pub use failure::Failure;

use std::panic::Location;

use clap::Parser;
use clap::Subcommand;
use clap::error::ErrorKind;
#[cfg(unix)]
use rustix::process::Resource;
#[cfg(unix)]
use rustix::process::Rlimit;
#[cfg(unix)]
use rustix::process::setrlimit;

/// Lifts voicemail mailboxes onto an Enswitch telephone switch in bulk
#[derive(Debug, Parser)]
#[command(name = "boxlift", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge every row of files by all local rules; nothing is sent
    Check(Box<check::Args>),
    /// Judge every row, then create and update mailboxes
    Apply(Box<apply::Args>),
    /// Write the rows of another system's file with boxlift's own columns; nothing is sent
    Convert(Box<convert::Args>),
    /// Draft a map of a file's columns, for --map
    Map(map::Args),
    /// Tell what a journal's last job is and how far it came
    Status(status::Args),
    /// Write the reports of a journal's last job again
    Report(report::Args),
    /// Run an embedded switch on this machine until interrupted
    Sandbox(sandbox::Args),
    /// List all columns with their values and defaults
    Columns(columns::Args),
    /// List all rules with their codes
    Rules(rules::Args),
}

/// Memory holds PINs and a password: none of it goes to a file if the process breaks.
#[cfg(unix)]
fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // Where it is refused the limit was lower already, or is not ours to set.
    let _ = setrlimit(Resource::Core, none);
}

#[cfg(not(unix))]
fn forbid_core_dumps() {}

/// Says that there is a bug, and where. Nothing of what led to it is repeated.
pub fn tell_of_panic(place: Option<&Location<'_>>) {
    let place = place.map_or("somewhere".to_owned(), ToString::to_string);
    screen::tell_line(&Failure::bug(format!("boxlift broke at {place}")).to_string());
}

/// Runs the program with the process's arguments, and prints its error if it has one.
pub fn run() -> Exit {
    forbid_core_dumps();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody can be told where stdout and stderr are gone.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            };
        }
    };
    let ended = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Map(args) => map::run(&args).map(|()| Exit::Done),
        Command::Status(args) => status::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Sandbox(args) => sandbox::run(&args),
        Command::Columns(args) => columns::run(&args).map(|()| Exit::Done),
        Command::Rules(args) => rules::run(&args).map(|()| Exit::Done),
    };
    ended.unwrap_or_else(|failure| {
        screen::tell_line(&failure.to_string());
        failure.exit
    })
}
