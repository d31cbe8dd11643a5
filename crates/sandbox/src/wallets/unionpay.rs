//! UnionPay's wallet.

use serde_json::json;

use super::{Wallet, is_code};
use crate::crypto::md5_hex_lower;

/// What begins every `payData`: pages that the wallet opens for itself.
pub(crate) const PAGES: &str = "https://qr.95516.com/";

/// The wallet. Its browser's name ends with UnionPay's word for it (channels.md 3.9).
pub(crate) const WALLET: Wallet = Wallet {
    name: "unionpay",
    agent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) \
            Mobile Safari/537.36 UnionPay/1.0 CloudPay",
    pages: Some(PAGES),
    // A page may as well send the browser on to `payData` itself.
    invoked_by: Some(|address| json!({"wallet": "unionpay", "payData": address})),
};

/// Whether a payment code has UnionPay's form (channels.md 5).
pub(crate) fn is_payment_code(code: &str) -> bool {
    is_code(code, 19..=19, 62, 62)
}

/// UnionPay's name of a payer: its form is not public, so whoever takes it for more than a text
/// stumbles here.
pub(crate) fn user_id(payer: &str) -> String {
    let hash = md5_hex_lower(&format!("unionpay user {payer}"));
    format!("UPSBX{}", hash[..19].to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_codes() {
        assert!(is_payment_code("6220485073630469936"));
        assert!(!is_payment_code("622048507363046993"));
        assert!(!is_payment_code("6320485073630469936"));
    }
}
