//! `boxlift rules`: every rule that a row can break, with the code that `--deny` and `--allow` take.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde::Serialize;

use crate::cli::Failure;
use crate::cli::screen;
use crate::model::Rule;
use crate::model::Severity;

/// Options of `boxlift rules`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Form of the listing
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Aligned text
    Text,
    /// A Markdown table
    Markdown,
    /// A line a rule
    Csv,
}

#[derive(Serialize)]
struct Line {
    code: &'static str,
    severity: &'static str,
    may_be_lifted: &'static str,
    meaning: &'static str,
}

/// Prints the listing.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lines = Rule::ALL.map(|rule| Line {
        code: rule.code(),
        severity: rule.severity().as_str(),
        may_be_lifted: if rule.may_be_lifted() { "yes" } else { "no" },
        meaning: rule.meaning(),
    });
    screen::data(&match args.format {
        Format::Text => text(&lines),
        Format::Markdown => markdown(&lines),
        Format::Csv => csv(&lines)?,
    })
}

fn text(lines: &[Line]) -> String {
    let mut text = String::new();
    for Line { code, severity, may_be_lifted, meaning } in lines {
        let lifted = *may_be_lifted == "yes" && *severity == Severity::Error.as_str();
        let note = if lifted { " (--allow lifts it)" } else { "" };
        let _ = writeln!(text, "{code:22} {severity:8} {meaning}{note}");
    }
    text
}

fn markdown(lines: &[Line]) -> String {
    let mut text =
        String::from("| code | severity | may be lifted | meaning |\n|---|---|---|---|\n");
    for Line { code, severity, may_be_lifted, meaning } in lines {
        let _ = writeln!(text, "| `{code}` | {severity} | {may_be_lifted} | {meaning} |");
    }
    text
}

fn csv(lines: &[Line]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.serialize(line).map_err(|error| Failure::bug(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::bug(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
