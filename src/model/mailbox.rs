//! A mailbox number: the text that names a mailbox, zeros and all.

use std::fmt;
use std::num::NonZeroU8;
use std::ops::Deref;

/// Longest mailbox number in bytes. The API names no limit; numbers that can be dialled have 15 digits (E.164).
const LENGTH_MAX: usize = 23;

/// A mailbox number (mailboxes/create and update, parameter mailbox), kept inline and packed because a run holds a million
/// of them: two digits a byte, each one more than it is, so that what is not there comes before every digit.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mailbox {
    first: NonZeroU8,
    others: [u8; LENGTH_MAX / 2],
}

/// A mailbox number as text.
#[derive(Clone, Copy)]
pub struct Digits {
    bytes: [u8; LENGTH_MAX],
    length: usize,
}

/// Why a text is no mailbox number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MailboxError {
    /// Nothing there.
    #[error("the mailbox number is empty")]
    Empty,
    /// Beyond what boxlift holds.
    #[error("the mailbox number has {length} characters; at most {LENGTH_MAX} are taken")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A character that no telephone has.
    #[error("`{text}` is not digits alone")]
    NotDigits {
        /// The text as it stood.
        text: String,
    },
}

impl Mailbox {
    /// Takes digits alone and keeps leading zeros.
    pub fn parse(text: &str) -> Result<Self, MailboxError> {
        if text.is_empty() {
            return Err(MailboxError::Empty);
        }
        if !text.bytes().all(|it| it.is_ascii_digit()) {
            return Err(MailboxError::NotDigits { text: text.to_owned() });
        }
        let length = text.len();
        if length > LENGTH_MAX {
            return Err(MailboxError::TooLong { length });
        }
        let pack = |pair: &[u8]| {
            let half = |place: usize| pair.get(place).map_or(0, |it| it - b'0' + 1);
            half(0) << 4 | half(1)
        };
        let mut pairs = text.as_bytes().chunks(2).map(pack);
        let Some(first) = pairs.next().and_then(NonZeroU8::new) else {
            return Err(MailboxError::Empty);
        };
        let mut others = [0; LENGTH_MAX / 2];
        others.iter_mut().zip(pairs).for_each(|(room, it)| *room = it);
        Ok(Self { first, others })
    }

    /// How many digits it has.
    pub fn length(&self) -> u8 {
        let mut bytes = [0; size_of::<u128>()];
        bytes[0] = self.first.get();
        bytes[1..size_of::<Self>()].copy_from_slice(&self.others);
        // A digit is half a byte, and what is not there is zero.
        let halves = u128::BITS / 4 - u128::from_be_bytes(bytes).trailing_zeros() / 4;
        u8::try_from(halves).unwrap_or(u8::MAX)
    }

    /// The number as it was written.
    pub fn digits(&self) -> Digits {
        let pairs = [self.first.get()].into_iter().chain(self.others);
        let halves = pairs.flat_map(|it| [it >> 4, it & 0xf]).take_while(|it| *it > 0);
        let mut digits = Digits { bytes: [0; LENGTH_MAX], length: 0 };
        for (room, half) in digits.bytes.iter_mut().zip(halves) {
            *room = half - 1 + b'0';
            digits.length += 1;
        }
        digits
    }
}

impl Deref for Digits {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits())
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.digits(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(&*Mailbox::parse("0042").unwrap().digits(), "0042");
    }

    #[test]
    fn a_number_has_as_many_digits_as_were_written() {
        for length in 1..=LENGTH_MAX {
            for digit in '0'..='9' {
                let text = "1".repeat(length - 1) + &digit.to_string();
                let digits = Mailbox::parse(&text).unwrap().length();
                assert_eq!(usize::from(digits), length, "{text}");
            }
        }
    }

    #[test]
    fn numbers_are_in_the_order_of_their_texts_and_take_twelve_bytes() {
        let texts =
            ["0", "00", "000", "01", "1", "10", "1000000000", "1001", "12", "2", "90", "99"];
        let mut numbers: Vec<_> = texts.map(|it| Mailbox::parse(it).unwrap()).into();
        numbers.reverse();
        numbers.sort_unstable();
        assert_eq!(numbers.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
        assert_eq!(size_of::<Option<Mailbox>>(), 12);
    }

    #[test]
    fn other_characters_than_digits_are_refused() {
        for text in ["12a", " 12", "１２", "12\n", "+12", "<empty>"] {
            assert_eq!(Mailbox::parse(text), Err(MailboxError::NotDigits { text: text.into() }));
        }
    }

    #[test]
    fn the_longest_number_is_taken_and_one_digit_more_is_not() {
        assert_eq!(&*Mailbox::parse(&"7".repeat(23)).unwrap().digits(), "7".repeat(23));
        assert_eq!(Mailbox::parse(&"7".repeat(24)), Err(MailboxError::TooLong { length: 24 }));
    }
}
