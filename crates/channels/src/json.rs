//! Reads members of JSON objects that channels send, and adds members to those that we send.

use std::fmt;

use heliu_trade::money::parse_yuan;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Members of an object, in order, each with the text that stands for it.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk)
    }
}

/// The members of the object that `text` is, each as it came. A name that stands twice has no
/// meaning.
pub(crate) fn members(text: &str) -> serde_json::Result<Vec<(String, &RawValue)>> {
    serde_json::from_str(text).map(|Members(members)| members)
}

/// A text member that is not empty.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A text member that is not empty, under the first of these names that has one.
pub(crate) fn text_of<'a>(object: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| text(object, name))
}

/// An amount in fen.
pub(crate) fn fen(object: &Value, name: &str) -> Option<i64> {
    whole(object, name)
}

/// A whole number, as a number or as digits in a text.
pub(crate) fn whole(object: &Value, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => digits(text),
        _ => None,
    }
}

/// An amount in yuan, as text or as a number, in fen.
pub(crate) fn yuan(object: &Value, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::Number(number) => parse_yuan(&number.to_string()),
        Value::String(text) => parse_yuan(text),
        _ => None,
    }
}

/// An amount in yuan, in fen, under the first of these names that has one.
pub(crate) fn yuan_of(object: &Value, names: &[&str]) -> Option<i64> {
    names.iter().find_map(|name| yuan(object, name))
}

/// The elements of an array member; none if it is no array.
pub(crate) fn elements<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A list member that is an array or JSON text of one; none if it is neither.
pub(crate) fn listed(object: &Value, name: &str) -> Vec<Value> {
    match object.get(name) {
        Some(Value::Array(list)) => list.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Adds a member.
pub(crate) fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}

/// Decimal digits as a number; signs and blanks are not accepted.
pub(crate) fn digits(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}
