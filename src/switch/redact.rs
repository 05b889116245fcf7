//! Takes secrets out of the far side's words before they leave the client.
//!
//! Finds a secret as it is and as it was sent, in a form: so, with any of its signs escaped for a form, for JSON or for
//! HTML, in hexadecimal, and within base64. Cannot find what the far side cut short, garbled or escaped in turn.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::model::Secret;
use crate::switch::words;
use crate::switch::words::TEXT_CHARS_MAX;

/// What stands in a secret's place.
const MASK: &str = "***";

/// Fewer letters of base64 than these are not looked for: too many words have them by chance.
const BASE64_LENGTH_MIN: usize = 4;

/// The letters of hexadecimal, small and capital.
const HEXADECIMAL: [&[u8; 16]; 2] = [b"0123456789abcdef", b"0123456789ABCDEF"];

/// Letters of hexadecimal for a byte, and bits of a letter of base64.
const HEXADECIMAL_LENGTH: usize = 2;
const BASE64_BITS: usize = 6;

/// The letters of base64, as mail and as URLs have them.
const BASE64: [&[u8; 64]; 2] = [
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
];

/// Signs that HTML has names for.
const NAMED_IN_HTML: [(char, &str); 5] =
    [('"', "&quot;"), ('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('\'', "&apos;")];

/// The secrets that no text may hold.
#[derive(Default)]
pub(super) struct Redaction<'s> {
    /// Each at least one byte long.
    secrets: Vec<Cow<'s, str>>,
}

impl fmt::Debug for Redaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction(…)")
    }
}

impl<'s> Redaction<'s> {
    /// Looks for these secrets; blank ones have nothing to hide.
    pub(super) fn of(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let secrets = secrets.into_iter().map(Secret::expose).filter(|it| !it.is_empty());
        let spellings = secrets.flat_map(|secret| {
            let mut pieces = form_urlencoded::byte_serialize(secret.as_bytes());
            let first = pieces.next().filter(|it| *it != secret);
            let sent = first.map(|it| Cow::Owned(it.to_owned() + &pieces.collect::<String>()));
            [Some(Cow::Borrowed(secret)), sent]
        });
        Self { secrets: spellings.flatten().collect() }
    }

    /// A text without secrets and control characters, cut to the length of an entry.
    ///
    /// Secrets go before and after the cleaning, since each may bring one into the other's sight,
    /// and before the cutting, since half a secret would no longer be known.
    pub(super) fn apply(&self, text: &str) -> String {
        let masked = self.mask(text);
        let cleaned = words::clean(&masked);
        let masked_again = match (&masked, &cleaned) {
            // It is the text that was looked through already.
            (Cow::Borrowed(_), Cow::Borrowed(same)) => Cow::Borrowed(*same),
            (Cow::Owned(_), _) | (_, Cow::Owned(_)) => self.mask(&cleaned),
        };
        words::cap(masked_again.into_owned(), TEXT_CHARS_MAX)
    }

    /// Masks whatever tells a secret; overlapping finds are one. Most texts hold none, and are looked through without
    /// a copy of anything.
    fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut finds = Vec::new();
        // No way to write a secret, or to tell it, is shorter than the secret.
        for secret in self.secrets.iter().filter(|it| it.len() <= text.len()) {
            find_spelled(text.as_bytes(), secret, &mut finds);
            find_encoded(text.as_bytes(), secret.as_bytes(), &mut finds);
        }
        if finds.is_empty() {
            return Cow::Borrowed(text);
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
        Cow::Owned(out)
    }
}

/// Every place of a secret whose signs are written each as it is or escaped in any way.
fn find_spelled(text: &[u8], secret: &str, finds: &mut Vec<Range<usize>>) {
    let first = secret.as_bytes().first().copied();
    let may_begin = |it: &u8| Some(*it) == first || b"%+\\&".contains(it);
    let starts = text.iter().enumerate().filter(|(_, it)| may_begin(it)).map(|(place, _)| place);
    finds.extend(starts.filter_map(|start| Some(start..end_of(text, start, secret)?)));
}

/// Where a secret that begins here ends. One sign may be read in several ways, so that several ends are followed.
fn end_of(text: &[u8], start: usize, secret: &str) -> Option<usize> {
    let mut ends = vec![start];
    for sign in secret.chars() {
        let mut next: Vec<usize> = ends
            .iter()
            .flat_map(|end| lengths(&text[*end..], sign).into_iter().map(move |it| end + it))
            .collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.last().copied()
}

/// The lengths of all spellings of a sign with which a text begins.
fn lengths(text: &[u8], sign: char) -> Vec<usize> {
    let (mut bytes, mut units) = ([0; 4], [0; 2]);
    let plain = &*sign.encode_utf8(&mut bytes);
    let mut found = Vec::new();
    let mut begins_with = |spelling: &str| {
        let begin = text.get(..spelling.len());
        if begin.is_some_and(|it| it.eq_ignore_ascii_case(spelling.as_bytes())) {
            found.push(spelling.len());
        }
    };
    match text.first() {
        Some(b'%') => begins_with(&hexadecimal(plain.as_bytes(), "%")),
        Some(b'+') if sign == ' ' => begins_with("+"),
        Some(b'\\') => {
            let mut escaped = String::new();
            escaped.extend(sign.encode_utf16(&mut units).iter().map(|it| format!("\\u{it:04x}")));
            begins_with(&escaped);
            let short = match sign {
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                other => other,
            };
            begins_with(&format!("\\{short}"));
        }
        Some(b'&') => {
            let code = u32::from(sign);
            begins_with(&format!("&#{code};"));
            begins_with(&format!("&#x{code:x};"));
            if let Some((_, name)) = NAMED_IN_HTML.iter().find(|it| it.0 == sign) {
                begins_with(name);
            }
        }
        _ => {}
    }
    if text.starts_with(plain.as_bytes()) {
        found.push(plain.len());
    }
    found
}

fn hexadecimal(bytes: &[u8], before_each: &str) -> String {
    let mut out = String::new();
    out.extend(bytes.iter().map(|it| format!("{before_each}{it:02x}")));
    out
}

/// Every place of what tells a secret though none of its signs can be seen.
fn find_encoded(text: &[u8], secret: &[u8], finds: &mut Vec<Range<usize>>) {
    for letters in HEXADECIMAL {
        let letter = |place: usize| {
            let byte = secret[place / HEXADECIMAL_LENGTH];
            let half =
                if place.is_multiple_of(HEXADECIMAL_LENGTH) { byte >> 4 } else { byte & 0xf };
            letters[usize::from(half)]
        };
        find(text, secret.len() * HEXADECIMAL_LENGTH, letter, finds);
    }
    for (alphabet, bytes_before) in BASE64.iter().flat_map(|it| (0..3).map(move |n| (it, n))) {
        find_base64(text, secret, (alphabet, bytes_before), finds);
    }
}

/// Every place of the letters of base64 that stand for bytes of a secret and nothing else, if so many bytes come before
/// it.
///
/// A letter at either edge that stands for a neighbour too cannot be known, and tells at most four bits.
fn find_base64(
    text: &[u8],
    secret: &[u8],
    (alphabet, bytes_before): (&[u8; 64], usize),
    finds: &mut Vec<Range<usize>>,
) {
    let bits_before = bytes_before * 8;
    let first = bits_before.div_ceil(BASE64_BITS);
    let length = ((bits_before + secret.len() * 8) / BASE64_BITS).saturating_sub(first);
    let letter = |place: usize| {
        let bit = (first + place) * BASE64_BITS - bits_before;
        let next = secret.get(bit / 8 + 1).copied().unwrap_or_default();
        let window = u16::from_be_bytes([secret[bit / 8], next]);
        let value = (window >> (16 - BASE64_BITS - bit % 8)) & 0x3f;
        alphabet[usize::from(value)]
    };
    if length >= BASE64_LENGTH_MIN {
        find(text, length, letter, finds);
    }
}

/// Every place of so many letters, those inside of one another too.
fn find(text: &[u8], length: usize, letter: impl Fn(usize) -> u8, finds: &mut Vec<Range<usize>>) {
    let Some(last) = text.len().checked_sub(length) else { return };
    let begins = |start: &usize| (1..length).all(|place| text[start + place] == letter(place));
    let starts = memchr::memchr_iter(letter(0), &text[..=last]).filter(begins);
    finds.extend(starts.map(|start| start..start + length));
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
            r#"ca\u00F1\u0022ry\u005C\/;&=+% *"#,
            // Which signs are left as they are is told differently by everybody.
            "ca%C3%B1%22ry%5C/;&=+%25 %2a",
            "ca%C3%B1%22ry%5C%2F;%26=%2B%25+*",
            "ca&#241;&quot;ry\\/;&amp;=+% *",
            "ca&#xF1;&#34;ry&#x5c;/;&#38;=&#43;% *",
        ] {
            assert_eq!(redacted(&[secret], &format!("[{text}]")), "[***]", "{text}");
        }
    }

    #[test]
    fn what_was_sent_is_masked_when_it_comes_back_encoded() {
        let secret = "S3cr3t;&pw";
        // `p=S3cr3t%3B%26pw&` by percent, in hexadecimal and in base64.
        for text in [
            "p%3DS3cr3t%253B%2526pw%26",
            "703d533363723374253342253236707726",
            "cD1TM2NyM3QlM0IlMjZwdyY=",
        ] {
            let left = redacted(&[secret], text);
            assert!(left.contains("***") && left.len() + 8 <= text.len(), "{text}: {left}");
        }
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands_in_base64_and_in_hexadecimal() {
        for text in [
            // `pin=471188;` after none, one and two letters.
            "cGluPTQ3MTE4ODs=",
            "eHBpbj00NzExODg7",
            "eHhwaW49NDcxMTg4Ow==",
            "343731313838",
            "%34%37%31%31%38%38",
        ] {
            let left = redacted(&["471188"], text);
            assert!(left.contains("***") && left.len() + 4 <= text.len(), "{text}: {left}");
        }
        // Letters that stand for the secret and nothing else; those at the edges hold what is beside it, too.
        assert_eq!(redacted(&["471188"], "[NDcxMTg4]"), "[***]");
        assert_eq!(redacted(&["?>?>~~"], "[Pz4/Pn5+] [Pz4_Pn5-]"), "[***] [***]");
        assert_eq!(redacted(&["jk"], "[6a6b 6A6B %6a%6b %6A%6B]"), "[*** *** *** ***]");
    }

    #[test]
    fn base64_of_a_very_short_secret_is_left_since_words_would_look_like_it() {
        assert_eq!(redacted(&["17"], "[MTc=] 17"), "[MTc=] ***");
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
    fn nothing_that_tells_a_secret_is_shorter_than_it() {
        for sign in ['a', ' ', '\\', '&', '\n', 'ñ', '€', '𝄞'] {
            let (mut bytes, mut units) = ([0; 4], [0; 2]);
            let plain = sign.encode_utf8(&mut bytes).to_owned();
            let units = sign.encode_utf16(&mut units).iter();
            let units: Vec<_> = units.map(|it| format!("\\u{it:04x}")).collect();
            let code = u32::from(sign);
            let mut told = 0;
            for spelling in [
                plain.clone(),
                hexadecimal(plain.as_bytes(), "%"),
                "+".to_owned(),
                units.concat(),
                format!("\\{sign}"),
                "\\n".to_owned(),
                format!("&#{code};"),
                format!("&#x{code:x};"),
                "&amp;".to_owned(),
            ] {
                let lengths = lengths(spelling.as_bytes(), sign);
                told += lengths.len();
                assert!(lengths.iter().all(|it| *it >= plain.len()), "{spelling}");
            }
            assert!(told >= 6, "{sign}");
        }
        // All letters of such a secret are the same.
        for length in 1..100 {
            for letter in [b'A', b'0'] {
                let finds = |letters| {
                    let mut finds = Vec::new();
                    find_encoded(&vec![letter; letters], &vec![0; length], &mut finds);
                    finds.len()
                };
                assert_eq!(finds(length - 1), 0, "{length}");
                // Base64 of less has too few letters to be looked for.
                assert!(finds(2 * length) > 0 || length < 3, "{length}");
            }
        }
    }

    #[test]
    fn debug_output_shows_no_pattern() {
        let secret = Secret::new("canary");
        let redaction = Redaction::of([&secret]);
        assert!(!format!("{redaction:?}").contains("canary"));
    }
}
