//! A mailbox number: the text that names a mailbox, zeros and all.

use std::fmt;

/// Longest mailbox number in bytes. The API names no limit; numbers that can be dialled have 15 digits (E.164).
const LENGTH_MAX: usize = 23;

/// A mailbox number (mailboxes/create and update, parameter mailbox), kept inline because a run holds a million of them.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mailbox {
    bytes: [u8; LENGTH_MAX],
    length: u8,
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
        let mut bytes = [0; LENGTH_MAX];
        let Some(room) = bytes.get_mut(..length) else {
            return Err(MailboxError::TooLong { length });
        };
        room.copy_from_slice(text.as_bytes());
        Ok(Self { bytes, length: u8::try_from(length).unwrap_or(u8::MAX) })
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(Mailbox::parse("0042").unwrap().as_str(), "0042");
    }

    #[test]
    fn other_characters_than_digits_are_refused() {
        for text in ["12a", " 12", "１２", "12\n", "+12", "<empty>"] {
            assert_eq!(Mailbox::parse(text), Err(MailboxError::NotDigits { text: text.into() }));
        }
    }

    #[test]
    fn the_longest_number_is_taken_and_one_digit_more_is_not() {
        assert_eq!(Mailbox::parse(&"7".repeat(23)).unwrap().as_str(), "7".repeat(23));
        assert_eq!(Mailbox::parse(&"7".repeat(24)), Err(MailboxError::TooLong { length: 24 }));
    }
}
