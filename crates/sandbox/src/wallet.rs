//! The payer's wallet: who pays, with what, and the forms of payment codes.

use crate::book::{Channel, Order};
use crate::crypto::{md5_hex_lower, stable_hash};

/// How long an order can wait for its payer: two hours, WeChat's rule for a prepay (channels.md
/// 1.5). An Alipay code lives that long at most, a UnionPay order unless it names an end.
pub(crate) const PREPAY_LIFE_MS: i64 = 2 * 3_600_000;
/// What UnionPay calls the browser of its wallet and the wallet itself (channels.md 3.9).
pub(crate) const APP_UP_IDENTIFIER: &str = "UnionPay/1.0 CloudPay";
/// Who pays when nobody else is named.
pub(crate) const DEFAULT_PAYER: &str = "payer-1";

/// Whether a payment code has WeChat's form (channels.md 5).
pub(crate) fn is_wechat_code(code: &str) -> bool {
    code.len() == 18 && starts_between(code, 10, 15)
}

/// Whether a payment code has Alipay's form (channels.md 5).
pub(crate) fn is_alipay_code(code: &str) -> bool {
    (16..=24).contains(&code.len()) && starts_between(code, 25, 30)
}

/// Whether a payment code has UnionPay's form (channels.md 5).
pub(crate) fn is_unionpay_code(code: &str) -> bool {
    code.len() == 19 && starts_between(code, 62, 62)
}

fn starts_between(code: &str, first: u8, last: u8) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
        && code
            .get(..2)
            .and_then(|prefix| prefix.parse::<u8>().ok())
            .is_some_and(|prefix| (first..=last).contains(&prefix))
}

/// WeChat's name of a payer within one app; stable per app and payer (ruling 45).
pub(crate) fn openid(app_id: &str, payer: &str) -> String {
    let hash = md5_hex_lower(&format!("openid {app_id} {payer}"));
    format!("oSBX{}", &hash[..24])
}

/// Alipay's name of a payer: 2088 and twelve digits.
pub(crate) fn buyer_id(payer: &str) -> String {
    format!(
        "2088{:012}",
        stable_hash(&format!("buyer {payer}")) % 1_000_000_000_000
    )
}

/// UnionPay's name of a payer: its form is not public, so whoever takes it for more than a text
/// stumbles here.
pub(crate) fn user_id(payer: &str) -> String {
    let hash = md5_hex_lower(&format!("unionpay user {payer}"));
    format!("UPSBX{}", hash[..19].to_uppercase())
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

/// `bank_type` (WeChat), `fund_channel` (Alipay) or `cardAttr` (UnionPay: 01 debit, 02 credit), the
/// same for the same order (ruling 34 tells them apart).
pub(crate) fn paid_with(order: &Order) -> &'static str {
    let hash = stable_hash(&order.number);
    match order.channel {
        Channel::Wechat => match hash % 4 {
            0 => "OTHERS",
            1 => "CFT",
            2 => "ICBC_DEBIT",
            _ => "CMB_CREDIT",
        },
        Channel::Alipay => match hash % 3 {
            0 => "ALIPAYACCOUNT",
            1 => "PCREDIT",
            _ => "BANKCARD",
        },
        Channel::Unionpay => match hash % 2 {
            0 => "01",
            _ => "02",
        },
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
    fn code_forms() {
        assert!(is_wechat_code("134567890123456789"));
        assert!(!is_wechat_code("164567890123456789"));
        assert!(!is_wechat_code("13456789012345678"));
        assert!(is_alipay_code("284214903060794755"));
        assert!(!is_alipay_code("314214903060794755"));
        assert!(!is_alipay_code("28421490306079475x"));
        assert!(!is_wechat_code("1三4567890123456"));
        assert!(is_unionpay_code("6220485073630469936"));
        assert!(!is_unionpay_code("622048507363046993"));
        assert!(!is_unionpay_code("6320485073630469936"));
    }
}
