//! `--extra`: names of parameters that boxlift does not know and lets through. Their values are shown nowhere.

use std::collections::BTreeSet;

use crate::cli::Failure;
use crate::resources::mailbox;

/// Longest name; the API's own are half as long.
const NAME_LENGTH_MAX: usize = 64;

/// Refuses names that are not new ones. Not left to the parser of arguments, whose errors repeat what was given.
pub(super) fn check(names: &[String]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !is_name(name) {
            let help = "give it as the API has it, in small letters, as in `--extra greeting_id`; \
                        its value is a column, or --set gives it";
            return Err(Failure::usage("--extra names something that is no parameter", help));
        }
        if mailbox::is_reserved(name) {
            let message = format!("`{name}` is boxlift's own and never a column");
            return Err(Failure::usage(message, "take it out of --extra"));
        }
        if mailbox::COLUMN_NAMES.contains(&name.as_str()) {
            let message = format!("`{name}` is known already");
            return Err(Failure::usage(message, "take it out of --extra: the column can be used"));
        }
        if !seen.insert(name) {
            let message = format!("`--extra {name}` is given twice");
            return Err(Failure::usage(message, "give it once"));
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_lowercase())
        && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
        && text.len() <= NAME_LENGTH_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(names: &[&str]) -> Option<String> {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        check(&names).err().map(|it| it.message)
    }

    #[test]
    fn only_new_names_are_let_through() {
        assert_eq!(refused(&["greeting_id", "x2"]), None);
        let own = ["auth_username", "auth_token", "auth_code", "validation", "boxlift_reason"];
        for name in own {
            let message = format!("`{name}` is boxlift's own and never a column");
            assert_eq!(refused(&[name]), Some(message));
        }
        assert_eq!(refused(&["pin"]).as_deref(), Some("`pin` is known already"));
        assert_eq!(refused(&["action"]).as_deref(), Some("`action` is known already"));
        assert_eq!(refused(&["a", "a"]).as_deref(), Some("`--extra a` is given twice"));
    }

    #[test]
    fn what_is_no_name_is_refused_and_not_repeated() {
        for text in ["", "pin=471188", "X", "2x", "_x", "a-b", "a b", "ä", &"a".repeat(65)] {
            let message = "--extra names something that is no parameter";
            assert_eq!(refused(&[text]).as_deref(), Some(message), "{text}");
        }
    }
}
