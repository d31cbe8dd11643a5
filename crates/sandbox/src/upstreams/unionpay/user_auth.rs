//! The page that names the payer: the wallet's browser comes, and is sent back with a code
//! (channels.md 3.9).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ID;
use super::account::SER_PROV_ID;
use crate::book::Book;
use crate::error::SandboxError;
use crate::login_page;
use crate::state::Inner;
use crate::upstream::Sent;
use crate::wallets::DEFAULT_PAYER;

/// Where the page lives.
pub(super) const PATH: &str = "/qrcGtwWeb-web/api/userAuth";

/// Why the page refuses, or where it sends the browser. It has no `state`: what the visitor wants
/// to find again it puts into `redirectUrl`.
pub(super) fn authorize(
    book: &Book<'_>,
    query: &BTreeMap<String, String>,
    payer: &str,
) -> Result<Sent, SandboxError> {
    let member = |name: &str| query.get(name).map_or("", String::as_str);
    if member("version") != "1.0.0" {
        return Ok(Err("version"));
    }
    let Some(mut target) = login_page::target(member("redirectUrl")) else {
        return Ok(Err("redirectUrl"));
    };
    let code = login_code(book, payer)?;
    target
        .query_pairs_mut()
        .append_pair("userAuthCode", &code)
        .append_pair("respCode", "00");
    Ok(Ok(target.into()))
}

/// A fresh single-use code for that payer. Real ones are Base64, so `+`, `/` and `=` have to
/// survive a URL.
pub(super) fn login_code(book: &Book<'_>, payer: &str) -> Result<String, SandboxError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| SandboxError::Randomness)?;
    let code = STANDARD.encode(bytes);
    book.add_login_code(&code, ID, SER_PROV_ID, payer)?;
    Ok(code)
}

/// `GET .../userAuth`: redirects at once.
pub(super) async fn page(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    login_page::answer(inner.look(|book| authorize(book, &query, DEFAULT_PAYER)))
}
