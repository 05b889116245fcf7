//! What the entries of an envelope say together, and their words for a report.
//!
//! Knows the API's codes, which are not HTTP's: 402 is a role that does not allow the call.

use crate::model::Answer;
use crate::model::Meaning;
use crate::model::Refusal;
use crate::switch::envelope::Entry;
use crate::switch::redact::Redaction;
use crate::switch::words;
use crate::switch::words::TEXT_CHARS_MAX;
use crate::switch::words::TEXTS_CHARS_MAX;

/// An entry's code, reduced to what is told apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Code {
    Done,
    Passed,
    Parameters,
    Credentials,
    Role,
    Plan,
    Absent,
    /// 200, 202, 409, 500 and whatever the documents do not know for these functions.
    Other,
}

/// Whether any entry says that the call succeeded.
pub(super) fn claims_success(entries: &[Entry]) -> bool {
    entries.iter().any(|it| matches!(it.known(), Code::Done | Code::Passed))
}

/// What the entries say together: the same success, or the gravest of refusals alone.
pub(super) fn verdict(entries: &[Entry], redaction: &Redaction<'_>) -> Meaning {
    let all = |codes: &[Code]| entries.iter().all(|it| codes.contains(&it.known()));
    let any = |code| entries.iter().any(|it| it.known() == code);
    if all(&[Code::Done]) {
        return Meaning::Done;
    }
    if all(&[Code::Passed]) {
        return Meaning::Passed;
    }
    if !all(&[Code::Credentials, Code::Role, Code::Plan, Code::Absent, Code::Parameters]) {
        return Meaning::Unclear;
    }
    Meaning::Refused(if any(Code::Credentials) {
        Refusal::Credentials
    } else if any(Code::Role) {
        Refusal::Role
    } else if any(Code::Plan) {
        Refusal::RatePlan
    } else if any(Code::Absent) {
        Refusal::Absent
    } else {
        Refusal::Parameters { keys: entries.iter().map(|it| redaction.apply(&it.key)).collect() }
    })
}

impl Entry {
    fn known(&self) -> Code {
        match self.code.as_str() {
            "204" => Code::Done,
            "201" => Code::Passed,
            "400" => Code::Parameters,
            "401" => Code::Credentials,
            "402" => Code::Role,
            "403" => Code::Plan,
            "404" => Code::Absent,
            _ => Code::Other,
        }
    }
}

/// The entries' words, joined; a column of nothing but blanks is blank.
pub(super) fn words_of(entries: &[Entry], redaction: &Redaction<'_>) -> Answer {
    let code = |it: &Entry| match (it.known(), it.code.as_str()) {
        (Code::Other, "200" | "202" | "409" | "500") => it.code.clone(),
        (Code::Other, other) => redaction.apply(other),
        // A code of the API tells nothing of a PIN that happens to be the same.
        _ => it.code.clone(),
    };
    let join = |text: &dyn Fn(&Entry) -> String, chars_max| {
        if let [only] = entries {
            return text(only);
        }
        let texts: Vec<_> = entries.iter().map(text).collect();
        let is_blank = texts.iter().all(String::is_empty);
        if is_blank { String::new() } else { words::cap(texts.join("; "), chars_max) }
    };
    Answer {
        code: join(&code, TEXT_CHARS_MAX),
        key: join(&|it| redaction.apply(&it.key), TEXT_CHARS_MAX),
        message: join(&|it| redaction.apply(&it.message), TEXTS_CHARS_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    fn entry(code: &str, key: &str, message: &str) -> Entry {
        Entry { code: code.into(), key: key.into(), message: message.into() }
    }

    #[test]
    fn the_gravest_of_several_refusals_counts() {
        let keys = vec![String::new(); 2];
        for (codes, meaning) in [
            (&["400", "401", "402", "403", "404"][..], Meaning::Refused(Refusal::Credentials)),
            (&["404", "403", "402", "400"], Meaning::Refused(Refusal::Role)),
            (&["404", "400", "403"], Meaning::Refused(Refusal::RatePlan)),
            (&["400", "404"], Meaning::Refused(Refusal::Absent)),
            (&["400", "400"], Meaning::Refused(Refusal::Parameters { keys })),
        ] {
            let entries: Vec<_> = codes.iter().map(|it| entry(it, "", "")).collect();
            assert_eq!(verdict(&entries, &Redaction::default()), meaning, "{codes:?}");
        }
    }

    #[test]
    fn success_counts_only_where_every_entry_says_the_same() {
        for (codes, meaning) in [
            (&["204"][..], Meaning::Done),
            (&["204", "204"], Meaning::Done),
            (&["201", "201"], Meaning::Passed),
            (&["204", "201"], Meaning::Unclear),
            (&["204", "400"], Meaning::Unclear),
            (&["401", "409"], Meaning::Unclear),
            (&["0204"], Meaning::Unclear),
            (&[" 204"], Meaning::Unclear),
            (&["204.0"], Meaning::Unclear),
            (&["２０４"], Meaning::Unclear),
        ] {
            let entries: Vec<_> = codes.iter().map(|it| entry(it, "", "")).collect();
            assert_eq!(verdict(&entries, &Redaction::default()), meaning, "{codes:?}");
        }
    }

    #[test]
    fn words_are_joined_without_secrets_and_blank_columns_stay_blank() {
        let secrets = ["471188", "400"].map(Secret::new);
        let redaction = Redaction::of(&secrets);
        let answer = |code: &str, key: &str, message: &str| Answer {
            code: code.to_owned(),
            key: key.to_owned(),
            message: message.to_owned(),
        };
        for (entries, expected) in [
            (vec![entry("204", "", "OK")], answer("204", "", "OK")),
            (
                vec![entry("400", "pin", "471188 is\nweak"), entry("400", "", "4711")],
                answer("400; 400", "pin; ", "*** is weak; 4711"),
            ),
            (
                vec![entry("471188", "471188", ""), entry("500", "a471188", "")],
                answer("***; 500", "***; a***", ""),
            ),
        ] {
            assert_eq!(words_of(&entries, &redaction), expected);
        }
    }

    #[test]
    fn the_keys_of_a_refusal_cannot_carry_a_secret() {
        let keys = vec!["pin".to_owned(), "***".to_owned()];
        assert_eq!(
            verdict(
                &[entry("400", "pin", ""), entry("400", "471188", "")],
                &Redaction::of(&[Secret::new("471188")])
            ),
            Meaning::Refused(Refusal::Parameters { keys })
        );
    }

    #[test]
    fn endless_words_are_cut() {
        let entries: Vec<_> = (0..9).map(|_| entry("400", "", &"x".repeat(9_000))).collect();
        let answer = words_of(&entries, &Redaction::default());
        assert_eq!(answer.message.chars().count(), TEXTS_CHARS_MAX);
    }
}
