//! Alipay's web login (ruling 45): the authorize page and `alipay.system.oauth.token`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::ID;
use super::account::APP_ID;
use super::asked::{Asked, Stop};
use crate::book::{Book, LoginCode};
use crate::conduct::Conduct;
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::login_page;
use crate::state::Inner;
use crate::upstream::Sent;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::alipay::buyer_id;

/// Where the authorize page lives.
pub(super) const PATH: &str = "/oauth2/publicAppAuthorize.htm";

/// Why the authorize page refuses, or where it sends the browser.
pub(super) fn authorize(
    book: &Book<'_>,
    query: &BTreeMap<String, String>,
    payer: &str,
) -> Result<Sent, SandboxError> {
    let member = |name: &str| query.get(name).map_or("", String::as_str);
    if member("app_id") != APP_ID {
        return Ok(Err("app_id"));
    }
    if !["auth_base", "auth_user"].contains(&member("scope")) {
        return Ok(Err("scope"));
    }
    let Some(mut target) = login_page::target(member("redirect_uri")) else {
        return Ok(Err("redirect_uri"));
    };
    let code = login_code(book, payer)?;
    target
        .query_pairs_mut()
        .append_pair("app_id", APP_ID)
        .append_pair("source", "alipay_wallet")
        .append_pair("scope", member("scope"))
        .append_pair("auth_code", &code)
        .append_pair("state", member("state"));
    Ok(Ok(target.into()))
}

/// A fresh single-use code for that payer.
pub(super) fn login_code(book: &Book<'_>, payer: &str) -> Result<String, SandboxError> {
    let code = random_hex(16)?;
    book.add_login_code(&code, ID, APP_ID, payer)?;
    Ok(code)
}

/// `GET /alipay/oauth2/publicAppAuthorize.htm`: redirects at once.
pub(super) async fn page(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    login_page::answer(inner.look(|book| authorize(book, &query, DEFAULT_PAYER)))
}

/// `alipay.system.oauth.token`: parameters are top-level; success carries no `code` member.
pub(super) fn token(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    if asked.parameter("grant_type") != "authorization_code" {
        return Err(Stop::Gateway(
            "40002",
            "isv.grant-type-invalid",
            "grant_type 不在范围内",
        ));
    }
    match book.use_login_code(asked.parameter("code"), ID, APP_ID)? {
        LoginCode::Payer(payer) => Ok(json!({
            "user_id": buyer_id(&payer), "alipay_user_id": buyer_id(&payer),
            "access_token": format!("authbseB{}", random_hex(14)?), "expires_in": 1_296_000,
            "refresh_token": format!("authbseB{}", random_hex(14)?), "re_expires_in": 2_592_000,
        })),
        _ => Err(Stop::Gateway("40002", "isv.code-invalid", "授权码code无效")),
    }
}
