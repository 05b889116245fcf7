//! What mailboxes/get and mailboxes/list show: held against what is expected, or reduced to numbers.
//!
//! A PIN is never looked at, whether the switch shows it or not, and nothing of an answer's data is kept.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use crate::model::Likeness;
use crate::model::Mailbox;

/// Parts of an answer that are looked at.
#[derive(Deserialize)]
struct Shown {
    data: Map<String, Value>,
}

#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    data: Vec<Numbered<'a>>,
}

#[derive(Deserialize)]
struct Numbered<'a> {
    #[serde(borrow)]
    mailbox: Cow<'a, str>,
}

/// Holds a mailbox that is shown against what is expected of it; nothing where the answer shows none.
///
/// A parameter that is not shown, or not as a plain value, is not compared.
pub(super) fn likeness(body: &[u8], expected: &[(&'static str, String)]) -> Option<Likeness> {
    let shown: Shown = serde_json::from_slice(body).ok()?;
    let differs = |(name, value): &(&'static str, String)| {
        shown.data.get(*name).and_then(text_of).is_some_and(|it| it != *value)
    };
    Some(if expected.iter().any(differs) { Likeness::Different } else { Likeness::Same })
}

/// A value as it would be sent.
fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => Some(Cow::Borrowed("")),
        Value::Bool(it) => Some(Cow::Borrowed(if *it { "1" } else { "0" })),
        Value::Number(it) => Some(Cow::Owned(it.to_string())),
        Value::String(it) => Some(Cow::Borrowed(it)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The mailboxes of a list; nothing where it is not one, or shows numbers whose zeros may be lost.
///
/// A text that is no mailbox number is passed over: no row can mean it.
pub(super) fn listed(body: &[u8]) -> Option<HashSet<Mailbox>> {
    let list: Listed<'_> = serde_json::from_slice(body).ok()?;
    Some(list.data.iter().filter_map(|it| Mailbox::parse(&it.mailbox).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &[u8] =
        br#"{"data":{"mailbox":"1","owner":22,"panel":"0","pager":null,"pin":"9"}}"#;

    fn like(expected: &[(&'static str, &str)]) -> Option<Likeness> {
        let expected: Vec<_> =
            expected.iter().map(|(name, it)| (*name, (*it).to_owned())).collect();
        likeness(SHOWN, &expected)
    }

    #[test]
    fn values_are_compared_as_they_would_be_sent_and_only_where_they_are_shown() {
        let same = [("owner", "22"), ("panel", "0"), ("pager", ""), ("play", "newest")];
        assert_eq!(like(&same), Some(Likeness::Same));
        assert_eq!(like(&[("owner", "23")]), Some(Likeness::Different));
        assert_eq!(like(&[("pager", "a@b.de")]), Some(Likeness::Different));
    }

    #[test]
    fn what_shows_no_mailbox_is_no_likeness() {
        for body in [&br#"{"responses":[]}"#[..], br#"{"data":[]}"#, b"<html>"] {
            assert_eq!(likeness(body, &[]), None);
        }
    }

    #[test]
    fn a_list_is_one_only_if_its_numbers_are_texts() {
        let list = |body: &[u8]| listed(body).map(|it| it.len());
        assert_eq!(list(br#"{"data":[{"mailbox":"1","pin":"2"},{"mailbox":"02"}]}"#), Some(2));
        assert_eq!(list(br#"{"data":[]}"#), Some(0));
        assert_eq!(list(br#"{"data":[{"mailbox":"1"},{"mailbox":"*98"}]}"#), Some(1));
        assert_eq!(list(br#"{"data":[{"mailbox":1}]}"#), None);
        assert_eq!(list(br#"{"data":{}}"#), None);
    }
}
