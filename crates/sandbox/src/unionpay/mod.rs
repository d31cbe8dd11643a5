//! UnionPay QR over the service provider's JSON API (channels.md 3.8, 3.9; ruling 47): payment codes, codes to scan
//! and pages for a known payer in one interface, and the page that names the payer.
//!
//! Where the public text is silent something was chosen; the crate's README lists it.

mod asked;
mod close_order;
mod envelope;
mod get_user_id;
mod micropay;
mod query_order;
mod refund;
mod refund_query;
mod unifiedorder;
mod user_auth;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{MethodRouter, any, get};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

pub(crate) use unifiedorder::WALLET_PAGES;
pub(crate) use user_auth::{PATH as USER_AUTH_PATH, authorize, login_code};

use crate::conduct::Received;
use crate::state::Inner;

/// All paths under `/unionpay`; `any`, because a GET gets respCode 10 and not a web server's page.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    let call = |name: &str, method: MethodRouter<Arc<Inner>>| {
        Router::new().route(&format!("/unionpay/gateway/api/pay/{name}"), method)
    };
    Router::new()
        .merge(call("micropay", verb("pay", micropay::work)))
        .merge(call("unifiedorder", verb("prepay", unifiedorder::work)))
        .merge(call("queryOrder", verb("query", query_order::work)))
        .merge(call("closeOrder", verb("close", close_order::work)))
        .merge(call("refund", verb("refund", refund::work)))
        .merge(call("refundQuery", verb("query", refund_query::work)))
        .merge(call("getUserId", verb("any", get_user_id::work)))
        // In the world this one lives at a host of its own, qr.95516.com (channels.md 3.9).
        .route(USER_AUTH_PATH, get(user_auth::page))
}

fn verb(verb: &'static str, work: envelope::Verb) -> MethodRouter<Arc<Inner>> {
    any(
        move |State(inner): State<Arc<Inner>>,
              method: Method,
              uri: Uri,
              headers: HeaderMap,
              body: Bytes| {
            let request = Received {
                method,
                uri,
                headers,
                body,
            };
            envelope::serve(inner, request, verb, work)
        },
    )
}
