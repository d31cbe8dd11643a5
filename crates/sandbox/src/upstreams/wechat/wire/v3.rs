//! The v3 signature of answers and notifications (channels.md 1.2).

use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::upstreams::wechat::keys::Signer;

/// Begins the signature of WeChat's probes (channels.md 1.2).
const PROBE: &str = "WECHATPAY/SIGNTEST/";
/// Bytes of a serial that no key has.
const SERIAL_BYTES: usize = 20;

/// What is done to a signature so that it must not be believed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Spoil {
    #[default]
    Nothing,
    /// It is over another text.
    Signature,
    /// It is a probe of WeChat's.
    Probe,
    /// It names a key that nobody has.
    Serial,
}

/// The `Wechatpay-*` headers over a body of answers and notifications.
pub(crate) fn signed_headers(
    signer: Signer,
    at_ms: i64,
    body: &str,
    spoil: Spoil,
) -> Result<Vec<(&'static str, String)>, SandboxError> {
    let timestamp = at_ms.div_euclid(1000).to_string();
    let nonce = random_hex(16)?;
    let mut text = signed_text(&timestamp, &nonce, body);
    if spoil == Spoil::Signature {
        text.push('x');
    }
    let mut signature = signer.key.sign(text.as_bytes())?;
    let mut serial = signer.serial;
    match spoil {
        Spoil::Probe => signature.insert_str(0, PROBE),
        Spoil::Serial => serial = random_hex(SERIAL_BYTES)?.to_uppercase(),
        Spoil::Nothing | Spoil::Signature => {}
    }
    Ok(vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("wechatpay-signature", signature),
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", serial),
        (
            "wechatpay-signature-type",
            "WECHATPAY2-SHA256-RSA2048".to_owned(),
        ),
    ])
}

/// Three lines, each ended by a line feed.
fn signed_text(timestamp: &str, nonce: &str, body: &str) -> String {
    format!("{timestamp}\n{nonce}\n{body}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sha256_hex;

    /// channels.md 8, "v3 response text", with a body and for a 204.
    #[test]
    fn known_texts() {
        assert_eq!(
            sha256_hex(&signed_text(
                "1700000000",
                "abc123",
                "{\"code_url\":\"weixin://x\"}"
            )),
            "a1b6e49c117c3863e1e8e4c31f6c2efaa186e1395457164fbb40a2185a3f750a"
        );
        assert_eq!(
            sha256_hex(&signed_text("1700000000", "abc123", "")),
            "f9acfe27404b8d80068e8b590052e73e8c75001570a36a78c4b1d6b57b8296b8"
        );
    }
}
