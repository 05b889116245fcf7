//! PINs that are tried first by whoever tries PINs. Says why, never which.

use crate::model::Mailbox;

/// Below this many digits a PIN is called short. The switch's own limit is a setting that is not known.
const LENGTH_MIN: usize = 4;

/// Why a PIN is weak, if it is.
pub(super) fn weakness(pin: &str, mailbox: Option<Mailbox>) -> Option<String> {
    let bytes = pin.as_bytes();
    if bytes.len() < LENGTH_MIN {
        return Some(format!("the PIN is shorter than {LENGTH_MIN} digits"));
    }
    if !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if mailbox.is_some_and(|it| is_number_of(pin, &it)) {
        return Some("the PIN is the mailbox number".to_owned());
    }
    if has_step(bytes, 0) {
        return Some("the PIN is one digit repeated".to_owned());
    }
    if has_step(bytes, 1) || has_step(bytes, 9) {
        return Some("the PIN is a run of digits".to_owned());
    }
    None
}

/// Whether digits are the number of a mailbox. Most are more or fewer than it has.
fn is_number_of(digits: &str, mailbox: &Mailbox) -> bool {
    digits.len() == usize::from(mailbox.length()) && *digits == *mailbox.digits()
}

/// Whether every digit is the one before plus `step`, where 0 follows on 9.
fn has_step(digits: &[u8], step: u8) -> bool {
    digits.windows(2).all(|pair| (pair[0] - b'0' + step) % 10 == pair[1] - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_weak_pin_is_told() {
        let why = |pin| weakness(pin, Mailbox::parse("4711").ok());
        assert_eq!(why("471").as_deref(), Some("the PIN is shorter than 4 digits"));
        assert_eq!(why("4711").as_deref(), Some("the PIN is the mailbox number"));
        assert_eq!(why("0000").as_deref(), Some("the PIN is one digit repeated"));
        for run in ["1234", "7890", "4321", "2109"] {
            assert_eq!(why(run).as_deref(), Some("the PIN is a run of digits"), "{run}");
        }
        for good in ["1235", "471188", "9080"] {
            assert_eq!(why(good), None, "{good}");
        }
    }
}
