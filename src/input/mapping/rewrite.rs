//! What a map puts in the place of what a regular expression finds.
//!
//! Groups are looked up when the map is read: a reference to one that there is not is refused, where the crate `regex`
//! would put nothing in its place. Refuses to make a text without end.

use regex::Captures;
use regex::Regex;

/// Longest text that is made, in bytes.
pub(super) const TEXT_LENGTH_MAX: usize = 64 << 10;

/// A pattern, and what stands in the place of what it finds.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pattern: Regex,
    parts: Vec<Part>,
}

/// A part of what is put.
#[derive(Clone, Debug)]
enum Part {
    /// A text as it is.
    Text(String),
    /// What a group found.
    Group(usize),
}

/// A reference to a group that the pattern does not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoGroup;

/// The text would be longer than [`TEXT_LENGTH_MAX`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooLong;

impl Rewrite {
    /// Reads what is put: `$1`, `${1}` and `${name}` are groups, `$$` is a `$`.
    pub(super) fn parse(pattern: Regex, with: &str) -> Result<Self, NoGroup> {
        let mut parts = Vec::new();
        let mut rest = with;
        while let Some((before, after)) = rest.split_once('$') {
            parts.push(Part::Text(before.to_owned()));
            let (name, end) = if let Some(braced) = after.strip_prefix('{') {
                let (name, end) = braced.split_once('}').ok_or(NoGroup)?;
                (Some(name), end)
            } else {
                let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
                let (name, end) =
                    after.split_at(after.find(|it| !is_name(it)).unwrap_or(after.len()));
                (Some(name).filter(|it| !it.is_empty()), end)
            };
            parts.push(match name {
                Some(name) => Part::Group(group(&pattern, name).ok_or(NoGroup)?),
                None => Part::Text("$".to_owned()),
            });
            rest = if name.is_none() { end.strip_prefix('$').unwrap_or(end) } else { end };
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { pattern, parts })
    }

    /// The text anew; nothing where the pattern finds nothing in it.
    pub(super) fn of(&self, text: &str) -> Result<Option<String>, TooLong> {
        let mut made = String::new();
        let mut passed = 0;
        let mut found = self.pattern.captures_iter(text).peekable();
        if found.peek().is_none() {
            return Ok(None);
        }
        for captures in found {
            let whole = captures.get_match();
            put(&mut made, &text[passed..whole.start()])?;
            self.expand(&captures, &mut made)?;
            passed = whole.end();
        }
        put(&mut made, &text[passed..])?;
        Ok(Some(made))
    }

    fn expand(&self, captures: &Captures<'_>, made: &mut String) -> Result<(), TooLong> {
        for part in &self.parts {
            match part {
                Part::Text(text) => put(made, text)?,
                Part::Group(group) => put(made, captures.get(*group).map_or("", |it| it.as_str()))?,
            }
        }
        Ok(())
    }
}

fn put(made: &mut String, text: &str) -> Result<(), TooLong> {
    if made.len() + text.len() > TEXT_LENGTH_MAX {
        return Err(TooLong);
    }
    made.push_str(text);
    Ok(())
}

/// The group of a number or a name.
fn group(pattern: &Regex, name: &str) -> Option<usize> {
    match name.parse() {
        Ok(number) => Some(number).filter(|it| *it < pattern.captures_len()),
        Err(_) => pattern.capture_names().position(|it| it == Some(name)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_is_what_the_crate_puts(with in "[$x01{}a]{0,8}", text in "[abé]{0,6}") {
            let pattern = Regex::new("(a)(?<x>b)?|(?<a>é)*").unwrap();
            if let Ok(rewrite) = Rewrite::parse(pattern.clone(), &with) {
                let wanted = pattern.replace_all(&text, with.as_str()).into_owned();
                assert_eq!(rewrite.of(&text).unwrap().unwrap_or(text), wanted);
            }
        }
    }
}
