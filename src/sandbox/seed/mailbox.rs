//! Reads one mailbox of a seed file: any setting by its name, each checked on the spot so that a
//! mistake is told with its line. Does not ask whether customer and owner exist.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::Value;

use crate::sandbox::fields::FIELDS;
use crate::sandbox::fields::Kind;
use crate::sandbox::fields::Setting;
use crate::sandbox::options::Version;
use crate::sandbox::rules;

/// A mailbox as a seed file has it. Has no `Debug`: it holds a PIN.
pub(super) struct SeedMailbox {
    pub(super) customer: i64,
    pub(super) mailbox: String,
    pub(super) pin: String,
    /// Places among the settings, and what stands there.
    pub(super) settings: Vec<(usize, Setting)>,
}

impl<'de> Deserialize<'de> for SeedMailbox {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MailboxVisitor)
    }
}

struct MailboxVisitor;

impl<'de> Visitor<'de> for MailboxVisitor {
    type Value = SeedMailbox;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mailbox: an object with `customer`, `mailbox` and settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SeedMailbox, A::Error> {
        let (mut customer, mut mailbox, mut pin) = (None, None, String::new());
        let mut settings = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "customer" => customer = Some(map.next_value()?),
                "mailbox" => mailbox = Some(digits("mailbox", map.next_value()?)?),
                "pin" => pin = digits("pin", map.next_value()?)?,
                other => settings.push(setting(other, map.next_value()?)?),
            }
        }
        Ok(SeedMailbox {
            customer: customer.ok_or_else(|| Error::missing_field("customer"))?,
            mailbox: mailbox.ok_or_else(|| Error::missing_field("mailbox"))?,
            pin,
            settings,
        })
    }
}

/// A mailbox or a PIN; the message does not repeat it.
fn digits<E: Error>(key: &str, value: Value) -> Result<String, E> {
    match value {
        Value::String(text) if rules::mailbox(&text).is_ok() => Ok(text),
        _ => Err(E::custom(format_args!("`{key}` must be digits in quotes"))),
    }
}

fn setting<E: Error>(key: &str, value: Value) -> Result<(usize, Setting), E> {
    let place = FIELDS
        .iter()
        .position(|it| it.name == key)
        .ok_or_else(|| E::custom(format_args!("a mailbox has no `{key}`")))?;
    let kind = FIELDS[place].kind;
    let numeric = matches!(kind, Kind::Flag(_) | Kind::Person);
    let text = match value {
        Value::String(text) if !numeric => text,
        Value::Number(number) if numeric => number.to_string(),
        _ if numeric => return Err(E::custom(format_args!("`{key}` must be a number"))),
        _ => return Err(E::custom(format_args!("`{key}` must be a text in quotes"))),
    };
    let setting = rules::setting(kind, &text, Version::V4_4)
        .map_err(|it| E::custom(format_args!("`{key}` {it}")))?;
    Ok((place, setting))
}
