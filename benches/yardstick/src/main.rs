//! The yardstick: rows, a switch that answers at once, bare loops, and the comparison of boxlift with what people use.
//!
//! A program for benches alone. It knows the columns by itself and takes nothing of boxlift, so that no error of one is
//! the other's too; it speaks on this machine's loopback and refuses nothing that a row says.

mod arrivals;
mod bodies;
mod compare;
mod failure;
mod post;
mod records;
mod rows;
mod serve;

use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

use crate::failure::Failure;

/// What boxlift and its peers are measured with
#[derive(Debug, Parser)]
#[command(name = "yardstick", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print rows that are the same every time, each of them a mailbox to create
    Rows {
        /// How many
        #[arg(value_parser = clap::value_parser!(u64).range(1..=rows::ROWS_MAX))]
        count: u64,
        /// How they are written
        #[arg(long, value_enum, default_value_t = rows::Format::Csv)]
        format: rows::Format,
        /// Which columns they have
        #[arg(long, value_enum, default_value_t = rows::Columns::Wide)]
        columns: rows::Columns,
    },
    /// Print what is posted for the same rows, a form body a line
    Bodies {
        /// How many
        #[arg(value_parser = clap::value_parser!(u64).range(1..=rows::ROWS_MAX))]
        count: u64,
    },
    /// Answer every call as a switch that has done it, and count
    Serve(serve::Options),
    /// Post the rows of a file by a bare loop
    Post(post::Options),
    /// Run boxlift and every peer that is installed in turn, and print one table
    Compare(compare::Options),
    /// Read the records of a CSV file and print how many there are
    Records {
        /// The file
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell where even this cannot be written.
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let out = &mut BufWriter::new(io::stdout().lock());
    let written = |result: io::Result<()>| result.map_err(|error| Failure::output(&error));
    match command {
        Command::Rows { count, format, columns } => {
            written(rows::write(out, count, format, columns))?;
        }
        Command::Bodies { count } => written(bodies::write(out, count))?,
        Command::Serve(options) => serve::run(&options, out)?,
        Command::Post(options) => post::run(&options, out)?,
        Command::Compare(options) => compare::run(&options, out)?,
        Command::Records { file } => {
            let count = records::count(&file)?;
            written(writeln!(out, "{count}"))?;
        }
    }
    written(out.flush())
}
