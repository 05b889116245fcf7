//! Numbers of bytes as operators write and read them.

use std::ops::RangeInclusive;

/// The units, the greatest first: their names and how many bytes they are.
const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];

/// Reads a size such as `8192`, `8KiB`, `64k` or `1MiB` within a range. A unit is always a power of 1024.
pub(super) fn parse(text: &str, range: &RangeInclusive<u64>) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let is_meant = |name: &str| {
        let short = name.get(..1).unwrap_or_default();
        unit.eq_ignore_ascii_case(name) || unit.eq_ignore_ascii_case(short)
    };
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| is_meant(name)) else {
        return Err("give a number of bytes, or one with KiB, MiB or GiB, as in `64KiB`".to_owned());
    };
    let size = number.parse::<u64>().ok().and_then(|it| it.checked_mul(*factor));
    size.filter(|it| range.contains(it)).ok_or_else(|| {
        format!("give a size from {} to {}", said(*range.start()), said(*range.end()))
    })
}

/// A size in the greatest unit that says it exactly: `8KiB`, `1MiB`, `1000`.
pub(super) fn said(size: u64) -> String {
    let exact = UNITS.iter().find(|(_, factor)| size >= *factor && size.is_multiple_of(*factor));
    exact.map_or_else(|| size.to_string(), |(name, factor)| format!("{}{name}", size / factor))
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
            assert_eq!(parse(text, &range), Ok(size), "{text}");
        }
        for text in ["", "k", "-1", "8KB", "8 KiB", "1.5M", "0", "17G", "99999999999999999999"] {
            assert!(parse(text, &range).is_err(), "{text}");
        }
        assert_eq!(parse("0", &(1024..=1 << 24)).unwrap_err(), "give a size from 1KiB to 16MiB");
    }

    #[test]
    fn sizes_are_said_as_they_can_be_given() {
        for (size, text) in
            [(0, "0"), (1000, "1000"), (8192, "8KiB"), (1536, "1536"), (3 << 20, "3MiB")]
        {
            assert_eq!(said(size), text);
        }
    }
}
