//! The JSON text `data` of an envelope: strict first, then with single quotes for names and texts;
//! numbers are taken by their digits as written. Source: Leshua, sections 2.3 and 6.1.

use std::fmt;

use heliu_trade::error::TradeError;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::lexical::trimmed;
use crate::parameters::{illegal, missing};

/// Its name in errors.
pub(super) const DATA: &str = "data";

/// The members of the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Data(Vec<(String, Box<str>)>);

impl Data {
    /// Reads the text.
    pub(super) fn read(text: &str) -> Result<Self, TradeError> {
        let members = |text: &str| serde_json::from_str::<Members>(text);
        let read = members(text).or_else(|strict| {
            let double = double_quoted(text);
            double.map_or(Err(strict), |text| members(&text))
        });
        let read = read.map_err(|cause| {
            let problem = format!("{DATA} is no JSON object, each name once: {cause}");
            illegal(DATA, problem)
        })?;
        Ok(Self(read.0))
    }

    /// The text of a member, or the digits of a number; `None` if it is absent, null or blank.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, TradeError> {
        let Some((_, raw)) = self.0.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        let text = match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(raw).unwrap_or_default(),
            Some(b'n') => String::new(),
            Some(b'-' | b'0'..=b'9') => raw.to_string(),
            _ => return Err(illegal(name, format!("{name} must be a text or a number"))),
        };
        let text = trimmed(&text);
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// A mandatory member.
    pub(super) fn required(&self, name: &str) -> Result<String, TradeError> {
        self.text(name)?.ok_or_else(|| missing(name))
    }
}

/// Members in order, each with the text that stands for it.
struct Members(Vec<(String, Box<str>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, Box<str>)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format!("{name} stands twice")));
                    }
                    members.push((name, value.get().into()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk)
    }
}

/// The same with double quotes, of a text that has single ones around names and texts: `\'` is an
/// apostrophe, a `"` inside is itself. `None`: a quote stands open.
fn double_quoted(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 16);
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\'' => {
                out.push('"');
                loop {
                    match signs.next()? {
                        '\'' => break,
                        '"' => out.push_str("\\\""),
                        '\\' => match signs.next()? {
                            '\'' => out.push('\''),
                            other => out.extend(['\\', other]),
                        },
                        other => out.push(other),
                    }
                }
                out.push('"');
            }
            // A text with double quotes is strict JSON's form: its single quotes are its own.
            '"' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_reads_as_it_was_meant() {
        for (text, value) in [
            (r#"{"a":"x"}"#, Some("x")),
            (r#" {"a" : " x "} "#, Some("x")),
            (r#"{"a":440000}"#, Some("440000")),
            (
                r#"{"a":13800000000000000000001}"#,
                Some("13800000000000000000001"),
            ),
            (r#"{"a":-1}"#, Some("-1")),
            (r#"{"a":"\u4e2d\/"}"#, Some("中/")),
            (r#"{"a":null}"#, None),
            (r#"{"a":""}"#, None),
            (r#"{"b":"x"}"#, None),
            (r"{'a':'x'}", Some("x")),
            (r#"{'a':'it\'s "so"'}"#, Some(r#"it's "so""#)),
            (r"{'a':7,'b':'\\'}", Some("7")),
        ] {
            let data = Data::read(text).expect("an object");
            assert_eq!(data.text("a"), Ok(value.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_of_single_names_is_refused() {
        for text in [
            "",
            "[]",
            "1",
            "{",
            "{'a':'x}",
            r#"{"a":'x'}"#,
            r#"{"a":"x",}"#,
            r#"{"a":"x","a":"x"}"#,
            "{'a':'x','a':'y'}",
            r#"{a:"x"}"#,
            r#"{"a":"x"} // no"#,
        ] {
            let error = Data::read(text).expect_err(text);
            assert_eq!(error.field.as_deref(), Some(DATA), "{text}");
        }
        let data = Data::read(r#"{"a":[1],"b":{"c":1},"c":true}"#).expect("an object");
        for name in ["a", "b", "c"] {
            let error = data.text(name).expect_err(name);
            assert_eq!(error.field.as_deref(), Some(name));
        }
    }
}
