//! `/control`: steers the payer and the channels from outside the protocols. Schemas: this crate's
//! README.

mod browser;
mod calls;
mod codes;
mod logins;
mod orders;
mod pay;
mod scan;
mod set;
mod sms;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};

use crate::error::SandboxError;
use crate::state::Inner;

/// All paths under `/control`, and `/livez`.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/control/pay", post(pay::handle))
        .route("/control/scan", post(scan::handle))
        .route(
            "/control/faults",
            get(set::list_faults)
                .post(set::add_fault)
                .delete(set::clear_faults),
        )
        .route(
            "/control/codes",
            get(codes::list).post(codes::set).delete(codes::clear),
        )
        .route("/control/calls", get(calls::list))
        .route(
            "/control/wechat_keys",
            get(set::list_wechat_keys).post(set::change_wechat_keys),
        )
        .route("/control/portal_keys", get(set::portal_keys))
        .route("/control/sub_merchants", post(set::add_sub_merchant))
        .route("/control/login", post(logins::login))
        .route("/control/mini_programs", post(logins::add_mini_program))
        .route("/control/notify", post(set::notify))
        .route("/control/sms", get(sms::list))
        .route("/control/orders", get(orders::list))
        .route("/control/orders/{out_trade_no}", get(orders::show))
        .route("/control/transcript", get(orders::transcript))
}

/// Why a control call is refused; always `{"error": sentence, ...}`.
pub(crate) enum Refusal {
    /// A status and what to say.
    Told(u16, Value),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Refusal {
    fn from(error: SandboxError) -> Self {
        Refusal::Broken(error)
    }
}

/// A refusal with one sentence.
fn refuse<T>(status: u16, sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Told(status, json!({"error": sentence.into()})))
}

/// Turns the outcome of a control call into its answer.
fn answer(outcome: Result<Value, Refusal>) -> Response {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal::Told(status, body)) => (
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            body,
        ),
        Err(Refusal::Broken(error)) => return crate::conduct::broken(&error),
    };
    (status, axum::Json(body)).into_response()
}

/// Reads a JSON body; the content type does not matter, so that `curl -d` works.
fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .or_else(|error| refuse(400, format!("the body is not understood: {error}")))
}
