//! Lengths of time as operators write and read them.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Reads a time such as `500ms`, `30s`, `10m` or `2h` within a range.
pub(super) fn parse(text: &str, range: &RangeInclusive<Duration>) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err("give a number and ms, s, m or h, as in `30s`".to_owned()),
    };
    let milliseconds = number.parse::<u64>().ok().and_then(|it| it.checked_mul(factor));
    let time = milliseconds.map(Duration::from_millis);
    time.filter(|it| range.contains(it)).ok_or_else(|| {
        format!("give a time from {} to {}", bound(*range.start()), said(*range.end()))
    })
}

/// The least of a range, which may be less than a second.
fn bound(time: Duration) -> String {
    if time.subsec_millis() == 0 { said(time) } else { format!("{} ms", time.as_millis()) }
}

/// A time as people say it: `2 h 5 min`, `1 min 40 s`, `3 s`.
pub(super) fn said(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil();
    let seconds = Duration::from_secs_f64(seconds).as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_and_a_sane_length() {
        let range = Duration::from_millis(100)..=Duration::from_secs(3600);
        for (text, seconds) in [("30s", 30), ("2m", 120), ("2min", 120), ("1h", 3600)] {
            assert_eq!(parse(text, &range), Ok(Duration::from_secs(seconds)));
        }
        assert_eq!(parse("500ms", &range), Ok(Duration::from_millis(500)));
        for text in ["30", "0s", "-1s", "s", "99999999999999999999s", "61m"] {
            assert!(parse(text, &range).is_err(), "{text}");
        }
        assert_eq!(parse("2h", &range).unwrap_err(), "give a time from 100 ms to 1 h");
        let range = Duration::ZERO..=Duration::from_secs(3600);
        assert_eq!(parse("2h", &range).unwrap_err(), "give a time from 0 s to 1 h");
    }

    #[test]
    fn times_are_said_in_two_units_at_most() {
        let said = [0, 59, 60, 100, 3600, 7500].map(|it| said(Duration::from_secs(it)));
        assert_eq!(said, ["0 s", "59 s", "1 min", "1 min 40 s", "1 h", "2 h 5 min"]);
    }
}
