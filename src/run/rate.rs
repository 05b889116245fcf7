//! A rate as operators write it: so many calls in a second, a minute or an hour.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Most calls in one window; the pace remembers the calls of a window.
const CALLS_MAX: u32 = 1_000_000;

/// At most `calls` calls in every window of that length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    calls: u32,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// Why a text is no rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a rate is a whole number from 1 to {CALLS_MAX} and a unit, as in `10/s`, `300/min` or `5000/h`"
)]
pub struct RateError;

impl Rate {
    /// Calls allowed in one window.
    pub fn calls(self) -> u32 {
        self.calls
    }

    /// The window's length.
    pub fn window(self) -> Duration {
        Duration::from_secs(match self.unit {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3600,
        })
    }

    /// Calls that it allows in a time.
    pub fn calls_within(self, time: Duration) -> usize {
        let calls = u128::from(self.calls) * time.as_nanos() / self.window().as_nanos();
        usize::try_from(calls).unwrap_or(usize::MAX)
    }

    /// How long `calls` calls take at the least, the first one being free.
    pub fn time_for(self, calls: u64) -> Duration {
        let nanos = self.window().as_nanos() * u128::from(calls.saturating_sub(1));
        Duration::from_nanos(u64::try_from(nanos / u128::from(self.calls)).unwrap_or(u64::MAX))
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (calls, unit) = text.split_once('/').ok_or(RateError)?;
        let unit = match unit {
            "s" => Unit::Second,
            "min" => Unit::Minute,
            "h" => Unit::Hour,
            _ => return Err(RateError),
        };
        let digits = calls.bytes().all(|it| it.is_ascii_digit());
        let calls = calls.parse().ok().filter(|_| digits).ok_or(RateError)?;
        if calls == 0 || calls > CALLS_MAX {
            return Err(RateError);
        }
        Ok(Self { calls, unit })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, unit } = self;
        let unit = match unit {
            Unit::Second => "s",
            Unit::Minute => "min",
            Unit::Hour => "h",
        };
        write!(f, "{calls}/{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for text in ["10/s", "300/min", "1/h", "1000000/s"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_rate_is_refused() {
        for text in ["10", "0/s", "-1/s", "+1/s", "1.5/s", "10/d", "1000001/s", "/s", "10/ s"] {
            assert_eq!(text.parse::<Rate>(), Err(RateError), "{text}");
        }
    }
}
