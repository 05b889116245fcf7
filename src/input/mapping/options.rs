//! Lists of options in one cell, as Asterisk and FreePBX write them: `attach=yes|saycid=no`.
//!
//! A comma separates as well, and an empty item is passed over. A part that says nothing and an option that contradicts
//! itself are told at their row. Refuses to show a text that is no option's name.

use std::borrow::Cow;

use crate::input::mapping::Text;
use crate::input::mapping::steps;
use crate::input::names;
use crate::input::record::Draft;
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

/// An option that is read.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Its name.
    pub(super) key: Text,
    /// It says yes or no.
    pub(super) is_switch: bool,
}

/// Says of the cell of a column what is wrong with it, and which options can be said by no column of ours.
pub(super) fn judge(text: &str, (column, known): (Text, &[Known]), row: &mut Draft<'_>) {
    let problem = |(rule, message, help): Finding| {
        Problem::in_column(rule, row.line, column.clone(), message, help)
    };
    let own = known.iter().find(|it| same_name(&column, &it.key) && !text.contains('='));
    let findings: Vec<_> = if let Some(own) = own {
        value_finding(own, text).into_iter().map(problem).collect()
    } else {
        let parts = items(text).enumerate().filter_map(|it| part_finding(it, known));
        let twice = known.iter().filter_map(|it| contradiction(text, it));
        parts.chain(twice).map(problem).collect()
    };
    for finding in findings {
        row.note(finding);
    }
}

/// What is wrong, without its place: the rule, what is the case, what to do.
type Finding = (Rule, String, &'static str);

fn part_finding((place, part): (usize, &str), known: &[Known]) -> Option<Finding> {
    let (name, value) = part.split_once('=').map_or((part, None), |it| (it.0, Some(it.1)));
    let own = known.iter().find(|it| it.key.eq_ignore_ascii_case(name.trim()));
    match (own, value.map(str::trim)) {
        (Some(own), None | Some("")) => {
            let message = format!("the option `{}` has no value", own.key);
            Some((Rule::ValueWord, message, "give it one, as in `attach=yes`, or take it away"))
        }
        (Some(own), Some(value)) => value_finding(own, value),
        (None, None) if name.trim().is_empty() => None,
        (None, Some(_)) if !name.trim().is_empty() => Some(no_equivalent(name.trim())),
        // Nothing of it is shown: a word that is no option may be a secret.
        (None, _) => {
            let message = format!("part {} of the options is no `name=value`", place + 1);
            Some((Rule::ValueWord, message, "write it as in `attach=yes`, or take it away"))
        }
    }
}

fn value_finding(option: &Known, value: &str) -> Option<Finding> {
    let is_wrong = option.is_switch && !value.trim().is_empty() && steps::says_yes(value).is_none();
    is_wrong.then(|| {
        let message = format!(
            "the option `{}` is `{}`, which is neither yes nor no",
            option.key,
            value.trim()
        );
        (Rule::YesNoForm, message, "give yes or no")
    })
}

fn contradiction(text: &str, option: &Known) -> Option<Finding> {
    let mut values = items(text).filter_map(|it| {
        let (name, value) = it.split_once('=')?;
        name.trim().eq_ignore_ascii_case(&option.key).then_some(value.trim())
    });
    let first = values.next()?;
    values.any(|it| !it.eq_ignore_ascii_case(first)).then(|| {
        let message = format!("the option `{}` is given twice, with different values", option.key);
        (Rule::ValueWord, message, "keep the one that holds")
    })
}

/// The finding that an option can be said by no column of ours.
fn no_equivalent(option: &str) -> Finding {
    let message = if names::looks_like_name(option) {
        format!("the option `{}` has no equivalent", option.to_ascii_lowercase())
    } else {
        "an option whose name cannot be shown has no equivalent".to_owned()
    };
    let help = "the mailbox is made without it: see to it that nobody misses it";
    (Rule::NoEquivalent, message, help)
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
        let told = |name| no_equivalent(name).1;
        assert_eq!(told("MaxMsg"), "the option `maxmsg` has no equivalent");
        assert_eq!(told("471188"), "an option whose name cannot be shown has no equivalent");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,40}", key in "[a-z=|]{0,3}") {
            let whole = Cow::Borrowed(text.as_str());
            let found = value(&whole, "options", &key);
            assert!(found.is_none_or(|it| text.contains(it.as_ref())));
            let known = Known { key: key.clone().into(), is_switch: true };
            contradiction(&text, &known);
            items(&text).enumerate().for_each(|it| drop(part_finding(it, std::slice::from_ref(&known))));
        }
    }
}
