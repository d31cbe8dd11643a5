//! The members of a JSON object as they were written: values stay raw text, so that an amount never
//! passes through a float.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting that is read, the body itself included; ignored members count (ruling 31).
const DEPTH_MAX: usize = 16;
/// Up to so many members are compared pair by pair; more are sorted first.
const PAIRS_MAX: usize = 32;

/// Why a body is not such an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unreadable {
    /// Its bytes are not UTF-8.
    NotUtf8,
    /// It is not one JSON object; with the reader's words.
    NotAnObject(String),
    /// A name stands twice, so two readers may see two requests.
    Repeated(String),
    /// It is nested too deep.
    TooDeep,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the body is not UTF-8"),
            Self::NotAnObject(why) => write!(f, "the body is not one JSON object: {why}"),
            Self::Repeated(name) => write!(f, "the body has the member {name} twice"),
            Self::TooDeep => write!(f, "the body is nested deeper than {DEPTH_MAX}"),
        }
    }
}

/// Why a member has no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoText {
    /// It is an object or an array.
    Compound,
    /// It holds half a surrogate pair.
    BadEscape,
    /// It holds U+0000.
    Nul,
}

/// Names and raw values, in the order of the body.
#[derive(Debug)]
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads a body, from which a byte order mark has been dropped.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotUtf8)?;
        let members: Self = serde_json::from_str(text)
            .map_err(|error| Unreadable::NotAnObject(error.to_string()))?;
        if let Some(name) = members.repeated() {
            return Err(Unreadable::Repeated(name.chars().take(64).collect()));
        }
        if members
            .0
            .iter()
            .any(|(_, value)| depth(value.get()) >= DEPTH_MAX)
        {
            return Err(Unreadable::TooDeep);
        }
        Ok(members)
    }

    /// The raw text of a member; `None` if it is absent or null.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value.get()).filter(|raw| *raw != "null")
    }

    /// The text of a member: a string's, or a number or boolean as it is written. `None` if it is
    /// absent, null or empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, NoText> {
        self.raw(name).map_or(Ok(None), |raw| {
            Ok(Some(text(raw)?).filter(|text| !text.is_empty()))
        })
    }

    fn repeated(&self) -> Option<&str> {
        let names = self.0.iter().map(|(name, _)| name.as_ref());
        if self.0.len() <= PAIRS_MAX {
            let mut seen = names.enumerate();
            return seen
                .find(|(index, name)| self.0.iter().take(*index).any(|(other, _)| other == name))
                .map(|(_, name)| name);
        }
        let mut sorted: Vec<&str> = names.collect();
        sorted.sort_unstable();
        sorted
            .array_windows()
            .find(|[one, other]| one == other)
            .map(|[name, _]| *name)
    }
}

fn text(raw: &str) -> Result<Cow<'_, str>, NoText> {
    let Some(inner) = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        let is_compound = raw.starts_with(['{', '[']);
        return if is_compound {
            Err(NoText::Compound)
        } else {
            Ok(Cow::Borrowed(raw))
        };
    };
    if !inner.contains('\\') {
        return Ok(Cow::Borrowed(inner));
    }
    let text: String = serde_json::from_str(raw).map_err(|_| NoText::BadEscape)?;
    if text.contains('\0') {
        Err(NoText::Nul)
    } else {
        Ok(Cow::Owned(text))
    }
}

/// How deep a valid JSON value is nested: 0 for a text or number.
fn depth(raw: &str) -> usize {
    if !raw.starts_with(['{', '[']) {
        return 0;
    }
    let (mut depth, mut deepest): (usize, usize) = (0, 0);
    let (mut in_text, mut is_escaped) = (false, false);
    for byte in raw.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collect)
    }
}

struct Collect;

impl<'de> Visitor<'de> for Collect {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            members.push((name.0, value));
        }
        Ok(Members(members))
    }
}

/// A member's name, borrowed unless it has escapes (serde's own `Cow` always copies).
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E: serde::de::Error>(
                self,
                name: &'de str,
            ) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Read)
    }
}
