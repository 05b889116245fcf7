//! Columns of numbers, nearly all of one length and the rest shorter: a spreadsheet took zeros in front away.
//!
//! Sees lengths alone. Refuses to judge few values, and columns in which any is longer than most.

use crate::model::Mailbox;

/// Fewer values than these have no usual length.
const VALUES_MIN: u64 = 20;

/// So many of a hundred values are of the usual length, or there is none.
const USUAL_PERCENT: u64 = 90;

/// Lengths that are told apart; greater ones are the last.
const LENGTHS: usize = 256;

/// What is usual in a column that has shorter values too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Usual {
    /// Digits that most values have.
    pub(super) digits: u8,
    /// Values with so many.
    pub(super) values: u64,
    /// All values of the column.
    pub(super) of: u64,
}

/// The columns of a sheet that have values shorter than is usual there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usuals {
    /// Of `mailbox`.
    pub(super) mailbox: Option<Usual>,
    /// Of `pin`.
    pub(super) pin: Option<Usual>,
}

impl Usuals {
    /// What is usual in a sheet, rows that are left out among them: a part of a file has the whole file's numbers.
    pub(super) fn of(lengths: &Lengths) -> Self {
        Self { mailbox: usual(&lengths.mailbox), pin: usual(&lengths.pin) }
    }
}

impl Usual {
    /// Whether so many digits are fewer than usual; none at all are a blank cell.
    pub(super) fn is_above(&self, digits: u8) -> bool {
        (1..self.digits).contains(&digits)
    }
}

/// How many digits a mailbox number has.
pub(super) fn digits(mailbox: Option<&Mailbox>) -> u8 {
    mailbox.map_or(0, Mailbox::length)
}

/// How many values of a sheet have each length.
#[derive(Clone, Debug)]
pub(super) struct Lengths {
    mailbox: [u64; LENGTHS],
    pin: [u64; LENGTHS],
}

impl Default for Lengths {
    fn default() -> Self {
        Self { mailbox: [0; LENGTHS], pin: [0; LENGTHS] }
    }
}

impl Lengths {
    /// Counts one more row.
    pub(super) fn note(&mut self, mailbox: Option<&Mailbox>, pin_digits: u8) {
        self.mailbox[usize::from(digits(mailbox))] += 1;
        self.pin[usize::from(pin_digits)] += 1;
    }

    /// Counts those of another part of the sheet as well.
    pub(super) fn add(&mut self, other: &Self) {
        let Self { mailbox, pin } = self;
        mailbox.iter_mut().zip(&other.mailbox).for_each(|(it, more)| *it += more);
        pin.iter_mut().zip(&other.pin).for_each(|(it, more)| *it += more);
    }
}

/// The greatest length, if it is the usual one and not the only one.
fn usual(counts: &[u64; LENGTHS]) -> Option<Usual> {
    let of = counts[1..].iter().sum();
    let digits = u8::try_from(counts.iter().rposition(|it| *it > 0)?).unwrap_or(u8::MAX);
    let values = counts[usize::from(digits)];
    let is_usual = of >= VALUES_MIN && values * 100 >= of * USUAL_PERCENT;
    (is_usual && values < of).then_some(Usual { digits, values, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual_of(lengths: &[(u8, u64)]) -> Option<(u8, u64, u64)> {
        let mut counts = [0; LENGTHS];
        for (length, times) in lengths {
            counts[usize::from(*length)] += times;
        }
        usual(&counts).map(|Usual { digits, values, of }| (digits, values, of))
    }

    #[test]
    fn a_length_is_usual_if_nine_of_ten_have_it_and_the_rest_is_shorter() {
        assert_eq!(usual_of(&[(4, 18), (3, 2)]), Some((4, 18, 20)));
        assert_eq!(usual_of(&[(4, 18), (3, 1), (1, 1), (0, 500)]), Some((4, 18, 20)));
        assert_eq!(usual_of(&[(4, 17), (3, 3)]), None, "too many are shorter");
        assert_eq!(usual_of(&[(4, 17), (3, 2)]), None, "too few values");
        assert_eq!(usual_of(&[(4, 99), (3, 1), (5, 1)]), None, "one is longer");
        assert_eq!(usual_of(&[(4, 100)]), None, "all are alike");
        assert_eq!(usual_of(&[(0, 100)]), None);
    }

    #[test]
    fn a_blank_cell_is_not_short() {
        let usual = Usual { digits: 4, values: 18, of: 20 };
        assert_eq!([0, 1, 3, 4].map(|it| usual.is_above(it)), [false, true, true, false]);
    }
}
