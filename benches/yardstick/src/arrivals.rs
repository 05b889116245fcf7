//! When calls arrived: counts in bins of 100 ms, and the times themselves as far as there is room.
//!
//! Reads no clock; times come in, in microseconds since the start, and never go back.

use serde::Deserialize;
use serde::Serialize;

/// How long a bin is.
const BIN_MICROSECONDS: u64 = 100_000;

/// Most bins: a day of them. What arrives later is counted in the last.
const BINS_MAX: usize = 864_000;

/// Most times that are kept. Past these, windows are no longer looked at.
const TIMES_MAX: usize = 4_000_000;

/// The window in which the most arrivals are looked for.
const WINDOW_MICROSECONDS: u64 = 1_000_000;

/// What has arrived so far.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    times: Vec<u64>,
    bins: Vec<u64>,
    creates: u64,
    others: u64,
    last: u64,
}

/// What is told of the arrivals in the end.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Tally {
    /// Calls of mailboxes/create.
    pub(crate) creates: u64,
    /// All other calls.
    pub(crate) others: u64,
    /// From the first of the creates to the last: as many as there were after the first, over the time.
    pub(crate) average_per_second: f64,
    /// The most creates in any window of one second; absent where there were too many to keep their times.
    pub(crate) most_in_one_second: Option<u64>,
    /// How long a bin is.
    pub(crate) bin_milliseconds: u64,
    /// Creates by the time of their arrival, from the start of the server.
    pub(crate) bins: Vec<u64>,
}

impl Arrivals {
    /// Another call than mailboxes/create.
    pub(crate) fn note_other(&mut self) {
        self.others += 1;
    }

    /// A call of mailboxes/create.
    pub(crate) fn note_create(&mut self, microseconds: u64) {
        self.creates += 1;
        self.last = microseconds;
        if self.times.len() < TIMES_MAX {
            self.times.push(microseconds);
        }
        let bin = usize::try_from(microseconds / BIN_MICROSECONDS).unwrap_or(usize::MAX);
        let bin = bin.min(BINS_MAX - 1);
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += 1;
    }

    /// What there is to tell.
    pub(crate) fn tally(&self) -> Tally {
        let Self { times, bins, creates, others, last } = self;
        Tally {
            creates: *creates,
            others: *others,
            average_per_second: average(times.first().map_or(0, |first| last - first), *creates),
            most_in_one_second: (*creates == times.len() as u64).then(|| most_in_window(times)),
            bin_milliseconds: BIN_MICROSECONDS / 1_000,
            bins: bins.clone(),
        }
    }
}

fn average(microseconds: u64, count: u64) -> f64 {
    if count < 2 || microseconds == 0 {
        return 0.0;
    }
    real(count - 1) / real(microseconds) * 1e6
}

/// The most times in any half-open window, wherever it begins.
fn most_in_window(times: &[u64]) -> u64 {
    let mut first = 0;
    let mut most = 0;
    for (place, time) in times.iter().enumerate() {
        while time - times[first] >= WINDOW_MICROSECONDS {
            first += 1;
        }
        most = most.max(place - first + 1);
    }
    most as u64
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(times: &[u64]) -> Tally {
        let mut arrivals = Arrivals::default();
        for it in times {
            arrivals.note_create(*it);
        }
        arrivals.tally()
    }

    #[test]
    fn the_fullest_second_is_found_wherever_it_begins() {
        let most = |times: &[u64]| tally(times).most_in_one_second;
        assert_eq!(most(&[]), Some(0));
        assert_eq!(most(&[0, 1_000_000, 2_000_000]), Some(1));
        assert_eq!(most(&[0, 999_999, 1_000_000, 2_000_000]), Some(2));
        assert_eq!(most(&[0, 950_000, 1_000_000, 1_500_000, 1_940_000]), Some(4));
    }

    #[test]
    fn the_average_counts_intervals_from_the_first_to_the_last() {
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(near(tally(&[7]).average_per_second, 0.0));
        assert!(near(tally(&[100_000, 600_000, 1_100_000]).average_per_second, 2.0));
        assert_eq!(tally(&[100_000, 150_000, 350_000]).bins, [0, 2, 0, 1]);
    }
}
