//! Makes a far side's text fit for terminals and reports: no control characters, no endless lines.
//!
//! Knows nothing of what the text says; secrets are another file's business.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

/// Longest text of one entry in characters, and of all entries' codes or keys together.
pub(super) const TEXT_CHARS_MAX: usize = 500;

/// Longest message of all entries together in characters.
pub(super) const TEXTS_CHARS_MAX: usize = 2_000;

const ESCAPE: char = '\u{1b}';
const CONTROL_SEQUENCE: char = '\u{9b}';
const OPERATING_SYSTEM_COMMAND: char = '\u{9d}';

/// Drops terminal sequences, control characters and signs that turn or hide text; line ends become blanks.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|it| matches!(it, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(it) = rest.next() {
        match it {
            ESCAPE => skip_escape(&mut rest),
            CONTROL_SEQUENCE => skip_sequence(&mut rest),
            OPERATING_SYSTEM_COMMAND => skip_string(&mut rest),
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {}
            _ if it.is_control() => {}
            _ => out.push(it),
        }
    }
    Cow::Owned(out)
}

/// At most that many characters; a longer text ends with an ellipsis.
pub(super) fn cap(text: String, chars_max: usize) -> String {
    if text.len() <= chars_max || text.chars().count() <= chars_max {
        return text;
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}

fn skip_escape(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_sequence(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_string(rest);
        }
        Some(_) | None => {
            while rest.next_if(|it| (' '..='/').contains(it)).is_some() {}
            rest.next_if(|it| ('0'..='~').contains(it));
        }
    }
}

/// Parameters and one last letter.
fn skip_sequence(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|it| (' '..='?').contains(it)).is_some() {}
    rest.next_if(|it| ('@'..='~').contains(it));
}

/// Everything up to the bell or the string terminator.
fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(it) = rest.next() {
        if it == '\u{7}' || it == '\u{9c}' {
            return;
        }
        if it == ESCAPE {
            rest.next_if_eq(&'\\');
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_sequences_leave_no_trace() {
        for (raw, cleaned) in [
            ("grün & \"gut\" 😀", "grün & \"gut\" 😀"),
            ("a\u{1b}[31;1mred\u{1b}[0m b", "ared b"),
            ("a\u{9b}2Jb", "ab"),
            ("a\u{1b}]0;title\u{7}b", "ab"),
            ("a\u{1b}]8;;http://x\u{1b}\\b", "ab"),
            ("a\u{1b}(Bb\u{1b}cd", "abd"),
            ("a\u{1b}", "a"),
            ("a\u{1b}[", "a"),
            ("a\u{1b}]never ends", "a"),
            ("one\r\ntwo\tthree\u{2028}four", "one  two three four"),
            ("nul\u{0} bel\u{7} del\u{7f} c1\u{85}", "nul bel del c1"),
            ("\u{feff}tu\u{202e}rn\u{200b}ed", "turned"),
        ] {
            assert_eq!(clean(raw), cleaned, "{raw:?}");
        }
    }

    #[test]
    fn a_text_is_cut_at_characters_and_not_before_it_must() {
        assert_eq!(cap("äöü".into(), 3), "äöü");
        assert_eq!(cap("äöüß".into(), 3), "äö…");
    }
}
