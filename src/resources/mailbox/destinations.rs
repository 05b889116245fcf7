//! Kinds of destinations for callers who press 0: an open list, of which some are known.

/// What create takes where dtype is left out.
pub(super) const DEFAULT: &str = "hangup";

/// Whether a kind of destination goes with a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Number {
    /// It needs one.
    Needed,
    /// It takes none.
    None,
    /// Not known.
    Open,
}

/// The kinds met in the API's documents and on other pages of it; nowhere is a whole list.
const KNOWN: [(&str, Number); 20] = [
    ("callback", Number::Open),
    ("code", Number::Needed),
    ("conference", Number::Needed),
    ("directory", Number::Open),
    ("external", Number::Needed),
    ("fax", Number::Needed),
    ("forward", Number::Needed),
    (DEFAULT, Number::None),
    ("huntgroup", Number::Needed),
    ("ivr", Number::Needed),
    ("number", Number::Needed),
    ("patternmenu", Number::Needed),
    ("peer", Number::Needed),
    ("phone", Number::Needed),
    ("queue", Number::Needed),
    ("sipuri", Number::Needed),
    ("url", Number::Needed),
    ("voicemailbox", Number::Needed),
    ("voicemailboxpin", Number::Needed),
    ("voicemaillogin", Number::None),
];

/// What is known of a kind.
pub(super) fn number(dtype: &str) -> Option<Number> {
    KNOWN.iter().find(|(name, _)| *name == dtype).map(|(_, number)| *number)
}

/// Changes of a letter, or of two beside each other, between words that are close.
const DISTANCE_MAX: usize = 2;

/// The known kind that is written most like it, if one is close.
pub(super) fn nearest(dtype: &str) -> Option<&'static str> {
    let letters = letters_of(dtype);
    KNOWN
        .iter()
        .filter(|(name, _)| may_be_close(letters_of(name), letters))
        .map(|(name, _)| (strsim::osa_distance(name, dtype), *name))
        .filter(|(distance, _)| *distance <= DISTANCE_MAX)
        .min()
        .map(|(_, name)| name)
}

/// Which letters a word has, a bit a letter. Two may share one: words then seem closer than they are.
fn letters_of(word: &str) -> u64 {
    word.chars().fold(0, |letters, it| letters | 1 << (u32::from(it) % 64))
}

/// Whether words with these letters can be close: a change takes one letter out and brings one in at most. Spares most
/// words a comparison, which costs more than all else that is done about a row.
fn may_be_close(one: u64, other: u64) -> bool {
    let missing = |from: u64, other: u64| (from & !other).count_ones() as usize;
    missing(one, other).max(missing(other, one)) <= DISTANCE_MAX
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_kind_that_is_close_is_passed_over(
            name in 0..KNOWN.len(), at in 0..20_usize, letter in "[a-zü_0-9]", ways in 0..4_u8,
        ) {
            let mut word: Vec<char> = KNOWN[name].0.chars().collect();
            let at = at % word.len();
            match ways {
                0 => word.insert(at, letter.chars().next().unwrap()),
                1 => word[at] = letter.chars().next().unwrap(),
                2 => drop(word.remove(at)),
                _ => {
                    let other = (at + 1) % word.len();
                    word.swap(at, other);
                }
            }
            let word: String = word.into_iter().collect();
            let distance = |it: &str| strsim::osa_distance(it, &word);
            let least = KNOWN.iter().map(|it| distance(it.0)).min().unwrap();
            prop_assert_eq!(nearest(&word).map(distance), Some(least).filter(|it| *it <= 2));
        }
    }
}
