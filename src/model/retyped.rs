//! The marks of numbers that a spreadsheet wrote in its own way. Knows the marks, never what was meant.

use std::ops::RangeInclusive;

/// Longest text that is taken for a number or a date that a spreadsheet wrote.
const RETYPED_LENGTH_MAX: usize = 32;

/// Months as spreadsheets shorten them, in English and in German.
const MONTHS: [&str; 17] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mrz",
    "mär", "mai", "okt", "dez",
];

/// What became of a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retyped {
    /// `1.23E+09`: digits are lost.
    Shortened,
    /// `101.0`: it was taken for a quantity, and zeros in front may be lost.
    Fraction,
    /// `5-Jan`: it was taken for a date or a time of day.
    Date,
}

impl Retyped {
    /// Looks for the marks in a text.
    pub fn of(text: &str) -> Option<Self> {
        let is_dialled = |it: u8| it.is_ascii_digit() || b"+*#".contains(&it);
        if text.len() > RETYPED_LENGTH_MAX || text.bytes().all(is_dialled) {
            None
        } else if is_shortened(text) {
            Some(Self::Shortened)
        } else if has_zero_fraction(text) {
            Some(Self::Fraction)
        } else if is_date(text) {
            Some(Self::Date)
        } else {
            None
        }
    }
}

/// `1.23E+09` and its like.
fn is_shortened(text: &str) -> bool {
    let Some((mantissa, exponent)) = unsigned(text).split_once(['e', 'E']) else { return false };
    let (whole, fraction) = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let power = unsigned(exponent);
    let is_marked = fraction.is_some() || power.len() < exponent.len();
    is_marked
        && is_digits(whole, 1..=1)
        && fraction.is_none_or(|it| is_digits(it, 1..=RETYPED_LENGTH_MAX))
        && is_digits(power, 1..=3)
}

/// `101.0` and its like; with three zeros behind the sign it may be thousands.
fn has_zero_fraction(text: &str) -> bool {
    unsigned(text).split_once(['.', ',']).is_some_and(|(whole, fraction)| {
        is_digits(whole, 1..=RETYPED_LENGTH_MAX) && matches!(fraction, "0" | "00")
    })
}

/// `5-Jan`, `Jan-05`, `2024-01-05`, `01/05/2024`, `05.01.2024`, with or without a time of day; or that alone.
fn is_date(text: &str) -> bool {
    if is_time(text) {
        return true;
    }
    let (date, has_time) = match text.split_once([' ', 'T']) {
        Some((date, time)) if time.contains(':') => (date, true),
        Some(_) | None => (text, false),
    };
    let is_between = |it: char| matches!(it, '-' | '/' | '.' | ' ');
    let parts: Vec<_> = date.split(is_between).filter(|it| !it.is_empty()).collect();
    let is_spaced_once = date.chars().filter(|it| is_between(*it)).count() + 1 == parts.len();
    match parts[..] {
        [one, other] => {
            (is_day(one) && is_month_name(other)) || (is_month_name(one) && is_day_or_year(other))
        }
        [day, month, year] if is_month_name(month) => is_day(day) && is_day_or_year(year),
        // A number with a time of day behind it is no telephone's, whatever its year.
        [year, month, day] if is_year(year) || has_time && is_digits(year, 4..=4) => {
            is_spaced_once && is_day(day) && is_month(month)
        }
        [one, other, year] => {
            let is_short_year = is_digits(year, 2..=2) && !date.contains(['-', ' ']);
            let is_day_and_month =
                (is_day(one) && is_month(other)) || (is_month(one) && is_day(other));
            is_spaced_once && is_day_and_month && (is_year(year) || is_short_year)
        }
        _ => false,
    }
}

/// `08:30` or `08:30:00`.
fn is_time(text: &str) -> bool {
    let mut parts = text.split(':');
    parts.clone().all(|it| is_digits(it, 1..=2)) && matches!(parts.by_ref().count(), 2 | 3)
}

fn is_month_name(text: &str) -> bool {
    let text = text.to_lowercase();
    MONTHS.contains(&text.as_str())
}

fn is_day_or_year(text: &str) -> bool {
    is_digits(text, 1..=2) || is_year(text)
}

fn is_day(text: &str) -> bool {
    is_digits(text, 1..=2) && (1..=31).contains(&text.parse().unwrap_or(0))
}

fn is_month(text: &str) -> bool {
    is_digits(text, 1..=2) && (1..=12).contains(&text.parse().unwrap_or(0))
}

fn is_year(text: &str) -> bool {
    is_digits(text, 4..=4) && (text.starts_with("19") || text.starts_with("20"))
}

fn is_digits(text: &str, lengths: RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}
