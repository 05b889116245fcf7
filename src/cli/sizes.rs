//! Numbers of bytes as operators write and read them.

use std::fmt;
use std::ops::RangeInclusive;

/// The units, the greatest first: their names and how many bytes they are.
const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];

/// A number of bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Size(pub u64);

impl Size {
    /// A number of bytes that find room in memory.
    pub(super) fn of(bytes: usize) -> Self {
        Self(bytes as u64)
    }

    /// The same number of bytes in memory; more than can be addressed are as many as can.
    pub(super) fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// Reads a size such as `8192`, `8KiB`, `64k` or `1MiB` within a range. A unit is always a power of 1024.
    pub(super) fn parse(text: &str, range: &RangeInclusive<u64>) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let is_meant = |name: &str| {
            let short = name.get(..1).unwrap_or_default();
            unit.eq_ignore_ascii_case(name) || unit.eq_ignore_ascii_case(short)
        };
        let Some((_, factor)) = UNITS.iter().find(|(name, _)| is_meant(name)) else {
            let help = "give a number of bytes, or one with KiB, MiB or GiB, as in `64KiB`";
            return Err(help.to_owned());
        };
        let size = number.parse::<u64>().ok().and_then(|it| it.checked_mul(*factor));
        size.filter(|it| range.contains(it)).map(Self).ok_or_else(|| {
            format!("give a size from {} to {}", Self(*range.start()), Self(*range.end()))
        })
    }
}

impl fmt::Display for Size {
    /// In the greatest unit that says it exactly: `8KiB`, `1MiB`, `1000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(size) = self;
        let is_exact = |it: &&(_, u64)| *size >= it.1 && size.is_multiple_of(it.1);
        match UNITS.iter().find(is_exact) {
            Some((name, factor)) => write!(f, "{}{name}", size / factor),
            None => write!(f, "{size}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_or_have_a_unit_of_1024() {
        let range = 1..=1 << 34;
        let sizes = [
            ("1", 1),
            ("8KiB", 8192),
            ("64k", 65536),
            ("64K", 65536),
            ("1mib", 1 << 20),
            ("2G", 2 << 30),
        ];
        for (text, size) in sizes {
            assert_eq!(Size::parse(text, &range), Ok(Size(size)), "{text}");
        }
        for text in ["", "k", "-1", "8KB", "8 KiB", "1.5M", "0", "17G", "99999999999999999999"] {
            assert!(Size::parse(text, &range).is_err(), "{text}");
        }
        let refused = Size::parse("0", &(1024..=1 << 24)).unwrap_err();
        assert_eq!(refused, "give a size from 1KiB to 16MiB");
    }

    #[test]
    fn sizes_are_said_as_they_can_be_given() {
        for (size, text) in
            [(0, "0"), (1000, "1000"), (8192, "8KiB"), (1536, "1536"), (3 << 20, "3MiB")]
        {
            assert_eq!(Size(size).to_string(), text);
        }
    }
}
