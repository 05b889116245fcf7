//! Names of time zones in other systems: an IANA name is one, and Asterisk's sample configuration has some aliases.
//!
//! Refuses to guess what another alias means.

use jiff::tz::TimeZoneDatabase;

/// The `[zonemessages]` of Asterisk's sample voicemail.conf, which FreePBX installs as well.
pub(in crate::input) const SAMPLE_ZONES: &[(&str, &str)] = &[
    ("eastern", "America/New_York"),
    ("central", "America/Chicago"),
    ("central24", "America/Chicago"),
    ("military", "Zulu"),
    ("european", "Europe/Copenhagen"),
];

/// Whether a text can be taken for the name of a time zone: what has a slash is one, or is found to be wrong later.
pub(in crate::input) fn is_zone(text: &str) -> bool {
    text.contains('/') || TimeZoneDatabase::bundled().get(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_no_zones_and_mean_some() {
        for (alias, zone) in SAMPLE_ZONES {
            assert!(!is_zone(alias) && is_zone(zone), "{alias}");
        }
        assert!(is_zone("UTC") && is_zone("Europe/Berlin") && !is_zone("moon"));
    }
}
