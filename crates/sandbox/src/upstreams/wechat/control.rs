//! What `/control` can do here only: the keys that sign, and mini programs.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::Keys;
use super::keys::Phase;
use super::rules::is_app_id;
use crate::Sandbox;
use crate::control::{Refusal, answer, read, refuse};
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::state::Inner;

/// Why a login or an enrolment is refused.
pub(super) const APP_ID_FORM: &str = "app_id must have the form wx[0-9a-z]{16}";

/// The paths.
pub(super) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/control/wechat_keys", get(tell_keys).post(change_keys))
        .route("/control/mini_programs", post(add_mini_program))
}

impl Sandbox {
    /// Makes WeChat know a mini program, so that its login codes can be exchanged; a repeat
    /// replaces the secret.
    ///
    /// # Errors
    /// When the app id is none, or the database fails.
    pub fn add_mini_program(&self, app_id: &str, secret: &str) -> Result<(), SandboxError> {
        if !is_app_id(app_id) {
            return Err(SandboxError::AppId(app_id.to_owned()));
        }
        self.inner.look(|book| book.set_app(app_id, secret))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysBody {
    phase: Option<Phase>,
    #[serde(default)]
    new_certificate: bool,
}

/// `GET /control/wechat_keys`.
async fn tell_keys(State(inner): State<Arc<Inner>>) -> Response {
    answer(told(&inner))
}

/// `POST /control/wechat_keys`: how far the account is moved to the public key.
async fn change_keys(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    let changed = read::<KeysBody>(&body).and_then(|body| {
        let keys: &Keys = inner.accounts.of()?;
        let (phase, wants_one) = (body.phase, body.new_certificate);
        keys.own
            .change(&inner.store, phase, wants_one, inner.now_ms())?;
        told(&inner)
    });
    answer(changed)
}

fn told(inner: &Inner) -> Result<Value, Refusal> {
    Ok(inner.accounts.of::<Keys>()?.own.told())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppBody {
    #[serde(alias = "appid")]
    app_id: String,
    secret: Option<String>,
}

/// `POST /control/mini_programs`.
async fn add_mini_program(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(enrol(&inner, &body))
}

fn enrol(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: AppBody = read(body)?;
    if !is_app_id(&body.app_id) {
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
