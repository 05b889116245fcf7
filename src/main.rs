//! The program: arguments in, exit code out. Everything else is the library's.

use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    // What a panic carries may hold a row: only its place is told.
    panic::set_hook(Box::new(|it| boxlift::cli::tell_of_panic(it.location())));
    panic::catch_unwind(boxlift::cli::run).unwrap_or(boxlift::cli::Exit::Bug).into()
}
