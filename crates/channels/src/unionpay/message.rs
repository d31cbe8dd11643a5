//! UnionPay's messages: one JSON object that carries its own signature. Sources: channel notes 3.2,
//! 3.8.
//!
//! What is signed is each member as it came: a text's characters, the digits of a number, an
//! object's or a list's own JSON. Nulls are not signed.

use heliu_ports::channel::Upstream;
use serde_json::{Map, Value};

use super::sign::{self, SIGNATURE};
use crate::answer::short;
use crate::json::members;

/// Longest message that is read, in bytes.
const BYTES_MAX: usize = 128 * 1024;

/// Why a message is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unbelieved {
    /// It cannot be read.
    Malformed(&'static str),
    /// Its signature is missing or wrong; what is refused before its own signature is looked at is
    /// answered so, with this `respCode`.
    Unsigned(Option<String>),
}

impl Unbelieved {
    /// In words.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Malformed(why) => (*why).to_owned(),
            Self::Unsigned(None) => "the signature does not hold".to_owned(),
            Self::Unsigned(Some(code)) => format!("unsigned, it says {}", short(code)),
        }
    }
}

/// Reads a message and verifies it.
pub(super) fn open(upstream: &dyn Upstream, body: &[u8]) -> Result<Value, Unbelieved> {
    use Unbelieved::{Malformed, Unsigned};
    if body.len() > BYTES_MAX {
        return Err(Malformed("it is too long"));
    }
    let text = std::str::from_utf8(body).map_err(|_| Malformed("it is not UTF-8"))?;
    let members = members(text).map_err(|_| Malformed("it is not a JSON object"))?;
    let mut read = Map::new();
    let mut signed = Vec::with_capacity(members.len());
    for (name, raw) in members {
        let value =
            serde_json::from_str(raw.get()).map_err(|_| Malformed("a member is not JSON"))?;
        match &value {
            Value::Null => continue,
            Value::String(text) => signed.push((name.clone(), text.clone())),
            _ => signed.push((name.clone(), raw.get().to_owned())),
        }
        read.insert(name, value);
    }
    let presented = read.get(SIGNATURE).and_then(Value::as_str).unwrap_or("");
    if presented.is_empty() || !is_signed(upstream, &signed, presented) {
        let code = read.get("respCode").and_then(Value::as_str);
        return Err(Unsigned(code.map(str::to_owned)));
    }
    Ok(Value::Object(read))
}

/// Empty texts are signed, says the description of these interfaces; the one of the form
/// interfaces, and software that is in wide use here, leaves them out. They mean nothing to us, so
/// either will do.
fn is_signed(upstream: &dyn Upstream, signed: &[(String, String)], presented: &str) -> bool {
    let all = || {
        signed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    };
    if upstream.verify(&sign::message(all()), presented) {
        return true;
    }
    let has_empty = all().any(|(_, value)| value.is_empty());
    let filled = all().filter(|(_, value)| !value.is_empty());
    has_empty && upstream.verify(&sign::message(filled), presented)
}
