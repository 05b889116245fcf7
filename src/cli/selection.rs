//! Options that select rows; the others are left out and have a record that says so.
//!
//! Refuses to select by a PIN: others can see arguments.

use crate::check::CellPattern;
use crate::check::RowRange;
use crate::check::Sample;
use crate::check::Selection;
use crate::check::Wanted;
use crate::cli::Failure;
use crate::resources::mailbox;

/// The options, as they are taken out of a command that goes on with other rows.
pub(super) const OPTIONS: [&str; 4] = ["--rows", "--where", "--sample", "--limit"];

/// Options that select rows, in the order in which they are applied.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rows")]
pub(super) struct SelectionArgs {
    /// Rows from A to B alone, counted from 1 as in the report; also A, A- and -B
    #[arg(long, value_name = "A-B", value_parser = parse_rows, allow_hyphen_values = true)]
    rows: Option<RowRange>,

    /// Of those, rows whose cell is like PATTERN (`*` any text, `?` any character), or with != is not (repeatable: all hold)
    #[arg(long = "where", value_name = "COLUMN=PATTERN")]
    cells: Vec<String>,

    /// Of those, N picked by chance, the same ones each time; N@SEED picks others
    #[arg(long, value_name = "N", value_parser = parse_sample)]
    sample: Option<Sample>,

    /// Of those, the first N
    #[arg(long, value_name = "N", value_parser = parse_count)]
    limit: Option<u32>,
}

/// Which rows a command is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    /// All of the input.
    All,
    /// Those that options select.
    Selection,
}

impl Scope {
    /// What a selection leaves.
    pub(super) fn of(selection: &Selection) -> Self {
        if selection.is_all() { Self::All } else { Self::Selection }
    }
}

impl SelectionArgs {
    /// What is selected.
    pub(super) fn selection(&self) -> Result<Selection, Failure> {
        let Self { rows, cells, sample, limit } = self;
        let cells = cells.iter().map(|it| parse_where(it)).collect::<Result<_, _>>()?;
        Ok(Selection { rows: *rows, cells, sample: *sample, limit: *limit })
    }
}

fn parse_count(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|it| *it > 0);
    count.ok_or_else(|| "give a number from 1".to_owned())
}

fn parse_rows(text: &str) -> Result<RowRange, String> {
    let wrong = || "give numbers of rows from 1, as in 100-200, 100- or -200".to_owned();
    let number = |it: &str| parse_count(it).map_err(|_| wrong());
    let (first, last) = match text.split_once('-') {
        None => (number(text)?, number(text)?),
        Some(("", last)) => (1, number(last)?),
        Some((first, "")) => (number(first)?, u32::MAX),
        Some((first, last)) => (number(first)?, number(last)?),
    };
    if first > last {
        return Err(format!("row {first} comes after row {last}"));
    }
    Ok(RowRange { first, last })
}

fn parse_sample(text: &str) -> Result<Sample, String> {
    let (rows, seed) = text.split_once('@').unwrap_or((text, "0"));
    let seed = seed.parse().map_err(|_| "give the seed as a number, as in 100@7".to_owned())?;
    Ok(Sample { rows: parse_count(rows)?, seed })
}

/// Reads what `--where` was given. Not left to the parser of arguments, whose errors repeat the value.
fn parse_where(text: &str) -> Result<CellPattern, Failure> {
    let (column, pattern) = text.split_once('=').unwrap_or((text, ""));
    let (column, wanted) = match column.strip_suffix('!') {
        Some(column) => (column, Wanted::Unlike),
        None => (column, Wanted::Alike),
    };
    let place = mailbox::COLUMN_NAMES.iter().position(|it| *it == column);
    let (Some(place), true) = (place, text.contains('=')) else {
        return Err(Failure::usage(
            "--where names no column that there is",
            "give a column and a pattern, as in `--where 'mailbox=12*'`; `boxlift columns` lists them all",
        ));
    };
    if mailbox::shown_column(column).is_none() {
        let help = "others can see arguments: select by another column";
        return Err(Failure::usage(format!("--where cannot select by {column}"), help));
    }
    CellPattern::new(text, place, wanted, pattern).ok_or_else(|| {
        Failure::usage(format!("the pattern for {column} is too long"), "give a shorter one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_said_as_they_were_typed() {
        for text in ["7", "100-200", "100-"] {
            assert_eq!(parse_rows(text).unwrap().to_string(), text);
        }
        assert_eq!(parse_rows("-200").unwrap().to_string(), "1-200");
        for text in ["", "-", "0", "0-3", "5-3", "a-b", "1-2-3", "--5", "1,2", "4294967296"] {
            assert!(parse_rows(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sample_may_have_a_seed() {
        assert_eq!(parse_sample("10@7").unwrap().to_string(), "10@7");
        assert_eq!(parse_sample("10").unwrap().to_string(), "10");
        for text in ["0", "@7", "10@", "10@x", "-1"] {
            assert!(parse_sample(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nobody_selects_by_a_pin() {
        for text in ["pin=471188", "pin!=471188", "copy_pin=471188", "471188", "pinn=471188", "="] {
            let failure = parse_where(text).unwrap_err();
            assert!(!failure.to_string().contains("471188"), "{failure}");
        }
        assert!(parse_where("description=a=b").is_ok() && parse_where("owner!=").is_ok());
    }
}
