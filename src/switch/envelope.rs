//! The API's envelope: the entries of `responses`, read strictly.
//!
//! Says nothing of what the codes mean. What is not plainly an envelope is none; no parser's text is ever shown.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde_json::value::RawValue;

/// Most entries in one envelope; the API has fewer parameters to complain of.
const ENTRIES_MAX: usize = 100;

/// The entries of an answer, at least one.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Envelope {
    pub(super) entries: Vec<Entry>,
}

/// One entry, word for word: neither cleaned nor redacted.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Entry {
    /// As text, never blank.
    pub(super) code: String,
    /// Blank where there is none.
    pub(super) key: String,
    /// Blank where there is none.
    pub(super) message: String,
}

impl Envelope {
    /// Reads a body; a byte order mark before it is passed over.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Object(Fields { responses: Entries(entries) }) = serde_json::from_str(text).ok()?;
        (!entries.is_empty()).then_some(Self { entries })
    }
}

impl Entry {
    fn of(EntryFields { code, key, message }: EntryFields) -> Option<Self> {
        let (Word(code), Word(key), Word(message)) = (code, key, message);
        (!code.is_empty()).then_some(Self { code, key, message })
    }
}

/// What an envelope has to hold, whatever else it holds; no name may stand twice.
#[derive(Deserialize)]
struct Fields {
    responses: Entries,
}

/// No more entries than there may be: a list that goes on is not read to its end.
struct Entries(Vec<Entry>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {ENTRIES_MAX} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Object(entry)) = list.next_element()? {
            if entries.len() == ENTRIES_MAX {
                return Err(Error::invalid_length(ENTRIES_MAX + 1, &self));
            }
            let entry = Entry::of(entry).ok_or_else(|| Error::missing_field("code"))?;
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// What an entry may hold.
#[derive(Default, Deserialize)]
#[serde(default)]
struct EntryFields {
    code: Word,
    key: Word,
    message: Word,
}

/// A text or a number as it is spelt, or blank for `null`. `204.0` stays `204.0`: no code is made of it.
#[derive(Default)]
struct Word(String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let word = match json.as_bytes() {
            [b'"', letters @ .., b'"'] if !letters.contains(&b'\\') => {
                json[1..=letters.len()].to_owned()
            }
            [b'"', ..] => serde_json::from_str(json).map_err(Error::custom)?,
            [b'n', ..] => String::new(),
            [b'-' | b'0'..=b'9', ..] => json.to_owned(),
            _ => return Err(Error::custom("neither a text nor a number")),
        };
        Ok(Self(word))
    }
}

/// A JSON object and nothing else: a derived reader would take a list for one.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, key: &str, message: &str) -> Entry {
        Entry { code: code.into(), key: key.into(), message: message.into() }
    }

    fn parse(body: &str) -> Option<Vec<Entry>> {
        Envelope::parse(body.as_bytes()).map(|it| it.entries)
    }

    #[test]
    fn envelopes_are_read_with_whatever_else_they_hold() {
        let deep = format!(
            r#"{{"data":{}{},"responses":[{{"code":204}}]}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        for (body, entries) in [
            (
                r#"{"responses":[{"code":"204","key":"","message":"OK"}]}"#,
                vec![entry("204", "", "OK")],
            ),
            (
                r#"{"data":{"id":7},"responses":[{"code":204,"x":[]}],"y":1}"#,
                vec![entry("204", "", "")],
            ),
            ("\u{feff} {\"responses\":[{\"code\":\"201\"}]}\r\n", vec![entry("201", "", "")]),
            (
                r#"{"responses":[{"code":400,"key":null,"message":17}]}"#,
                vec![entry("400", "", "17")],
            ),
            (r#"{"responses":[{"code":204.0}]}"#, vec![entry("204.0", "", "")]),
            (r#"{"responses":[{"c\u006fde":"2\u003004"}]}"#, vec![entry("2004", "", "")]),
            (
                r#"{"responses":[{"code":-1},{"code":"x"}]}"#,
                vec![entry("-1", "", ""), entry("x", "", "")],
            ),
            (r#"{"data":1,"data":2,"responses":[{"code":204}]}"#, vec![entry("204", "", "")]),
            (&deep, vec![entry("204", "", "")]),
        ] {
            assert_eq!(parse(body), Some(entries), "{}", &body[..body.len().min(99)]);
        }
    }

    #[test]
    fn what_is_not_plainly_an_envelope_is_none() {
        for body in [
            "",
            " ",
            "null",
            "204",
            "[]",
            "{}",
            "<html></html>",
            r#"{"responses":[]}"#,
            r#"{"responses":null}"#,
            r#"{"responses":{"code":"204"}}"#,
            r#"{"responses":["204"]}"#,
            r#"{"responses":[["204","","OK"]]}"#,
            r#"[[{"code":"204"}]]"#,
            r#"{"responses":[{}]}"#,
            r#"{"responses":[{"code":""}]}"#,
            r#"{"responses":[{"code":null}]}"#,
            r#"{"responses":[{"code":true}]}"#,
            r#"{"responses":[{"code":["204"]}]}"#,
            r#"{"responses":[{"code":"204","key":{}}]}"#,
            r#"{"responses":[{"code":"204","message":false}]}"#,
            r#"{"responses":[{"code":"204"},{"key":"pin"}]}"#,
            r#"{"responses":[{"code":"204","code":"400"}]}"#,
            r#"{"responses":[{"code":"204"}],"responses":[{"code":"400"}]}"#,
            r#"{"responses":[{"code":"204"}]}{}"#,
            r#"{"responses":[{"code":"204"}]"#,
            r#"{"responses":[{"code":"204","message":"\ud800"}]}"#,
            "{\"responses\":[{\"code\":\"204\"}]}\0",
            "{\"responses\":[{\"code\":\"204\",\"key\":\"\0\"}]}",
            "\u{feff}\u{feff}{\"responses\":[{\"code\":\"204\"}]}",
        ] {
            assert_eq!(parse(body), None, "{body}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
        assert_eq!(parse(&format!(r#"{{"responses":{}"#, "[".repeat(100_000))), None);
        assert_eq!(
            Envelope::parse(b"{\"responses\":[{\"code\":\"204\",\"message\":\"\xfc\"}]}"),
            None
        );
    }

    #[test]
    fn the_longest_list_of_entries_is_taken_and_one_more_is_not() {
        let body =
            |count| format!(r#"{{"responses":[{}]}}"#, vec![r#"{"code":400}"#; count].join(","));
        assert_eq!(parse(&body(ENTRIES_MAX)).map(|it| it.len()), Some(ENTRIES_MAX));
        assert_eq!(parse(&body(ENTRIES_MAX + 1)), None);
    }
}
