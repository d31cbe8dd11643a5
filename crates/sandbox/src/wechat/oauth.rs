//! WeChat's web login (ruling 45): the authorize page, and the exchange of codes for openids.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::is_app_id;
use crate::accounts::SP_APPID;
use crate::crypto::{md5_hex_lower, random_hex};
use crate::error::SandboxError;
use crate::state::Inner;
use crate::wallet::{self, DEFAULT_PAYER};

/// Where the authorize page lives.
pub(crate) const PREFIX: &str = "/wechat/connect/oauth2/authorize";

type Query1 = BTreeMap<String, String>;

/// Why the authorize page refuses, or where it sends the browser.
pub(crate) fn authorize(
    inner: &Inner,
    query: &BTreeMap<String, String>,
    payer: &str,
) -> Result<Result<String, &'static str>, SandboxError> {
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
    let Some(mut target) = url::Url::parse(member("redirect_uri"))
        .ok()
        .filter(|target| matches!(target.scheme(), "http" | "https"))
    else {
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
    inner.look(|book| book.add_oauth_code(&code, "wechat", app_id, payer))?;
    Ok(code)
}

/// `GET /wechat/connect/oauth2/authorize`: redirects at once.
pub(crate) async fn page(State(inner): State<Arc<Inner>>, Query(query): Query<Query1>) -> Response {
    match authorize(&inner, &query, DEFAULT_PAYER) {
        Ok(Ok(target)) => (StatusCode::FOUND, [(header::LOCATION, target)]).into_response(),
        Ok(Err(field)) => (StatusCode::BAD_REQUEST, format!("参数错误: {field}")).into_response(),
        Err(error) => crate::conduct::broken(&error),
    }
}

fn exchange(
    inner: &Inner,
    query: &Query1,
    code_name: &str,
    make: impl FnOnce(&str, &str) -> Value,
) -> Response {
    let member = |name: &str| query.get(name).map_or("", String::as_str);
    let refuse = |code: i64, text: &str| {
        axum::Json(json!({"errcode": code, "errmsg": text})).into_response()
    };
    let app_id = member("appid");
    if app_id != SP_APPID && !is_app_id(app_id) {
        return refuse(40013, "invalid appid");
    }
    if member("secret") != inner.accounts.sp_app_secret {
        return refuse(40125, "invalid appsecret");
    }
    if member("grant_type") != "authorization_code" {
        return refuse(40002, "invalid grant_type");
    }
    match inner.look(|book| book.use_oauth_code(member(code_name), "wechat", app_id)) {
        Ok(Some(payer)) => axum::Json(make(app_id, &payer)).into_response(),
        Ok(None) => refuse(40029, "invalid code"),
        Err(error) => crate::conduct::broken(&error),
    }
}

/// `GET /wechat/sns/oauth2/access_token`.
pub(crate) async fn access_token(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<Query1>,
) -> Response {
    exchange(&inner, &query, "code", |app_id, payer| {
        json!({
            "access_token": md5_hex_lower(&format!("access {app_id} {payer}")), "expires_in": 7200,
            "refresh_token": md5_hex_lower(&format!("refresh {app_id} {payer}")),
            "openid": wallet::openid(app_id, payer), "scope": "snsapi_base",
        })
    })
}

/// `GET /wechat/sns/jscode2session`.
pub(crate) async fn js_code_to_session(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<Query1>,
) -> Response {
    exchange(&inner, &query, "js_code", |app_id, payer| {
        json!({
            "openid": wallet::openid(app_id, payer),
            "session_key": md5_hex_lower(&format!("session {app_id} {payer}")),
            "unionid": wallet::openid("union", payer),
        })
    })
}
