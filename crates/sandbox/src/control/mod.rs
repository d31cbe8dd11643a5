//! `/control`: steers the payer and the upstreams from outside the protocols. Schemas: this crate's
//! README.

mod browser;
mod calls;
mod clock;
mod codes;
mod logins;
mod orders;
mod pay;
mod scan;
mod set;
mod sms;
mod transfers;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};

use crate::error::SandboxError;
use crate::state::{Inner, Served};
use crate::upstream::{Declined, Till};

/// The paths under `/control` that are no upstream's own, and `/livez`.
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
        .route("/control/clock", get(clock::show).post(clock::advance))
        .route("/control/portal_keys", get(set::portal_keys))
        .route("/control/sub_merchants", post(set::add_sub_merchant))
        .route("/control/login", post(logins::login))
        .route("/control/notify", post(set::notify))
        .route("/control/sms", get(sms::list))
        .route("/control/orders", get(orders::list))
        .route("/control/orders/{out_trade_no}", get(orders::show))
        .route("/control/transcript", get(orders::transcript))
        .route("/control/transfers", get(transfers::requests))
        .route("/control/transfers/lines", get(transfers::lines))
        .route("/control/transfers/credit", post(transfers::credit))
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

impl Refusal {
    /// What a wallet or a page refuses, with this status.
    fn of(status: u16, declined: Declined) -> Self {
        match declined {
            Declined::Because(sentence) => Refusal::Told(status, json!({"error": sentence})),
            Declined::Broken(error) => Refusal::Broken(error),
        }
    }
}

/// The upstream that a body names.
fn named(inner: &Inner, channel: &str) -> Result<&'static Served, Refusal> {
    let names = || names(inner.upstreams.iter().map(|upstream| upstream.id));
    inner
        .upstream(channel)
        .or_else(|_| refuse(400, format!("channel must be one of {}", names())))
}

/// What serves the payers of the wallet that a body names.
fn of_wallet(inner: &Inner, wallet: &str) -> Result<&'static Till, Refusal> {
    let names = || names(inner.tills().map(|till| till.wallet.name));
    match inner.tills().find(|till| till.wallet.name == wallet) {
        Some(found) => Ok(found),
        None => refuse(400, format!("wallet must be one of {}", names())),
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// A refusal with one sentence.
pub(crate) fn refuse<T>(status: u16, sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Told(status, json!({"error": sentence.into()})))
}

/// Turns the outcome of a control call into its answer.
pub(crate) fn answer(outcome: Result<Value, Refusal>) -> Response {
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
pub(crate) fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .or_else(|error| refuse(400, format!("the body is not understood: {error}")))
}
