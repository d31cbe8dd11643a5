//! UnionPay QR over the service provider's JSON API (channels.md 3.8, 3.9; ruling 47): payment
//! codes, codes to scan and pages for a known payer in one interface, and the page that names the
//! payer.
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

/// Each call, its verb for faults, its work.
const CALLS: [(&str, &str, envelope::Verb); 7] = [
    ("micropay", "pay", micropay::work),
    ("unifiedorder", "prepay", unifiedorder::work),
    ("queryOrder", "query", query_order::work),
    ("closeOrder", "close", close_order::work),
    ("refund", "refund", refund::work),
    ("refundQuery", "query", refund_query::work),
    ("getUserId", "any", get_user_id::work),
];

/// The path of each call.
pub(crate) fn calls() -> impl Iterator<Item = String> {
    CALLS.iter().map(|(name, ..)| path_of(name))
}

fn path_of(name: &str) -> String {
    format!("/gateway/api/pay/{name}")
}

/// All paths below a prefix; `any`, because a GET gets respCode 10 and not a web server's page.
pub(crate) fn routes(prefix: &str) -> Router<Arc<Inner>> {
    // In the world this one lives at a host of its own, qr.95516.com (channels.md 3.9).
    let login = Router::new().route(&format!("{prefix}{USER_AUTH_PATH}"), get(user_auth::page));
    CALLS.into_iter().fold(login, |routes, (name, verb, work)| {
        routes.route(&format!("{prefix}{}", path_of(name)), serve(verb, work))
    })
}

fn serve(verb: &'static str, work: envelope::Verb) -> MethodRouter<Arc<Inner>> {
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
