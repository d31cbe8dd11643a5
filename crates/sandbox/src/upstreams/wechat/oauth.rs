//! WeChat's web login (ruling 45): the authorize page.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::ID;
use super::account::SP_APPID;
use super::control::APP_ID_FORM;
use super::rules::is_app_id;
use crate::book::Book;
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::login_page;
use crate::state::Inner;
use crate::upstream::{Declined, Sent, decline};
use crate::wallets::DEFAULT_PAYER;

/// Where the authorize page lives.
pub(super) const PATH: &str = "/connect/oauth2/authorize";

/// Why the authorize page refuses, or where it sends the browser.
pub(super) fn authorize(
    book: &Book<'_>,
    query: &BTreeMap<String, String>,
    payer: &str,
) -> Result<Sent, SandboxError> {
    let member = |name: &str| query.get(name).map_or("", String::as_str);
    if !is_app_id(member("appid")) {
        return Ok(Err("appid"));
    }
    if member("response_type") != "code" {
        return Ok(Err("response_type"));
    }
    if !["snsapi_base", "snsapi_userinfo"].contains(&member("scope")) {
        return Ok(Err("scope"));
    }
    if member("state").len() > 128 {
        return Ok(Err("state"));
    }
    let Some(mut target) = login_page::target(member("redirect_uri")) else {
        return Ok(Err("redirect_uri"));
    };
    let code = login_code(book, member("appid"), payer)?;
    target
        .query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", member("state"));
    Ok(Ok(target.into()))
}

/// A fresh single-use code for that payer.
fn login_code(book: &Book<'_>, app_id: &str, payer: &str) -> Result<String, SandboxError> {
    let code = random_hex(16)?;
    book.add_login_code(&code, ID, app_id, payer)?;
    Ok(code)
}

/// A code as a page gets it and as a mini program gets it, which is the same.
pub(super) fn told_code(
    book: &Book<'_>,
    app_id: Option<&str>,
    payer: &str,
) -> Result<Value, Declined> {
    let app_id = app_id.unwrap_or(SP_APPID);
    if !is_app_id(app_id) {
        return decline(APP_ID_FORM);
    }
    let code = login_code(book, app_id, payer)?;
    Ok(json!({"code": code, "js_code": code}))
}

/// `GET /wechat/connect/oauth2/authorize`: redirects at once.
pub(super) async fn page(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    login_page::answer(inner.look(|book| authorize(book, &query, DEFAULT_PAYER)))
}
