//! Lists of options in one cell, as Asterisk and FreePBX write them: `attach=yes|saycid=no`.
//!
//! A comma separates as well, an empty item is passed over, and of an option that stands twice the last counts.
//! Refuses to show a text that is no option's name.

use std::borrow::Cow;

use crate::input::names;
use crate::model::Problem;
use crate::model::Rule;
use crate::model::same_name;

/// The value of an option in the cell of a column; a column of the option's own name may hold the bare value.
pub(super) fn value<'a>(text: &Cow<'a, str>, column: &str, key: &str) -> Option<Cow<'a, str>> {
    if same_name(column, key) && !text.contains('=') {
        return Some(text.clone());
    }
    let range = find(text, key)?;
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    })
}

/// The value of an option in a list.
pub(in crate::input) fn option_value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    Some(&text[find(text, key)?])
}

/// The names of all options of a list.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    items(text).filter_map(|it| Some(it.split_once('=')?.0.trim())).filter(|it| !it.is_empty())
}

/// The finding that an option can be said by no column of ours.
pub(super) fn no_equivalent(line: u32, column: Cow<'static, str>, option: &str) -> Problem {
    let message = if names::looks_like_name(option) {
        format!("the option `{}` has no equivalent", option.to_ascii_lowercase())
    } else {
        "an option whose name cannot be shown has no equivalent".to_owned()
    };
    let help = "the mailbox is made without it: see to it that nobody misses it";
    Problem::in_column(Rule::NoEquivalent, line, column, message, help)
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(['|', ','])
}

/// Where the value of an option stands in a text.
fn find(text: &str, key: &str) -> Option<std::ops::Range<usize>> {
    let mut found = None;
    for item in items(text) {
        let Some((name, value)) = item.split_once('=') else { continue };
        if name.trim().eq_ignore_ascii_case(key) {
            let value = value.trim();
            let start = value.as_ptr() as usize - text.as_ptr() as usize;
            found = Some(start..start + value.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    fn of(text: &str, key: &str) -> Option<String> {
        value(&Cow::Borrowed(text), "options", key).map(Cow::into_owned)
    }

    #[test]
    fn options_are_found_in_any_case_behind_any_separator() {
        let list = "|attach=yes| SayCID = no ,,Tz=european|attach=no";
        assert_eq!(of(list, "attach").as_deref(), Some("no"));
        assert_eq!(of(list, "saycid").as_deref(), Some("no"));
        assert_eq!(of(list, "tz").as_deref(), Some("european"));
        assert_eq!(of(list, "delete"), None);
        assert_eq!(names(list).collect::<Vec<_>>(), ["attach", "SayCID", "Tz", "attach"]);
    }

    #[test]
    fn a_column_of_the_options_own_name_may_hold_the_bare_value() {
        let bare = |text: &'static str| value(&Cow::Borrowed(text), "Attach", "attach");
        assert_eq!(bare("yes").as_deref(), Some("yes"));
        assert_eq!(bare("attach=no").as_deref(), Some("no"));
        assert_eq!(of("yes", "attach"), None);
    }

    #[test]
    fn a_name_that_may_be_a_secret_is_not_shown() {
        let told = |name| no_equivalent(1, "options".into(), name).message;
        assert_eq!(told("MaxMsg"), "the option `maxmsg` has no equivalent");
        assert_eq!(told("471188"), "an option whose name cannot be shown has no equivalent");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,40}", key in "[a-z=|]{0,3}") {
            let whole = Cow::Borrowed(text.as_str());
            let found = value(&whole, "options", &key);
            assert!(found.is_none_or(|it| text.contains(it.as_ref())));
            assert!(names(&text).all(|it| text.contains(it)));
        }
    }
}
