//! What a single value must look like. Looks at one value at a time: whether a person, a customer
//! or another mailbox exists is not asked here. A message never repeats a PIN.

use crate::sandbox::fields::Kind;
use crate::sandbox::fields::Setting;
use crate::sandbox::fields::notify_for;
use crate::sandbox::options::Version;

/// How many digits a mailbox may have.
const MAILBOX_DIGITS_MAX: usize = 40;
/// How many digits a PIN may have.
const PIN_DIGITS_MAX: usize = 40;
/// How long an email address may be.
const EMAIL_BYTES_MAX: usize = 254;
/// How long the name of a time zone or of a kind of destination may be.
const NAME_BYTES_MAX: usize = 64;

/// What is wrong with a value.
pub(super) type Wrong = String;

/// The value a setting takes from a text.
pub(super) fn setting(kind: Kind, text: &str, version: Version) -> Result<Setting, Wrong> {
    match kind {
        Kind::Text => Ok(Setting::from(text)),
        Kind::Flag(_) => flag(text).map(Setting::Integer),
        Kind::Choice(allowed, _) => choice(allowed, text),
        Kind::NotifyFor => choice(notify_for(version), text),
        Kind::Destination => name(text, "type of a destination", b"_").map(Setting::Text),
        Kind::Person => match whole(text)? {
            number if number >= 0 => Ok(Setting::Integer(number)),
            _negative => Err("must not be negative".to_owned()),
        },
        Kind::Email => email(text).map(Setting::from),
        Kind::Zone => name(text, "name of a time zone", b"_+-/").map(Setting::Text),
    }
}

/// A whole number.
pub(super) fn whole(text: &str) -> Result<i64, Wrong> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !all_digits(digits) {
        return Err("must be a whole number".to_owned());
    }
    text.parse().map_err(|_| "is too large".to_owned())
}

/// 0 or 1.
pub(super) fn flag(text: &str) -> Result<i64, Wrong> {
    match text {
        "0" => Ok(0),
        "1" => Ok(1),
        _ => Err("must be 0 or 1".to_owned()),
    }
}

/// The number of a mailbox.
pub(super) fn mailbox(text: &str) -> Result<(), Wrong> {
    digits(text, MAILBOX_DIGITS_MAX)
}

/// A PIN that is not empty.
pub(super) fn pin(text: &str) -> Result<(), Wrong> {
    digits(text, PIN_DIGITS_MAX)
}

fn digits(text: &str, max: usize) -> Result<(), Wrong> {
    if text.is_empty() {
        Err("is required".to_owned())
    } else if !all_digits(text) {
        Err("must be digits".to_owned())
    } else if text.len() > max {
        Err(format!("must have at most {max} digits"))
    } else {
        Ok(())
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit())
}

fn choice(allowed: &[&str], text: &str) -> Result<Setting, Wrong> {
    if allowed.contains(&text) {
        return Ok(Setting::from(text));
    }
    let names: Vec<&str> =
        allowed.iter().map(|it| if it.is_empty() { "empty" } else { it }).collect();
    Err(format!("must be one of: {}", names.join(", ")))
}

fn name(text: &str, what: &str, also: &[u8]) -> Result<String, Wrong> {
    let good = |it: u8| it.is_ascii_alphanumeric() || also.contains(&it);
    if text.is_empty() || text.len() > NAME_BYTES_MAX || !text.bytes().all(good) {
        return Err(format!("must be the {what}"));
    }
    Ok(text.to_owned())
}

/// One address or nothing. Wide on purpose: one `@`, a name before it, a domain after it.
fn email(text: &str) -> Result<&str, Wrong> {
    let odd = |it: char| it.is_whitespace() || it.is_control() || ",;<>\"()".contains(it);
    let good = match text.split_once('@') {
        None => text.is_empty(),
        Some((name, domain)) => {
            let dots = domain.starts_with('.') || domain.ends_with('.') || domain.contains("..");
            !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !dots
        }
    };
    if !good || text.contains(odd) || text.len() > EMAIL_BYTES_MAX {
        return Err("must be one email address".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(kind: Kind, text: &str) -> Option<String> {
        setting(kind, text, Version::V3_14).err()
    }

    #[test]
    fn a_mailbox_and_a_pin_are_digits() {
        let long = "1".repeat(41);
        let seen = ["0012", "", "12a", "١٢", " 12", long.as_str()].map(|it| mailbox(it).err());
        let digits = Some("must be digits".to_owned());
        assert_eq!(
            seen,
            [
                None,
                Some("is required".to_owned()),
                digits.clone(),
                digits.clone(),
                digits,
                Some("must have at most 40 digits".to_owned()),
            ]
        );
        assert_eq!(pin("12 34").err(), Some("must be digits".to_owned()));
    }

    #[test]
    fn an_integer_is_a_whole_number_without_frills() {
        let seen = ["7", "-7", "007", "", "+7", "7.0", " 7", "0x7", "9223372036854775808"]
            .map(|it| whole(it).ok());
        assert_eq!(seen, [Some(7), Some(-7), Some(7), None, None, None, None, None, None]);
    }

    #[test]
    fn a_flag_is_0_or_1_and_nothing_else() {
        let seen = ["0", "1", "", "2", "true", "01"].map(|it| flag(it).ok());
        assert_eq!(seen, [Some(0), Some(1), None, None, None, None]);
    }

    #[test]
    fn a_choice_says_what_may_be_chosen() {
        let allowed = Kind::Choice(&["", "owner"], "");
        assert_eq!(wrong(allowed, "Owner"), Some("must be one of: empty, owner".to_owned()));
        assert_eq!(wrong(allowed, ""), None);
    }

    #[test]
    fn text_and_all_are_reasons_to_notify_since_4_2() {
        let at = |version| {
            ["voicemail", "text", "all"].map(|it| setting(Kind::NotifyFor, it, version).is_ok())
        };
        assert_eq!(
            [at(Version::V3_13), at(Version::V3_14), at(Version::V4_2), at(Version::V4_4)],
            [[true, false, false], [true, false, false], [true; 3], [true; 3]]
        );
    }

    #[test]
    fn a_pager_is_one_email_address_or_nothing() {
        let good = ["", "a@b.example", "a.b+c@example", "ü@exämple.example"];
        assert_eq!(good.map(|it| wrong(Kind::Email, it)), [None, None, None, None]);
        let bad = ["a", "@b", "a@", "a@b@c", "a@b, c@d", "a b@c", "a@.b", "a@b..c", "A <a@b.c>"];
        for text in bad {
            assert_eq!(wrong(Kind::Email, text), Some("must be one email address".to_owned()));
        }
    }

    #[test]
    fn zones_and_destinations_are_names() {
        assert_eq!(
            [
                wrong(Kind::Zone, "America/Port-au-Prince"),
                wrong(Kind::Zone, "Etc/GMT+5"),
                wrong(Kind::Zone, ""),
                wrong(Kind::Destination, "voicemail_box"),
                wrong(Kind::Destination, "hang up"),
            ],
            [
                None,
                None,
                Some("must be the name of a time zone".to_owned()),
                None,
                Some("must be the type of a destination".to_owned()),
            ]
        );
    }
}
