//! Takes secrets out of the far side's words before they leave the client.
//!
//! Finds a secret as it is, form-encoded and JSON-escaped. Cannot find what the far side cut short or garbled.

use std::ops::Range;

use memchr::memmem;

use crate::model::Secret;
use crate::switch::words;
use crate::switch::words::TEXT_CHARS_MAX;

/// What stands in a secret's place.
const MASK: &str = "***";

/// The spellings of secrets that no text may hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Redaction {
    /// Each at least one byte long, no two the same.
    patterns: Vec<Secret>,
}

impl Redaction {
    /// Looks for these secrets; blank ones have nothing to hide.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut all = Self::default();
        for secret in secrets {
            all.add(secret.expose());
        }
        all
    }

    /// Looks for these as well.
    pub(super) fn and(&self, secrets: &[Secret]) -> Self {
        let mut all = self.clone();
        for secret in secrets {
            all.add(secret.expose());
        }
        all
    }

    /// A text without secrets and control characters, cut to the length of an entry.
    ///
    /// Secrets go before and after the cleaning, since each may bring one into the other's sight,
    /// and before the cutting, since half a secret would no longer be known.
    pub(super) fn apply(&self, text: &str) -> String {
        let text = self.mask(&words::clean(&self.mask(text)));
        words::cap(text, TEXT_CHARS_MAX)
    }

    fn add(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        for spelling in spellings(secret) {
            if self.patterns.iter().all(|it| it.expose() != spelling.expose()) {
                self.patterns.push(spelling);
            }
        }
    }

    /// Masks whatever any pattern covers; overlapping finds are one.
    fn mask(&self, text: &str) -> String {
        let mut finds: Vec<_> =
            self.patterns.iter().flat_map(|it| finds(text, it.expose())).collect();
        if finds.is_empty() {
            return text.to_owned();
        }
        finds.sort_unstable_by_key(|it| (it.start, it.end));
        let mut out = String::with_capacity(text.len());
        let mut end = None;
        for find in finds {
            let from = end.unwrap_or(0);
            if end.is_none() || find.start > from {
                out.push_str(&text[from..find.start]);
                out.push_str(MASK);
            }
            end = Some(from.max(find.end));
        }
        out.push_str(&text[end.unwrap_or(0)..]);
        out
    }
}

/// Every place of a pattern, those inside of one another too.
fn finds(text: &str, pattern: &str) -> Vec<Range<usize>> {
    let finder = memmem::Finder::new(pattern);
    let mut finds = Vec::new();
    let mut from = 0;
    while let Some(at) = text.as_bytes().get(from..).and_then(|it| finder.find(it)) {
        let start = from + at;
        finds.push(start..start + pattern.len());
        from = start + 1;
    }
    finds
}

/// The ways in which a server may repeat a secret.
fn spellings(secret: &str) -> [Secret; 8] {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = form.replace('+', "%20").replace('*', "%2A");
    let json = json_escaped(secret, char::is_control);
    let ascii = json_escaped(secret, |it| it.is_control() || !it.is_ascii());
    [
        Secret::new(secret),
        Secret::new(lower_hex(&form)),
        Secret::new(form),
        Secret::new(lower_hex(&percent)),
        Secret::new(percent),
        Secret::new(json.replace('/', "\\/")),
        Secret::new(json),
        Secret::new(ascii),
    ]
}

/// Escapes quotes, backslashes and whatever else is asked for, as JSON writers do.
fn json_escaped(text: &str, escape: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if escape(it) => {
                let mut units = [0; 2];
                out.extend(it.encode_utf16(&mut units).iter().map(|it| format!("\\u{it:04x}")));
            }
            _ => out.push(it),
        }
    }
    out
}

/// `%2B` as `%2b`.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        out.extend(["%", &hex.to_ascii_lowercase(), rest]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(secrets: &[&str], text: &str) -> String {
        let secrets: Vec<_> = secrets.iter().map(|it| Secret::new(*it)).collect();
        Redaction::of(&secrets).apply(text)
    }

    #[test]
    fn every_spelling_of_a_secret_is_masked() {
        let secret = "cañ\"ry\\/;&=+% *";
        for text in [
            secret,
            "ca%C3%B1%22ry%5C%2F%3B%26%3D%2B%25+*",
            "ca%c3%b1%22ry%5c%2f%3b%26%3d%2b%25+*",
            "ca%C3%B1%22ry%5C%2F%3B%26%3D%2B%25%20%2A",
            "ca%c3%b1%22ry%5c%2f%3b%26%3d%2b%25%20%2a",
            r#"cañ\"ry\\/;&=+% *"#,
            r#"cañ\"ry\\\/;&=+% *"#,
            r#"ca\u00f1\"ry\\/;&=+% *"#,
        ] {
            assert_eq!(redacted(&[secret], &format!("[{text}]")), "[***]", "{text}");
        }
    }

    #[test]
    fn secrets_within_and_across_each_other_leave_nothing_behind() {
        for (secrets, text, left) in [
            (&["1234", "123456"][..], "pin 123456 and 1234", "pin *** and ***"),
            (&["1234", "3456"], "pin 123456!", "pin ***!"),
            (&["11"], "1111 111 1", "*** *** 1"),
            (&["*"], "a*b", "a***b"),
            (&["", "7"], "line 17", "line 1***"),
            (&[], "line 17", "line 17"),
            (&["471188"], "47\u{0}11\u{1b}[1m88", "***"),
            (&["a\tb"], "a\tb", "***"),
        ] {
            assert_eq!(redacted(secrets, text), left, "{secrets:?} {text:?}");
        }
    }

    #[test]
    fn a_secret_at_the_cut_is_masked_before_it_is_cut() {
        let text = format!("{}471188", "x".repeat(TEXT_CHARS_MAX - 3));
        assert_eq!(redacted(&["471188"], &text), format!("{}***", "x".repeat(TEXT_CHARS_MAX - 3)));
    }

    #[test]
    fn debug_output_shows_no_pattern() {
        let redaction = Redaction::of(&[Secret::new("canary")]);
        assert!(!format!("{redaction:?}").contains("canary"));
    }
}
