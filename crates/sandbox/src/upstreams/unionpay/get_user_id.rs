//! `getUserId`: exchanges a browser's `userAuthCode` for the payer's `userId`, once (channels.md
//! 3.9).
//!
//! The public text has the name and the two members; path and answer were chosen (ruling 47).

use super::ID;
use super::account::SER_PROV_ID;
use super::asked::{Asked, Stop, refuse};
use super::wire::{self, Fields};
use crate::book::{Book, LoginCode};
use crate::conduct::Conduct;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::unionpay::user_id;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let code = asked.required("userAuthCode", 64)?;
    if !is_identifier(asked.required("appUpIdentifier", 256)?) {
        return refuse("10", "appUpIdentifier 应为 UnionPay/<版本> <应用>");
    }
    let payer = match book.use_login_code(code, ID, SER_PROV_ID)? {
        LoginCode::Payer(payer) => payer,
        // A code out of somebody's document is good once, so that what the document describes can
        // be played.
        LoginCode::Unknown if is_printed(code) => {
            book.remember_used(code)?;
            DEFAULT_PAYER.to_owned()
        }
        LoginCode::Used => return refuse("39", "授权码已使用"),
        LoginCode::Unknown | LoginCode::NotForThis => return refuse("34", "授权码无效或已过期"),
    };
    let mut fields = Fields::new();
    wire::put(&mut fields, "userId", user_id(&payer));
    Ok(fields)
}

/// `UnionPay/1.0 CloudPay`: a version, a blank, and letters and digits (channels.md 3.9).
fn is_identifier(text: &str) -> bool {
    let parts = text
        .strip_prefix("UnionPay/")
        .and_then(|rest| rest.split_once(' '));
    parts.is_some_and(|(version, app)| {
        let is_version = version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        !version.is_empty()
            && is_version
            && !app.is_empty()
            && app.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The form of codes in documents, which no real code has: twelve capital letters and digits.
fn is_printed(code: &str) -> bool {
    code.len() == 12
        && code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        assert!(is_identifier("UnionPay/1.0 CloudPay"));
        assert!(is_identifier("UnionPay/1.0 ICBCeLife"));
        for bad in [
            "UnionPay/1.0",
            "UnionPay/ CloudPay",
            "CloudPay",
            "UnionPay/1.0 a b",
        ] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }
}
