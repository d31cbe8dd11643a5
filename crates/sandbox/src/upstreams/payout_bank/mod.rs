//! A bank that pays from its customer's account to cards and accounts. No bank speaks this wire: it
//! is this sandbox's own (README beside this file), small and signed both ways.

mod account;
mod asked;
mod envelope;
mod payouts;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

pub use account::PayoutBankAccount;

use crate::book::Book;
use crate::conduct::{Conduct, Received};
use crate::state::{Inner, Served};
use crate::upstream::{Call, Upstream};

const ID: &str = "payout_bank";

/// Where payouts are sent; one of them is asked about below it.
const PATH: &str = "/v1/payouts";

/// The bank. Nobody pays through it.
pub(crate) const UPSTREAM: Served = Upstream {
    id: ID,
    open: account::open,
    routes,
    control: Router::new,
    calls,
    too_many: |_| None,
    till: None,
};

fn calls() -> Vec<Call> {
    let call = |method, path: &str| Call {
        method,
        path: path.to_owned(),
        name: None,
    };
    vec![
        call("POST", PATH),
        call("GET", &format!("{PATH}/{{request_no}}")),
    ]
}

/// All paths below a prefix; `any`, so that a wrong method gets the bank's own refusal.
fn routes(prefix: &str) -> Router<Arc<Inner>> {
    Router::new()
        .route(&format!("{prefix}{PATH}"), any(send))
        .route(&format!("{prefix}{PATH}/{{request_no}}"), any(query))
}

async fn send(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Received {
        method,
        uri,
        headers,
        body,
    };
    envelope::serve(inner, request, "pay", Method::POST, payouts::send).await
}

async fn query(
    State(inner): State<Arc<Inner>>,
    Path(request_no): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Received {
        method,
        uri,
        headers,
        body,
    };
    let work = move |book: &Book<'_>, _: &[u8], _: &mut Conduct| payouts::query(book, &request_no);
    envelope::serve(inner, request, "query", Method::GET, work).await
}
