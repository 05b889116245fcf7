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

/// The known kind that is written most like it, if one is close.
pub(super) fn nearest(dtype: &str) -> Option<&'static str> {
    const DISTANCE_MAX: usize = 2;
    KNOWN
        .iter()
        .map(|(name, _)| (strsim::osa_distance(name, dtype), *name))
        .filter(|(distance, _)| *distance <= DISTANCE_MAX)
        .min()
        .map(|(_, name)| name)
}
