//! Draws what befalls each request, from the seed and the order of requests alone.

use std::time::Duration;

use crate::sandbox::faults::Fault;
use crate::sandbox::faults::Trouble;

/// Decides what befalls each request, in the order they arrive.
pub(crate) struct Dice {
    faults: Vec<Fault>,
    chance: fastrand::Rng,
}

/// What befalls one request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Fate {
    pub(crate) trouble: Option<Trouble>,
    pub(crate) latency: Duration,
}

impl Dice {
    pub(crate) fn new(seed: u64, faults: Vec<Fault>) -> Self {
        Self { faults, chance: fastrand::Rng::with_seed(seed) }
    }

    /// Draws once for every fault, struck or not, so that one hit does not shift later requests.
    pub(crate) fn roll(&mut self) -> Fate {
        let mut fate = Fate::default();
        for fault in &self.faults {
            match *fault {
                Fault::Trouble(trouble, chance) => {
                    let hit = self.chance.u32(0..1_000_000) < chance.0;
                    fate.trouble = fate.trouble.or(hit.then_some(trouble));
                }
                Fault::Latency(least, most) => {
                    let spread =
                        u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
                    fate.latency += least + Duration::from_micros(self.chance.u64(0..=spread));
                }
            }
        }
        fate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_and_the_order_of_requests_decide_the_faults() {
        let faults: Vec<Fault> =
            ["lost:30%", "503:30%", "latency:1ms..9ms"].map(|it| it.parse().unwrap()).into();
        let rolls = |seed| {
            let mut dice = Dice::new(seed, faults.clone());
            std::iter::repeat_with(|| dice.roll()).take(1000).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
        let lost = rolls(7).iter().filter(|it| it.trouble == Some(Trouble::Lost)).count();
        assert!((250..350).contains(&lost), "{lost} of 1000 were lost");
        let within = Duration::from_millis(1)..=Duration::from_millis(9);
        assert!(rolls(7).iter().all(|it| within.contains(&it.latency)));
    }
}
