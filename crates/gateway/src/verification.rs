//! Whether a signature holds, and under which reading.

use std::borrow::Cow;

use heliu_ports::dialect::{Decoded, Recording};
use heliu_ports::exchange::Secret;
use heliu_ports::keys::{KeyVersion, Keys};
use heliu_ports::signature::KeyRole;

/// A signature that held.
pub(crate) struct Held {
    pub(crate) reading: &'static str,
    pub(crate) key: KeyVersion,
    /// The key's role, if the books are to learn that the signer has this key (ruling 30).
    pub(crate) newly_proved: Option<KeyRole>,
}

/// Tries the readings, strictest first, each text once.
pub(crate) fn verify(decoded: &Decoded, keys: &dyn Keys) -> Option<Held> {
    let mut tried = Vec::new();
    for (index, reading) in decoded.readings.names().iter().enumerate() {
        let spec = decoded.readings.spec(index);
        if tried.contains(&spec) {
            continue;
        }
        if let Some(key) = keys.verify(&spec, &decoded.presented) {
            let newly_proved = keys.newly_proved(&spec, key);
            return Some(Held {
                reading,
                key,
                newly_proved,
            });
        }
        tried.push(spec);
    }
    None
}

/// Characters of a string to sign that are kept.
const SIGNING_KEPT_MAX: usize = 4096;

/// For the operator: what should have been signed, key and secrets masked, and what came. Where no
/// bytes of a body may be kept, only under which reading.
pub(crate) fn explain(decoded: &Decoded, rule: Recording) -> String {
    let Some(reading) = decoded.readings.names().first() else {
        return "the signature is missing or malformed".to_owned();
    };
    let text = if rule == Recording::Size {
        "(not kept)".to_owned()
    } else {
        masked(decoded.readings.spec(0).masked().into(), &decoded.secrets)
    };
    let text: String = text.chars().take(SIGNING_KEPT_MAX).collect();
    format!(
        "string to sign ({reading}): {text}\nsignature that came: {}",
        decoded.presented
    )
}

/// A text with every secret masked.
pub(crate) fn masked(text: Cow<'_, str>, secrets: &[Secret]) -> String {
    let mut text = text;
    for secret in secrets.iter().filter(|secret| !secret.text().is_empty()) {
        let Some(first) = text.find(secret.text()) else {
            continue;
        };
        let (before, rest) = text.split_at(first);
        let rest = rest.replace(secret.text(), &secret.masked());
        text = Cow::Owned([before, rest.as_str()].concat());
    }
    text.into_owned()
}
