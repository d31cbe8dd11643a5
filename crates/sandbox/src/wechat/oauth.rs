//! WeChat's web login (ruling 45): the authorize page.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;

use super::is_app_id;
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::login_page::{self, Sent};
use crate::state::Inner;
use crate::wallet::DEFAULT_PAYER;

/// Where the authorize page lives.
pub(crate) const PREFIX: &str = "/connect/oauth2/authorize";

/// Why the authorize page refuses, or where it sends the browser.
pub(crate) fn authorize(
    inner: &Inner,
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
    let code = login_code(inner, member("appid"), payer)?;
    target
        .query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", member("state"));
    Ok(Ok(target.into()))
}

/// A fresh single-use code for that payer.
pub(crate) fn login_code(inner: &Inner, app_id: &str, payer: &str) -> Result<String, SandboxError> {
    let code = random_hex(16)?;
    inner.look(|book| book.add_login_code(&code, "wechat", app_id, payer))?;
    Ok(code)
}

/// `GET /wechat/connect/oauth2/authorize`: redirects at once.
pub(crate) async fn page(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    login_page::answer(authorize(&inner, &query, DEFAULT_PAYER))
}
