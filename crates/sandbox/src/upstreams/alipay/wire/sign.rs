//! The signed texts of requests and notifications (channels.md 2.2).

use std::collections::BTreeMap;

/// `k=v` sorted by name and joined with `&`, without `sign` and without empty values.
pub(crate) fn signed_text(fields: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// channels.md 8, "Alipay request text".
    #[test]
    fn known_text() {
        let fields: BTreeMap<String, String> = [
            ("app_auth_token", "tok"),
            ("app_id", "2021000000000001"),
            (
                "biz_content",
                r#"{"out_trade_no":"T1","scene":"bar_code","auth_code":"28763443825664394","subject":"测试 a&b","total_amount":"0.01"}"#,
            ),
            ("charset", "utf-8"),
            ("format", "JSON"),
            ("method", "alipay.trade.pay"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-01-01 10:00:00"),
            ("version", "1.0"),
            ("return_url", ""),
            ("sign", "x"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        assert_eq!(
            crate::crypto::sha256_hex(&signed_text(&fields)),
            "312902d60e46b3a07c60300f3d860a9ea35a48c8aeb3e09ed8130af4eef11387"
        );
    }
}
