//! WeChat.

use super::{Wallet, is_code};
use crate::crypto::md5_hex_lower;

/// The wallet.
pub(crate) const WALLET: Wallet = Wallet {
    name: "wechat",
    agent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) \
            Mobile Safari/537.36 MicroMessenger/8.0.50.2701 NetType/WIFI Language/zh_CN",
    pages: None,
    invoked_by: None,
};

/// Whether a payment code has WeChat's form (channels.md 5).
pub(crate) fn is_payment_code(code: &str) -> bool {
    is_code(code, 18..=18, 10, 15)
}

/// WeChat's name of a payer within one app; stable per app and payer (ruling 45).
pub(crate) fn openid(app_id: &str, payer: &str) -> String {
    let hash = md5_hex_lower(&format!("openid {app_id} {payer}"));
    format!("oSBX{}", &hash[..24])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_codes() {
        assert!(is_payment_code("134567890123456789"));
        assert!(!is_payment_code("164567890123456789"));
        assert!(!is_payment_code("13456789012345678"));
        assert!(!is_payment_code("1三4567890123456"));
    }
}
