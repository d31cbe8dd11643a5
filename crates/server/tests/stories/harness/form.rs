//! Form bodies: `name=value` pairs, percent-encoded, and the signature over their sorted names.

use super::hex_md5;

/// Names with their values, in the order of the wire.
pub(crate) type Pairs = Vec<(String, String)>;

/// The value of a name.
pub(crate) fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(member, _)| member == name);
    found.map(|(_, value)| value.as_str())
}

/// MD5 over the values that are not empty, sorted by name, and the key; upper-case hex.
pub(crate) fn form_sign(key: &str, pairs: &[(String, String)]) -> String {
    hex_md5(sign_input(key, pairs).as_bytes()).to_uppercase()
}

/// What is hashed.
pub(crate) fn sign_input(key: &str, pairs: &[(String, String)]) -> String {
    let mut signed: Vec<&(String, String)> = pairs
        .iter()
        .filter(|(name, value)| name != "sign" && !value.is_empty())
        .collect();
    signed.sort();
    let joined: String = signed
        .iter()
        .map(|(name, value)| format!("{name}={value}&"))
        .collect();
    format!("{joined}key={key}")
}

/// Whether the pairs carry the right `sign`, made with `key`.
pub(crate) fn form_verifies(key: &str, pairs: &Pairs) -> bool {
    value(pairs, "sign") == Some(&form_sign(key, pairs))
}

/// As a careful client writes it: all but letters, digits and `-_.~` as upper-case escapes.
pub(crate) fn encoded(pairs: &[(String, String)]) -> String {
    joined(pairs, |text| percent(text, b"-_.~", false))
}

/// As the platform is to write notifications: lower-case escapes, `-_.!*()` as they are, a plus for
/// a space.
pub(crate) fn encoded_as_notification(pairs: &[(String, String)]) -> String {
    joined(pairs, |text| {
        percent(text, b"-_.!*() ", true).replace(' ', "+")
    })
}

pub(crate) fn joined(pairs: &[(String, String)], write: impl Fn(&str) -> String) -> String {
    let written: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", write(name), write(value)))
        .collect();
    written.join("&")
}

/// A text as the value of a query parameter.
pub(crate) fn percent_encoded(text: &str) -> String {
    percent(text, b"-_.~", false)
}

fn percent(text: &str, kept: &[u8], is_lower: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || kept.contains(&byte) => {
                char::from(byte).to_string()
            }
            byte if is_lower => format!("%{byte:02x}"),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Reads a body as a merchant's library does.
pub(crate) fn decoded(body: &str) -> Pairs {
    let pairs = body.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescaped(name), unescaped(value))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = after.get(..2).filter(|_| *first == b'%');
        let escape = escape.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}
