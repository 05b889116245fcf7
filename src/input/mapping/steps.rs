//! What is done to a text on its way into a cell, one step at a time.
//!
//! A step that does not know what to make of a text says so; none guesses. Values of secret columns are never shown.

use std::borrow::Cow;

use crate::input::mapping::Text;
use crate::input::mapping::builder::NO;
use crate::input::mapping::builder::YES;
use crate::input::mapping::rewrite::Rewrite;
use crate::input::mapping::rewrite::TEXT_LENGTH_MAX;
use crate::input::mapping::rewrite::TooLong;
use crate::input::mapping::zones;
use crate::input::record::Draft;
use crate::model::Problem;
use crate::model::Rule;

/// Words of a table that are shown.
const WORDS_SHOWN_MAX: usize = 10;

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// What the pattern finds is put anew.
    Rewrite(Rewrite),
    /// The text is looked up; capitals do not count.
    Table { entries: Vec<(Text, Text)>, other: Other },
    /// A text is put before it.
    Prefix(Text),
    /// A `-` before a password is not part of it.
    WithoutSign,
    /// Yes and no become `1` and `0`.
    YesNo(Sense),
    /// The same of an option, whose other words are told where its list is judged.
    Switch,
    /// The first of several e-mail addresses.
    FirstAddress,
    /// A time zone, by its name or an alias.
    Zone { aliases: &'static [(&'static str, &'static str)] },
}

/// What yes means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sense {
    /// `1`.
    AsSaid,
    /// `0`: the source asks for the contrary.
    Contrary,
}

/// What becomes of a text that a table does not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::input) enum Other {
    /// The row is wrong.
    Error,
    /// It stays as it is.
    Keep,
    /// Nothing is sent.
    Blank,
}

/// Where findings about a cell are put.
pub(super) struct Desk<'d, 'a> {
    /// The row that is read.
    pub(super) row: &'d mut Draft<'a>,
    /// The source's column.
    pub(super) column: Text,
    /// The cell is nobody's to see.
    pub(super) is_secret: bool,
}

impl Desk<'_, '_> {
    fn problem(&self, rule: Rule, message: String, help: impl Into<Text>) -> Problem {
        Problem::in_column(rule, self.row.line, self.column.clone(), message, help)
    }

    fn note(&mut self, rule: Rule, message: String, help: &'static str) {
        let problem = self.problem(rule, message, help);
        self.row.note(problem);
    }

    fn shown(&self, text: &str) -> String {
        if self.is_secret { "the value".to_owned() } else { format!("`{text}`") }
    }
}

impl Step {
    /// Takes the step with a text that is not blank.
    pub(super) fn take<'a>(
        &'a self,
        text: Cow<'a, str>,
        desk: &mut Desk<'_, 'a>,
    ) -> Result<Option<Cow<'a, str>>, Problem> {
        match self {
            Self::Rewrite(rewrite) => rewritten(rewrite, text, desk).map(Some),
            Self::Table { entries, other } => look_up(entries, *other, text, desk),
            Self::Prefix(prefix) => Ok(Some(Cow::Owned(format!("{prefix}{text}")))),
            Self::WithoutSign => {
                Ok(Some(text.trim().strip_prefix('-').map(str::to_owned).map_or(text, Cow::Owned)))
            }
            Self::YesNo(sense) => yes_no(&text, *sense, desk).map(Some),
            Self::Switch => Ok(says_yes(&text).map(|it| Cow::Borrowed(if it { "1" } else { "0" }))),
            Self::FirstAddress => Ok(first_address(&text, desk).map(Cow::Owned)),
            Self::Zone { aliases } => zone(text, aliases, desk).map(Some),
        }
    }
}

fn rewritten<'a>(
    rewrite: &Rewrite,
    text: Cow<'a, str>,
    desk: &Desk<'_, 'a>,
) -> Result<Cow<'a, str>, Problem> {
    let made = rewrite.of(&text).map_err(|TooLong| {
        let message =
            format!("a rewrite of the map makes the text longer than {TEXT_LENGTH_MAX} bytes");
        let help = "look at its `with`: each `$1` puts the whole group once more";
        desk.problem(Rule::TextTooLong, message, help)
    })?;
    Ok(made.map_or(text, Cow::Owned))
}

fn look_up<'a>(
    entries: &'a [(Text, Text)],
    other: Other,
    text: Cow<'a, str>,
    desk: &Desk<'_, 'a>,
) -> Result<Option<Cow<'a, str>>, Problem> {
    let found = entries.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
    match (found, other) {
        (Some((_, value)), _) => Ok(Some(Cow::Borrowed(value.as_ref()))),
        (None, Other::Keep) => Ok(Some(text)),
        (None, Other::Blank) => Ok(None),
        (None, Other::Error) => {
            let shown = desk.shown(&text);
            let message =
                format!("{shown} is none of the values of `{}` that are known", desk.column);
            Err(desk.problem(Rule::ValueWord, message, known(entries, desk.is_secret)))
        }
    }
}

/// What to do about a word that a table does not have. Words of a secret column are values of it, and not shown.
fn known(entries: &[(Text, Text)], is_secret: bool) -> String {
    if is_secret {
        return "give it a place in the table, or say what becomes of others, as in `other = \"keep\"`"
            .to_owned();
    }
    let words: Vec<_> = entries.iter().map(|(word, _)| format!("`{word}`")).collect();
    let shown = words.len().min(WORDS_SHOWN_MAX);
    let more = match words.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("known are {}{more}", words[..shown].join(", "))
}

/// Whether a word means yes; nothing where it means neither that nor no.
pub(super) fn says_yes(text: &str) -> Option<bool> {
    let is_in = |words: &[&str]| words.iter().any(|it| it.eq_ignore_ascii_case(text.trim()));
    if is_in(YES) { Some(true) } else { is_in(NO).then_some(false) }
}

fn yes_no<'a>(text: &str, sense: Sense, desk: &Desk<'_, 'a>) -> Result<Cow<'a, str>, Problem> {
    match (says_yes(text), sense) {
        (Some(true), Sense::AsSaid) | (Some(false), Sense::Contrary) => Ok(Cow::Borrowed("1")),
        (Some(true), Sense::Contrary) | (Some(false), Sense::AsSaid) => Ok(Cow::Borrowed("0")),
        (None, _) => {
            let message = format!("{} is neither yes nor no", desk.shown(text));
            Err(desk.problem(Rule::YesNoForm, message, "give yes or no"))
        }
    }
}

fn first_address(text: &str, desk: &mut Desk<'_, '_>) -> Option<String> {
    let mut addresses = text.split(['|', ',', ';']).map(str::trim).filter(|it| !it.is_empty());
    let first = addresses.next()?.to_owned();
    for address in addresses.filter(|it| *it != first) {
        let shown =
            if address.contains('@') { format!("`{address}`") } else { "a text".to_owned() };
        let message = format!("{shown} is left out: a mailbox has one such address");
        let help = "the first one is taken; give a list that forwards to all of them";
        desk.note(Rule::AddressLeftOut, message, help);
    }
    Some(first)
}

fn zone<'a>(
    text: Cow<'a, str>,
    aliases: &[(&'static str, &'static str)],
    desk: &mut Desk<'_, 'a>,
) -> Result<Cow<'a, str>, Problem> {
    let known = aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(text.trim()));
    if let Some((alias, zone)) = known {
        let message = format!("the time zone `{alias}` is taken for `{zone}`");
        let help = "that is what Asterisk's sample configuration means by it; the file itself does not say";
        desk.note(Rule::Assumed, message, help);
        return Ok(Cow::Borrowed(zone));
    }
    if zones::is_zone(text.trim()) {
        return Ok(text);
    }
    let message =
        format!("the time zone {} is an alias that the file does not explain", desk.shown(&text));
    let help = "write the name of the time zone in its place, as in `Europe/Berlin`";
    Err(desk.problem(Rule::ValueWord, message, help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: usize) -> Vec<(Text, Text)> {
        (0..count).map(|it| (format!("{}", 4711 + it).into(), "1".into())).collect()
    }

    #[test]
    fn no_word_of_a_secret_column_is_shown_and_of_others_a_few() {
        assert!(!known(&entries(2), true).contains("471"));
        assert_eq!(known(&entries(2), false), "known are `4711`, `4712`");
        let many = known(&entries(12), false);
        assert!(many.ends_with("`4719`, `4720` and 2 more"), "{many}");
    }
}
