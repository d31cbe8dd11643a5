//! The texts that WeChat and we sign, described as data. Sources: channel notes 1.1, 1.2, 1.5,
//! 1.14, 1.23.

use std::collections::BTreeMap;

use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};

/// The APIv2 key.
pub(super) const API_V2: KeyRole = KeyRole("api_v2");
/// The APIv3 key.
pub(super) const API_V3: KeyRole = KeyRole("api_v3");
/// The key that signs our v3 requests and invocations.
pub(super) const MERCHANT_PRIVATE: KeyRole = KeyRole("merchant_private");
/// The key that verifies WeChat's v3 messages.
pub(super) const WECHATPAY_PUBLIC: KeyRole = KeyRole("wechatpay_public");
/// The secret of the service provider's app.
pub(super) const APP_SECRET: KeyRole = KeyRole("app_secret");

/// The two digests of v2; a signature's length tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum V2Digest {
    /// 32 hexadecimal digits.
    Md5,
    /// 64 hexadecimal digits.
    HmacSha256,
}

impl V2Digest {
    /// The digest of a signature that came.
    pub(super) fn of(presented: &str) -> Option<Self> {
        match presented.len() {
            32 => Some(Self::Md5),
            64 => Some(Self::HmacSha256),
            _ => None,
        }
    }
}

/// v2: all fields but `sign`, without empty ones, in byte order of their names, then the key.
pub(super) fn v2(fields: &BTreeMap<String, String>, digest: V2Digest) -> SignatureSpec {
    let mut text = String::new();
    for (name, value) in fields {
        if name != "sign" && !value.is_empty() {
            text.push_str(name);
            text.push('=');
            text.push_str(value);
            text.push('&');
        }
    }
    text.push_str("key=");
    let algorithm = match digest {
        V2Digest::Md5 => Algorithm::Md5,
        V2Digest::HmacSha256 => Algorithm::HmacSha256(API_V2),
    };
    SignatureSpec {
        algorithm,
        pieces: vec![Piece::text(text), Piece::Key(API_V2)],
        rendering: Rendering::UpperHex,
    }
}

/// v3, our request: five lines, each ended, the last one too.
pub(super) fn v3_request(
    method: &str,
    path_and_query: &str,
    timestamp_s: i64,
    nonce: &str,
    body: &str,
) -> SignatureSpec {
    rsa(
        MERCHANT_PRIVATE,
        format!("{method}\n{path_and_query}\n{timestamp_s}\n{nonce}\n{body}\n").into_bytes(),
    )
}

/// v3, WeChat's answer or notification: three lines, each ended, over the raw body.
pub(super) fn v3_message(timestamp: &str, nonce: &str, body: &[u8]) -> SignatureSpec {
    let mut text = format!("{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    rsa(WECHATPAY_PUBLIC, text)
}

/// v3, what the page invokes: four lines, each ended.
pub(super) fn v3_invocation(
    app_id: &str,
    timestamp_s: &str,
    nonce: &str,
    package: &str,
) -> SignatureSpec {
    rsa(
        MERCHANT_PRIVATE,
        format!("{app_id}\n{timestamp_s}\n{nonce}\n{package}\n").into_bytes(),
    )
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
