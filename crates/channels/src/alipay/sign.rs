//! The texts that Alipay and we sign, described as data. Source: channel notes 2.2.

use std::collections::BTreeMap;

use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};

/// The key that signs our requests.
const APP_PRIVATE: KeyRole = KeyRole("app_private");
/// The key that verifies Alipay's messages.
const ALIPAY_PUBLIC: KeyRole = KeyRole("alipay_public");

/// By which a merchant lets us act for it: the contract's, sent with each call about its orders.
pub(super) const APP_AUTH_TOKEN: KeyRole = KeyRole("app_auth_token");

/// Our request: all parameters but `sign`, `sign_type` among them.
pub(super) fn request(parameters: &BTreeMap<String, String>) -> SignatureSpec {
    rsa(APP_PRIVATE, joined(parameters, &["sign"]).into_bytes())
}

/// Alipay's answer: the node exactly as it came.
pub(super) fn node(raw: &str) -> SignatureSpec {
    rsa(ALIPAY_PUBLIC, raw.as_bytes().to_vec())
}

/// Alipay's notification: all parameters but `sign` and `sign_type`.
pub(super) fn notification(parameters: &BTreeMap<String, String>) -> SignatureSpec {
    rsa(
        ALIPAY_PUBLIC,
        joined(parameters, &["sign", "sign_type"]).into_bytes(),
    )
}

/// Without empty values, in byte order of the names; values as they are before any encoding.
fn joined(parameters: &BTreeMap<String, String>, without: &[&str]) -> String {
    let signed: Vec<String> = parameters
        .iter()
        .filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    signed.join("&")
}

fn rsa(role: KeyRole, text: Vec<u8>) -> SignatureSpec {
    SignatureSpec {
        algorithm: Algorithm::RsaSha256(role),
        pieces: vec![Piece::text(text)],
        rendering: Rendering::Base64,
    }
}

#[cfg(test)]
#[path = "tests/sign.rs"]
mod tests;
