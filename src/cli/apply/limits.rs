//! Options about how far and how fast a run goes.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use crate::cli::clock;
use crate::cli::times;
use crate::model::Kind;
use crate::run::Rate;
use crate::run::Settings;

/// Most calls at the same time that can be asked for.
const CONCURRENCY_MAX: u16 = 256;

/// How long a lost call may be believed to take.
const SETTLE_RANGE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(24 * 3600);

/// How long an outage may be waited for.
const OUTAGE_RANGE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(7 * 24 * 3600);

/// Options about the run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Run")]
pub(super) struct RunArgs {
    /// Most calls in every window, as in `10/s`, `300/min` or `5000/h`
    #[arg(long, value_name = "RATE", default_value = "10/s")]
    pub rate: Rate,

    /// Most calls at the same time; fewer while the switch is in trouble
    #[arg(
        long, value_name = "N", default_value_t = 4,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(CONCURRENCY_MAX))
    )]
    pub concurrency: u16,

    /// Stop once so many rows went wrong, as in `100` or `5%` of the rows that are sent; never more do
    #[arg(long, value_name = "N|N%")]
    max_errors: Option<ErrorsMax>,

    /// Wait so long for a switch that is gone or broken (10s if it was never reached)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_outage)]
    max_outage: Duration,

    /// Stop if so many first rows are all refused; 0: never
    #[arg(long, value_name = "N", default_value_t = Settings::CANARIES_DEFAULT)]
    canary: u64,

    /// How long a call without an answer may still take effect: so long its mailbox is left alone
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_settle)]
    settle: Duration,

    /// Do not ask before the first write
    #[arg(long)]
    pub yes: bool,
}

/// Rows that may go wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ErrorsMax {
    Rows(u64),
    Percent(u64),
}

impl FromStr for ErrorsMax {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "give a number of rows from 1, or a whole percentage from 1% to 100%";
        let (digits, is_percent) = match text.strip_suffix('%') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        match digits.parse().ok().filter(|it| is_number && *it > 0) {
            Some(number) if is_percent && number <= 100 => Ok(Self::Percent(number)),
            Some(number) if !is_percent => Ok(Self::Rows(number)),
            _ => Err(wrong),
        }
    }
}

impl ErrorsMax {
    /// Of so many rows; one at the least, or nothing could be sent.
    fn of(self, rows: u64) -> u64 {
        match self {
            Self::Rows(number) => number,
            Self::Percent(number) => (rows.saturating_mul(number) / 100).max(1),
        }
    }
}

impl RunArgs {
    /// What the run is told, for so many rows. The first rows are no canaries of a dry run, which is to judge all.
    pub(super) fn settings(&self, rows: u64, kind: Kind) -> Settings {
        Settings {
            kind,
            concurrency: usize::from(self.concurrency),
            seed: clock::seed(),
            settle: self.settle,
            outage_max: self.max_outage,
            errors_max: self.max_errors.map(|it| it.of(rows)),
            canaries: match kind {
                Kind::Real => self.canary,
                Kind::Rehearsal => 0,
            },
        }
    }
}

fn parse_settle(text: &str) -> Result<Duration, String> {
    times::parse(text, &SETTLE_RANGE)
}

fn parse_outage(text: &str) -> Result<Duration, String> {
    times::parse(text, &OUTAGE_RANGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_a_number_or_a_share_of_the_rows() {
        let of = |text: &str, rows| text.parse::<ErrorsMax>().unwrap().of(rows);
        assert_eq!((of("7", 1000), of("5%", 1000), of("5%", 9)), (7, 50, 1));
        for text in ["0", "0%", "101%", "", "%", "-1", "+1", "1.5%"] {
            assert!(text.parse::<ErrorsMax>().is_err(), "{text}");
        }
    }
}
