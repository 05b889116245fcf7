//! Names of columns and keys that are not known: which may be shown, and what was probably meant.
//!
//! Refuses to show a text that does not look like a name: it may be a cell that stands where a name should.

use std::borrow::Cow;

use crate::model::ColumnNames;
use crate::model::Problem;
use crate::model::Rule;
use crate::model::invisible;
use crate::model::is_invisible;

/// Longest name that is shown.
const SHOWN_LENGTH_MAX: usize = 64;

/// What a name is the name of, for texts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Noun {
    /// Of a header.
    Column,
    /// Of an object.
    Key,
}

impl Noun {
    fn as_str(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::Key => "key",
        }
    }

    /// The name where it can be shown, else its number, counted from 1.
    pub(super) fn label(self, name: &str, number: usize) -> String {
        if looks_like_name(name) { name.to_owned() } else { format!("{} {number}", self.as_str()) }
    }
}

/// The reserved name that a name stands for, in whatever letters.
pub(super) fn reserved(names: &ColumnNames, name: &str) -> Option<&'static str> {
    names.reserved.iter().find(|it| it.eq_ignore_ascii_case(name)).copied()
}

/// The finding that a name is reserved.
pub(super) fn reserved_problem(noun: Noun, line: u32, name: &'static str) -> Problem {
    let noun = noun.as_str();
    let message = format!("the {noun} `{name}` belongs to the connection, not to a row");
    let help = "take it out: the connection is given by options and the environment alone";
    Problem::in_column(Rule::ReservedColumn, line, name, message, help)
}

/// The finding that a name is not known.
pub(super) fn unknown_problem(
    noun: Noun,
    line: u32,
    (name, number): (&str, usize),
    names: &ColumnNames,
) -> Problem {
    let label = noun.label(name, number);
    let noun = noun.as_str();
    let (message, meant) = if name.is_empty() {
        (format!("{noun} {number} has no name"), None)
    } else if looks_like_name(name) {
        (format!("the {noun} `{name}` is not known"), meant(name, names))
    } else if let Some(hidden) = invisible(name) {
        return hidden_problem((noun, label), line, (name, number, hidden), names);
    } else {
        (format!("the name of {noun} {number} is not known"), None)
    };
    let help = match meant {
        Some(meant) => Cow::Owned(format!("did you mean `{meant}`?")),
        None => Cow::Borrowed("take it out, or give it a name that boxlift knows, as in `mailbox`"),
    };
    Problem::in_column(Rule::UnknownColumn, line, label, message, help)
}

/// The finding that a name has a character that nobody sees, and so is another than it looks.
fn hidden_problem(
    (noun, label): (&str, String),
    line: u32,
    (name, number, hidden): (&str, usize, char),
    names: &ColumnNames,
) -> Problem {
    let code = u32::from(hidden);
    let message = format!("the name of {noun} {number} holds the invisible character U+{code:04X}");
    let seen: String = name.chars().filter(|it| !is_invisible(*it)).collect();
    let example = meant(seen.trim(), names).unwrap_or(&names.key);
    let help = format!("delete the name and type it again, as in `{example}`");
    Problem::in_column(Rule::UnknownColumn, line, label, message, help)
}

/// The finding that some names mean nothing to us.
pub(super) fn no_equivalent(noun: Noun, line: u32, labels: &[Cow<'static, str>]) -> Problem {
    let noun = noun.as_str();
    let s = if labels.len() == 1 { "" } else { "s" };
    let names: Vec<_> = labels.iter().map(|it| format!("`{it}`")).collect();
    let message = format!("{noun}{s} without an equivalent: {}", names.join(", "));
    let help = "nothing of them is sent: see to it that nobody misses it";
    Problem::in_record(Rule::NoEquivalent, line, message, help)
}

/// Whether a text may be shown: a cell that stands where a name should does not look like one.
pub(super) fn looks_like_name(name: &str) -> bool {
    let printable = |it: char| it.is_alphanumeric() || " _-./:()#+".contains(it);
    name.starts_with(|it: char| it.is_alphabetic() || it == '_')
        && name.chars().all(printable)
        && name.chars().count() <= SHOWN_LENGTH_MAX
}

/// The known name that is close: a third of the letters may differ.
fn meant<'n>(name: &str, names: &'n ColumnNames) -> Option<&'n str> {
    let name = name.to_lowercase().replace(['-', ' '], "_");
    let distance = |it: &'n str| (strsim::osa_distance(&name, it), it);
    let (far, meant) = names.known.iter().map(|it| distance(it.as_ref())).min_by_key(|it| it.0)?;
    (far <= meant.len().min(name.len()) / 3).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing;

    fn help(name: &str) -> Cow<'static, str> {
        unknown_problem(Noun::Column, 1, (name, 3), &testing::names()).help
    }

    #[test]
    fn a_close_name_is_suggested_and_a_distant_one_is_not() {
        for name in ["mailbx", "Mailbox", "MAILBOX", "mail_box", "mailbxo"] {
            assert_eq!(help(name), "did you mean `mailbox`?");
        }
        assert_eq!(help("pinn"), "did you mean `pin`?");
        for name in ["colour", "x", "pseudonym"] {
            assert!(!help(name).contains("did you mean"), "{name}");
        }
    }

    #[test]
    fn a_character_that_nobody_sees_in_a_name_is_told_by_its_number() {
        let told = |name| {
            let problem = unknown_problem(Noun::Column, 1, (name, 3), &testing::names());
            assert_eq!(problem.place.column, Some("column 3".into()));
            (problem.message, problem.help)
        };
        let message = |code| format!("the name of column 3 holds the invisible character U+{code}");
        let help = |name| Cow::from(format!("delete the name and type it again, as in `{name}`"));
        assert_eq!(told("pin\u{A0}"), (message("00A0"), help("pin")));
        assert_eq!(told("\u{FEFF}descrip\u{200B}tion"), (message("FEFF"), help("description")));
        assert_eq!(told("471188\u{202E}"), (message("202E"), help("mailbox")));
    }

    #[test]
    fn a_text_that_is_no_name_is_never_shown() {
        for name in ["471188", "<b>", "a\u{1b}[31m", &"a".repeat(65)] {
            let problem = unknown_problem(Noun::Column, 1, (name, 3), &testing::names());
            assert_eq!(problem.message, "the name of column 3 is not known");
            assert_eq!(problem.place.column, Some("column 3".into()));
        }
    }
}
