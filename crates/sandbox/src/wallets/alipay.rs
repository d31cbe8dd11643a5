//! Alipay.

use super::{Wallet, is_code};
use crate::crypto::stable_hash;

/// What begins the codes that it scans.
pub(crate) const PAGES: &str = "https://qr.alipay.com/";

/// The wallet.
pub(crate) const WALLET: Wallet = Wallet {
    name: "alipay",
    agent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) \
            Mobile Safari/537.36 AlipayDefined(nt:WIFI) AliApp(AP/10.5.96.8000) \
            AlipayClient/10.5.96.8000 Language/zh-Hans",
    pages: Some(PAGES),
    invoked_by: None,
};

/// Whether a payment code has Alipay's form (channels.md 5).
pub(crate) fn is_payment_code(code: &str) -> bool {
    is_code(code, 16..=24, 25, 30)
}

/// Alipay's name of a payer: 2088 and twelve digits.
pub(crate) fn buyer_id(payer: &str) -> String {
    format!(
        "2088{:012}",
        stable_hash(&format!("buyer {payer}")) % 1_000_000_000_000
    )
}

/// A name to sign in with as Alipay shows it: `159****5620`, `abc***@example.com`.
pub(crate) fn masked_logon_id(logon_id: &str) -> String {
    let head = |text: &str| text.chars().take(3).collect::<String>();
    match logon_id.split_once('@') {
        Some((name, host)) => format!("{}***@{host}", head(name)),
        None => {
            let from = logon_id.chars().count().saturating_sub(4);
            let tail: String = logon_id.chars().skip(from.max(3)).collect();
            format!("{}****{tail}", head(logon_id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked() {
        for (logon_id, masked) in [
            ("15900005620", "159****5620"),
            ("shopper@example.com", "sho***@example.com"),
            ("ab", "ab****"),
            ("abcde", "abc****de"),
        ] {
            assert_eq!(masked_logon_id(logon_id), masked);
        }
    }

    #[test]
    fn the_form_of_codes() {
        assert!(is_payment_code("284214903060794755"));
        assert!(!is_payment_code("314214903060794755"));
        assert!(!is_payment_code("28421490306079475x"));
    }
}
