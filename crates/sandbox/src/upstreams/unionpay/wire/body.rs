//! Bodies: one flat JSON object of texts and whole numbers.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use super::Fields;
use crate::error::SandboxError;

/// Reads a body. `None` if it is not one flat object of texts, whole numbers and nulls, or names a
/// member twice, since then it could be signed in one reading and meant in the other.
pub(crate) fn read(body: &[u8]) -> Option<Fields> {
    serde_json::from_slice::<Members>(body)
        .ok()
        .map(|members| members.0)
}

/// Writes a body; every value is a text, so that nobody has to guess how a number was signed.
pub(crate) fn write(fields: &Fields) -> Result<String, SandboxError> {
    Ok(serde_json::to_string(fields)?)
}

struct Members(Fields);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a flat object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut fields = Fields::new();
        let mut nulls = std::collections::BTreeSet::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if fields.contains_key(&name) || nulls.contains(&name) {
                return Err(A::Error::custom("a member is repeated"));
            }
            match value {
                Value::Null => {
                    nulls.insert(name);
                }
                Value::String(text) => {
                    fields.insert(name, text);
                }
                // A whole number is signed as it is written: JSON knows no other way to write one.
                Value::Number(number) if number.is_i64() || number.is_u64() => {
                    fields.insert(name, number.to_string());
                }
                _ => {
                    return Err(A::Error::custom(
                        "a member is neither text nor whole number",
                    ));
                }
            }
        }
        Ok(Members(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_flat_objects_are_read() {
        let read_text = |text: &str| read(text.as_bytes());
        let fields = read_text(r#"{"b":"","a":12,"c":null}"#).unwrap();
        let expected = [("a", "12"), ("b", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fields, Fields::from(expected));
        for bad in [
            "",
            "[]",
            "{",
            r#"{"a":1.5}"#,
            r#"{"a":1e2}"#,
            r#"{"a":true}"#,
            r#"{"a":{}}"#,
            r#"{"a":"1","a":"2"}"#,
            r#"{"a":null,"a":"2"}"#,
        ] {
            assert!(read_text(bad).is_none(), "{bad}");
        }
    }
}
