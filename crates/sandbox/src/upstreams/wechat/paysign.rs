//! Verifies what a page hands to the wallet, as the wallet does: paySign of v2 (1.23) and v3 (1.5).

use super::account::Keys;
use super::wire::{Fields, sign_v2};
use super::words::V3;
use crate::book::Order;

/// The members of the page's invocation of the JS API.
pub(crate) struct Invocation {
    pub(crate) app_id: String,
    pub(crate) time_stamp: String,
    pub(crate) nonce_str: String,
    pub(crate) package: String,
    pub(crate) sign_type: String,
    pub(crate) pay_sign: String,
}

/// Why the wallet would refuse, if it would.
pub(crate) fn verify(keys: &Keys, order: &Order, invocation: &Invocation) -> Result<(), String> {
    let expected_app = match (&order.sub_app_id, &order.sub_openid) {
        (Some(app), Some(_)) => app.as_str(),
        _ => order.app_id.as_str(),
    };
    if invocation.app_id != expected_app {
        return Err(format!(
            "appId must be {expected_app}, it is {}",
            invocation.app_id
        ));
    }
    if invocation.time_stamp.is_empty()
        || !invocation
            .time_stamp
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    {
        return Err("timeStamp must be digits".to_owned());
    }
    if order.api == V3 {
        if invocation.sign_type != "RSA" {
            return Err("signType of a v3 prepay must be RSA".to_owned());
        }
        let text = v3_text(invocation);
        return keys
            .merchant
            .verify(text.as_bytes(), &invocation.pay_sign)
            .then_some(())
            .ok_or_else(|| "paySign does not verify with the merchant's key".to_owned());
    }
    if invocation.sign_type != order.sign_type {
        return Err(format!(
            "signType of this prepay must be {}",
            order.sign_type
        ));
    }
    let fields: Fields = [
        ("appId", &invocation.app_id),
        ("timeStamp", &invocation.time_stamp),
        ("nonceStr", &invocation.nonce_str),
        ("package", &invocation.package),
        ("signType", &invocation.sign_type),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.clone()))
    .collect();
    (sign_v2(&fields, &keys.api_v2, &invocation.sign_type) == invocation.pay_sign)
        .then_some(())
        .ok_or_else(|| "paySign does not verify with the API v2 key".to_owned())
}

fn v3_text(invocation: &Invocation) -> String {
    format!(
        "{}\n{}\n{}\n{}\n",
        invocation.app_id, invocation.time_stamp, invocation.nonce_str, invocation.package
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// channels.md 8, "paySign text, JSAPI".
    #[test]
    fn known_text() {
        let text = v3_text(&Invocation {
            app_id: "wx2421b1c4370ec43b".into(),
            time_stamp: "1554208460".into(),
            nonce_str: "593BEC0C930BF1AFEB40B4A08C8FB242".into(),
            package: "prepay_id=wx201410272009395522657a690389285100".into(),
            sign_type: "RSA".into(),
            pay_sign: String::new(),
        });
        assert_eq!(
            crate::crypto::sha256_hex(&text),
            "bf5c0eab11b7710ea376aaa5038ad079fb8175af60d6cbf676fa3bcc4d218bcb"
        );
    }
}
