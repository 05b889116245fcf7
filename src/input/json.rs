//! Keys and values of JSON: a value goes into a cell as what it is. Refuses to guess types, and to copy what needs none.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::input::stretch;
use crate::model::Cell;

/// Largest integer that every JSON program reads alike: 2^53.
const INTEGER_MAX: u64 = 1 << 53;

/// A key, borrowed where it is written without escapes.
pub(super) struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// What there may be to say of a key's value.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Oddity {
    /// Its text may hold a control character.
    Control,
    /// The key was met before.
    Again,
    /// It is a number, and no small integer.
    Number,
    /// It is an object or a list.
    Nested,
}

/// Writes a value where it stays.
pub(super) struct AnyValue<'c, 'a> {
    /// Absent until then.
    pub(super) cell: &'c mut Cell<'a>,
    /// Whether a text without escapes may hold a control character.
    pub(super) may_have_control: bool,
}

impl<'a> DeserializeSeed<'a> for AnyValue<'_, 'a> {
    type Value = Option<Oddity>;

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for AnyValue<'_, 'a> {
    type Value = Option<Oddity>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        *self.cell = Cell::Boolean(value);
        Ok(None)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
        put_text(text, self.cell);
        Ok(looked_at(self.may_have_control, text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        *self.cell = if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned().into()) };
        // What stood there as an escape may be anything.
        Ok(looked_at(true, text))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.integer(value.try_into().ok()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.integer(Some(value)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Some(Oddity::Number))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Oddity::Nested))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Some(Oddity::Nested))
    }
}

impl AnyValue<'_, '_> {
    fn integer(self, value: Option<i64>) -> Option<Oddity> {
        match value {
            Some(value) if value.unsigned_abs() <= INTEGER_MAX => {
                *self.cell = Cell::Integer(value);
                None
            }
            Some(_) | None => Some(Oddity::Number),
        }
    }
}

/// Writes a text where it stays: handed on first, it would be read again before it is written.
#[inline]
pub(super) fn put_text<'a>(text: &'a str, cell: &mut Cell<'a>) {
    if text.is_empty() {
        *cell = Cell::Empty;
    } else {
        *cell = Cell::Text(Cow::Borrowed(text));
    }
}

fn looked_at(may_have_control: bool, text: &str) -> Option<Oddity> {
    (may_have_control && stretch::has_control(text.as_bytes())).then_some(Oddity::Control)
}
