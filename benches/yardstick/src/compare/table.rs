//! The table: medians of each contender, and the ratios of the first of its group to it.
//!
//! A ratio is the median of the ratios of each round, since runs beside each other are alike and others are not; the
//! lowest and the highest stand with it. Rounds no figure up to a bar.

use std::io;
use std::io::Write;

use crate::arrivals::real;
use crate::compare::case::Case;
use crate::compare::measure::Measurement;

/// The heads of the columns.
const HEADS: [&str; 13] = [
    "case",
    "rows",
    "runs",
    "wall s",
    "rows/s",
    "CPU s per 1,000",
    "server CPU s per 1,000",
    "peak MiB",
    "× time",
    "× rows/s",
    "× CPU a row",
    "rate held",
    "most in 1 s",
];

const MIB: f64 = 1_048_576.0;

/// A contender, and what its runs gave.
pub(crate) struct Line {
    /// What it does.
    pub(crate) case: Case,
    /// Its runs, each with its round.
    pub(crate) runs: Vec<(u64, Measurement)>,
    /// Why it was left out from some round on.
    pub(crate) failure: Option<String>,
}

impl Line {
    /// Not run yet.
    pub(crate) fn new(case: Case) -> Self {
        Self { case, runs: Vec::new(), failure: None }
    }

    fn all(&self, figure: impl Fn(&Measurement) -> f64) -> Vec<f64> {
        self.runs.iter().map(|(_, it)| figure(it)).collect()
    }
}

/// Writes the table, who failed, and how those are got that are not there.
pub(crate) fn write(out: &mut impl Write, lines: &[Line], absent: &[String]) -> io::Result<()> {
    let mut cells = vec![HEADS.map(str::to_owned)];
    for line in lines.iter().filter(|it| !it.runs.is_empty()) {
        let first = lines.iter().find(|it| it.case.group == line.case.group && it.case.leads);
        cells.push(row(line, first));
    }
    write_cells(out, &cells)?;
    for Line { case, runs: _, failure } in lines {
        if let Some(failure) = failure {
            writeln!(out, "\nleft out: {}: {failure}", case.name())?;
        }
    }
    for remedy in absent {
        writeln!(out, "\nnot installed: {remedy}")?;
    }
    Ok(())
}

fn row(line: &Line, first: Option<&Line>) -> [String; HEADS.len()] {
    let median_of = |figure: fn(&Measurement) -> f64| median(line.all(figure));
    let ratio =
        |figure: fn(&Measurement) -> f64| first.map_or(String::new(), |it| ratio(it, line, figure));
    // Times of unlike tools say something where they did as much, and those of one tool where they did not.
    let is_timed = first
        .is_some_and(|it| it.case.tool == line.case.tool || it.case.rows == line.case.rows)
        && line.case.tool.sends_each_row_once();
    let limit = line.case.rate.map(real);
    let calls = line.case.tool.calls();
    let tallied = |figure: &dyn Fn(&Measurement) -> Option<f64>| -> Vec<f64> {
        line.runs.iter().filter_map(|(_, it)| figure(it)).collect()
    };
    let held = tallied(&|it| Some(it.tally.as_ref()?.average_per_second * 100.0 / limit?));
    let most = tallied(&|it| {
        limit?;
        it.tally.as_ref()?.most_in_one_second.map(real)
    });
    [
        line.case.name(),
        thousands(median_of(|it| it.rows)),
        line.runs.len().to_string(),
        format!("{:.3}", median_of(|it| it.wall)),
        thousands(median_of(rows_per_second)),
        format!("{:.4}", median_of(|it| it.cpu / it.rows * 1e3)),
        if calls {
            format!("{:.4}", median_of(|it| it.server_cpu / it.rows * 1e3))
        } else {
            String::new()
        },
        format!("{:.1}", median_of(|it| it.peak_bytes / MIB)),
        if is_timed { ratio(|it| it.wall) } else { String::new() },
        ratio(rows_per_second),
        ratio(|it| it.cpu / it.rows),
        spread(held, |it| format!("{it:.2} %")),
        spread(most, thousands),
    ]
}

fn rows_per_second(it: &Measurement) -> f64 {
    it.rows / it.wall
}

/// What the first of a group has over what another has, of the rounds that both ran.
fn ratio(first: &Line, line: &Line, figure: fn(&Measurement) -> f64) -> String {
    if line.case.leads {
        return "1".to_owned();
    }
    let of_round = |round: u64| first.runs.iter().find(|(it, _)| *it == round);
    let ratios = line.runs.iter().filter_map(|(round, it)| {
        let (_, leader) = of_round(*round)?;
        Some(figure(leader) / figure(it))
    });
    spread(ratios.collect(), |it| if it < 0.1 { format!("{it:.4}") } else { format!("{it:.2}") })
}

/// The median, and the lowest and the highest where there are several.
fn spread(figures: Vec<f64>, text: impl Fn(f64) -> String) -> String {
    let lowest = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match figures.len() {
        0 => String::new(),
        1 => text(lowest),
        _ => format!("{} ({}–{})", text(median(figures)), text(lowest), text(highest)),
    }
}

/// The one in the middle, or half-way between the two there.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match (figures.len(), figures.len() % 2) {
        (0, _) => f64::NAN,
        (_, 1) => figures[middle],
        _ => f64::midpoint(figures[middle - 1], figures[middle]),
    }
}

/// A whole number with commas.
fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn write_cells(out: &mut impl Write, cells: &[[String; HEADS.len()]]) -> io::Result<()> {
    let width = |place: usize| cells.iter().map(|it| it[place].chars().count()).max().unwrap_or(0);
    let widths: [usize; HEADS.len()] = std::array::from_fn(width);
    for (place, line) in cells.iter().enumerate() {
        for (cell, width) in line.iter().zip(widths) {
            write!(out, "| {cell:<width$} ")?;
        }
        writeln!(out, "|")?;
        if place == 0 {
            widths.iter().try_for_each(|it| write!(out, "|{}", "-".repeat(it + 2)))?;
            writeln!(out, "|")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_stand_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_parted_by_thousands() {
        assert_eq!(
            [7.0, 999.0, 1_000.0, 1_234_567.0].map(thousands),
            ["7", "999", "1,000", "1,234,567"]
        );
    }
}
