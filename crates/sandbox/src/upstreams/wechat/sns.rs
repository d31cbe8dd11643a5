//! `/sns`: the exchange of login codes for openids, of web pages and of mini programs (ruling 45).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use serde_json::{Value, json};

use super::ID;
use crate::book::{Book, LoginCode};
use crate::crypto::{md5_hex_lower, random_hex, same_text};
use crate::error::SandboxError;
use crate::state::Inner;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::wechat::openid;

/// How long a code is that a mini program gets from `wx.login`.
const JS_CODE_LENGTH: usize = 32;

type Members = BTreeMap<String, String>;

/// `errcode` and `errmsg`.
type Refusal = (i64, &'static str);

/// `GET /wechat/sns/oauth2/access_token`.
pub(super) async fn access_token(
    State(inner): State<Arc<Inner>>,
    Query(members): Query<Members>,
) -> Response {
    respond(&inner, |book| {
        let (app_id, payer) = match exchange(book, &members, "code")? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        Ok(Ok(json!({
            "access_token": md5_hex_lower(&format!("access {app_id} {payer}")), "expires_in": 7200,
            "refresh_token": md5_hex_lower(&format!("refresh {app_id} {payer}")),
            "openid": openid(&app_id, &payer), "scope": "snsapi_base",
        })))
    })
}

/// `GET /wechat/sns/jscode2session`.
pub(super) async fn js_code_to_session(
    State(inner): State<Arc<Inner>>,
    Query(members): Query<Members>,
) -> Response {
    respond(&inner, |book| {
        let (app_id, payer) = match exchange(book, &members, "js_code")? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // 16 bytes in Base64, the same as long as the payer stays logged in.
        let key = md5_hex_lower(&format!("session {app_id} {payer}"));
        let key = STANDARD.encode(&key.as_bytes()[..16]);
        Ok(Ok(json!({
            "openid": openid(&app_id, &payer), "session_key": key,
            "unionid": openid("union", &payer),
        })))
    })
}

/// The app and the payer behind a code, which is used up.
fn exchange(
    book: &Book<'_>,
    members: &Members,
    code_name: &str,
) -> Result<Result<(String, String), Refusal>, SandboxError> {
    let member = |name: &str| members.get(name).map_or("", String::as_str);
    let refuse = |code: i64, text: &'static str| Ok(Err((code, text)));
    let (app_id, code) = (member("appid"), member(code_name));
    for (name, errcode, text) in [
        ("appid", 41002, "appid missing"),
        ("secret", 41004, "appsecret missing"),
        (code_name, 41008, "missing code"),
    ] {
        if member(name).is_empty() {
            return refuse(errcode, text);
        }
    }
    let Some(secret) = book.app_secret(app_id)? else {
        return refuse(40013, "invalid appid");
    };
    if !same_text(&secret, member("secret")) {
        return refuse(40125, "invalid appsecret");
    }
    if member("grant_type") != "authorization_code" {
        return refuse(40002, "invalid grant_type");
    }
    let payer = match book.use_login_code(code, ID, app_id)? {
        LoginCode::Payer(payer) => payer,
        LoginCode::Used => return refuse(40163, "code been used"),
        // Merchants' vectors carry codes of a real mini program; whoever shows one is payer-1,
        // once.
        LoginCode::Unknown if code_name == "js_code" && is_js_code(code) => {
            book.remember_used(code)?;
            DEFAULT_PAYER.to_owned()
        }
        LoginCode::Unknown | LoginCode::NotForThis => return refuse(40029, "invalid code"),
    };
    Ok(Ok((app_id.to_owned(), payer)))
}

/// Thirty-two letters and digits, as mini programs get them.
fn is_js_code(code: &str) -> bool {
    code.len() == JS_CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Always HTTP 200; JSON that calls itself plain text, as WeChat's does.
fn respond(
    inner: &Inner,
    work: impl FnOnce(&Book<'_>) -> Result<Result<Value, Refusal>, SandboxError>,
) -> Response {
    let told = match inner.look(|book| work(book)) {
        Ok(Ok(told)) => told,
        Ok(Err((errcode, text))) => match random_hex(8) {
            Ok(rid) => json!({"errcode": errcode, "errmsg": format!("{text}, rid: {rid}")}),
            Err(error) => return crate::conduct::broken(&error),
        },
        Err(error) => return crate::conduct::broken(&error),
    };
    ([(header::CONTENT_TYPE, "text/plain")], told.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_js_codes() {
        assert!(is_js_code("023jh17A0TIixd1ql75A0aLc7A0jdemo"));
        assert!(!is_js_code("023jh17A0TIixd1ql75A0aLc7A0jdem"));
        assert!(!is_js_code("023jh17A0TIixd1ql75A0aLc7A0jdem-"));
    }
}
