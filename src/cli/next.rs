//! The command to type next, ready to be pasted: the one that was typed, with other words where that helps.
//!
//! Safe to print: no secret is ever an argument.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

/// The words of a command after the program's name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Typed(Vec<String>);

impl Typed {
    /// What was typed to start this process.
    pub(super) fn now() -> Self {
        Self(std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect())
    }

    /// Other words.
    pub(super) fn of<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// With another command in place of the first word.
    pub(super) fn command(mut self, command: &str) -> Self {
        if let Some(first) = self.0.first_mut() {
            command.clone_into(first);
        }
        self
    }

    /// With another input.
    pub(super) fn input(mut self, old: &Path, new: &Path) -> Self {
        let old = old.to_string_lossy();
        if let Some(place) = self.0.iter().rposition(|it| *it == old) {
            self.0[place] = new.to_string_lossy().into_owned();
        }
        self
    }

    /// With one of several inputs alone, and that once.
    pub(super) fn only(mut self, input: &Path, inputs: &[PathBuf]) -> Self {
        let mut is_there = false;
        self.0.retain(|word| {
            let is = |path: &Path| path.to_string_lossy() == **word;
            let is_first = !is_there && is(input);
            is_there |= is_first;
            is_first || !inputs.iter().any(|it| is(it))
        });
        self
    }

    /// Without a flag.
    pub(super) fn without(mut self, flag: &str) -> Self {
        self.0.retain(|it| it != flag);
        self
    }

    /// Without an option and its value.
    pub(super) fn without_value(self, option: &str) -> Self {
        let mut words = Vec::new();
        let mut typed = self.0.into_iter();
        while let Some(word) = typed.next() {
            if word == option {
                typed.next();
            } else if !word.starts_with(&format!("{option}=")) {
                words.push(word);
            }
        }
        Self(words)
    }

    /// The same options as in another command, with their values.
    pub(super) fn with_values(mut self, options: &[&str], other: Self) -> Self {
        let mut typed = other.0.into_iter();
        while let Some(word) = typed.next() {
            if options.contains(&word.as_str()) {
                self.0.push(word);
                self.0.extend(typed.next());
            } else if options.iter().any(|it| word.starts_with(&format!("{it}="))) {
                self.0.push(word);
            }
        }
        self
    }

    /// With more words at the end, as far as they are not there.
    pub(super) fn with(mut self, words: &[&str]) -> Self {
        for word in words {
            if !self.0.iter().any(|it| it == word) {
                self.0.push((*word).to_owned());
            }
        }
        self
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("boxlift")?;
        self.0.iter().try_for_each(|it| write!(f, " {}", quoted(it)))
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let is_plain = word.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&it));
    if is_plain && !word.is_empty() {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Typed {
        Typed(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn options_are_kept_and_others_take_the_place_of_words() {
        let next = typed("apply a.csv --dry-run --report r.csv --rejects=j.csv --action update");
        let next = next.without("--dry-run").without_value("--report").without_value("--rejects");
        let next =
            next.input(Path::new("a.csv"), Path::new("a b.csv")).with(&["--yes", "--action"]);
        assert_eq!(next.to_string(), "boxlift apply 'a b.csv' --action update --yes");
    }

    #[test]
    fn options_are_taken_over_with_their_values() {
        let other = typed("convert a.csv --extra x --limit 3 --extra=y -o r.csv");
        let next = typed("check r.csv").with_values(&["--extra", "--max-record"], other);
        assert_eq!(next.to_string(), "boxlift check r.csv --extra x --extra=y");
    }

    #[test]
    fn of_several_inputs_one_is_left_and_that_once() {
        let inputs = ["a.csv", "b.csv", "a.csv"].map(PathBuf::from);
        let next = typed("check a.csv b.csv --set pager=x a.csv");
        assert_eq!(next.only(&inputs[0], &inputs).to_string(), "boxlift check a.csv --set pager=x");
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted("it's <empty>"), r"'it'\''s <empty>'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("dtype=phone"), "dtype=phone");
    }
}
