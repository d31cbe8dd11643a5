//! Logins from outside: the apps that WeChat knows, and codes as a page or a mini program would get
//! them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, read, refuse};
use crate::accounts::SP_APPID;
use crate::book::Channel;
use crate::crypto::random_hex;
use crate::state::Inner;
use crate::wallet::DEFAULT_PAYER;
use crate::{alipay, unionpay, wechat};

const APP_ID_FORM: &str = "app_id must have the form wx[0-9a-z]{16}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    wallet: Option<Channel>,
    /// WeChat's own name of it is taken as well.
    #[serde(alias = "appid")]
    app_id: Option<String>,
    payer: Option<String>,
}

/// `POST /control/login`.
pub(super) async fn login(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(log_in(&inner, &body))
}

fn log_in(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: LoginBody = read(body)?;
    let payer = body.payer.as_deref().unwrap_or(DEFAULT_PAYER);
    match body.wallet.unwrap_or(Channel::Wechat) {
        Channel::Wechat => {
            let app_id = body.app_id.as_deref().unwrap_or(SP_APPID);
            if !wechat::is_app_id(app_id) {
                return refuse(400, APP_ID_FORM);
            }
            let code = wechat::login_code(inner, app_id, payer)?;
            Ok(json!({"code": code, "js_code": code}))
        }
        Channel::Alipay => Ok(json!({"code": alipay::login_code(inner, payer)?})),
        Channel::Unionpay => Ok(json!({"code": unionpay::login_code(inner, payer)?})),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppBody {
    #[serde(alias = "appid")]
    app_id: String,
    secret: Option<String>,
}

/// `POST /control/mini_programs`.
pub(super) async fn add_mini_program(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(enrol(&inner, &body))
}

fn enrol(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: AppBody = read(body)?;
    if !wechat::is_app_id(&body.app_id) {
        return refuse(400, APP_ID_FORM);
    }
    let secret = match body.secret {
        Some(secret) if (1..=128).contains(&secret.len()) => secret,
        Some(_) => return refuse(400, "secret must have 1 to 128 bytes"),
        None => random_hex(16)?,
    };
    inner.look(|book| book.set_app(&body.app_id, &secret))?;
    Ok(json!({"app_id": body.app_id, "secret": secret}))
}
