//! Logins from outside: codes as a page or a mini program would get them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::{Refusal, answer, of_wallet, read};
use crate::state::Inner;
use crate::wallets::DEFAULT_PAYER;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    /// The first upstream's, if none is named.
    wallet: Option<String>,
    #[serde(alias = "appid")]
    app_id: Option<String>,
    payer: Option<String>,
}

/// `POST /control/login`.
pub(super) async fn login(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(run(&inner, &body))
}

fn run(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: Body = read(body)?;
    let payer = body.payer.as_deref().unwrap_or(DEFAULT_PAYER);
    let first = inner.tills().next().map(|till| till.wallet.name);
    let wallet = body.wallet.as_deref().or(first).unwrap_or_default();
    let login = &of_wallet(inner, wallet)?.login;
    let code = inner.look(|book| Ok((login.code)(book, body.app_id.as_deref(), payer)))?;
    code.map_err(|declined| Refusal::of(400, declined))
}
