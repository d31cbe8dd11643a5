//! The v2 signature (channels.md 1.14).

use super::xml::Fields;
use crate::crypto::{hmac_sha256_hex_upper, md5_hex_upper};

/// Upper-case hex over the sorted, non-empty fields without `sign`; `sign_type` `HMAC-SHA256` or
/// MD5.
pub(crate) fn sign(fields: &Fields, api_v2_key: &str, sign_type: &str) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if name != "sign" && !value.is_empty() {
            text.push_str(&format!("{name}={value}&"));
        }
    }
    text.push_str(&format!("key={api_v2_key}"));
    if sign_type == "HMAC-SHA256" {
        hmac_sha256_hex_upper(api_v2_key, &text)
    } else {
        md5_hex_upper(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// channels.md 8, "v2 MD5" and "v2 HMAC-SHA256".
    #[test]
    fn known_answers() {
        let fields: Fields = [
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "10000100"),
            ("device_info", "1000"),
            ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
            ("sign", "whatever"),
            ("attach", ""),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let key = "192006250b4c09247ec02edce69f6a2d";
        assert_eq!(
            sign(&fields, key, "MD5"),
            "9A0A8659F005D6984697E2CA0A9CF3B7"
        );
        assert_eq!(
            sign(&fields, key, "HMAC-SHA256"),
            "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
        );
    }
}
