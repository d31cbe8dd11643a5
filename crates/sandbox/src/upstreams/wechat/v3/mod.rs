//! API v3: JSON, RSA-SHA256 both ways (channels.md 1.1, 1.2, 1.13).

mod authorization;
mod body;
mod certificates;
mod close;
mod envelope;
mod prepay;
mod query;
mod refund;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::json;

use crate::conduct::Received;
use crate::state::Inner;

/// One path, one method, one verb. What varies in the path is the last argument of the work.
struct Call {
    method: &'static str,
    filter: MethodFilter,
    path: &'static str,
    /// The verb that faults know it by.
    verb: &'static str,
    work: envelope::Verb,
}

const fn get(path: &'static str, verb: &'static str, work: envelope::Verb) -> Call {
    Call {
        method: "GET",
        filter: MethodFilter::GET,
        path,
        verb,
        work,
    }
}

const fn post(path: &'static str, verb: &'static str, work: envelope::Verb) -> Call {
    Call {
        method: "POST",
        filter: MethodFilter::POST,
        path,
        verb,
        work,
    }
}

const CALLS: [Call; 7] = [
    get("/v3/certificates", "certificates", certificates::work),
    post(
        "/v3/pay/partner/transactions/{kind}",
        "prepay",
        prepay::work,
    ),
    get(
        "/v3/pay/partner/transactions/out-trade-no/{number}",
        "query",
        query::by_number,
    ),
    get(
        "/v3/pay/partner/transactions/id/{id}",
        "query",
        query::by_transaction,
    ),
    post(
        "/v3/pay/partner/transactions/out-trade-no/{number}/close",
        "close",
        close::work,
    ),
    post("/v3/refund/domestic/refunds", "refund", refund::create),
    get(
        "/v3/refund/domestic/refunds/{number}",
        "query",
        refund::query,
    ),
];

/// Somebody asks too often: v3 says so in its own words, unsigned.
pub(super) fn too_many(address: &Uri) -> Option<Response> {
    let told = json!({"code": "FREQUENCY_LIMITED", "message": "频率超限"});
    let is_v3 = address.path().contains("/v3/");
    is_v3.then(|| (StatusCode::TOO_MANY_REQUESTS, axum::Json(told)).into_response())
}

/// Method and path of each call.
pub(super) fn calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    CALLS.iter().map(|call| (call.method, call.path))
}

/// All calls below a prefix.
pub(super) fn routes(prefix: &str) -> Router<Arc<Inner>> {
    let mut routes = Router::new();
    for Call {
        filter,
        path,
        verb,
        work,
        ..
    } in CALLS
    {
        let handle = move |State(inner): State<Arc<Inner>>,
                           part: Option<Path<String>>,
                           method: Method,
                           uri: Uri,
                           headers: HeaderMap,
                           body: Bytes| {
            let part = part.map(|Path(part)| part).unwrap_or_default();
            let request = Received {
                method,
                uri,
                headers,
                body,
            };
            envelope::serve(inner, verb, request, part, work)
        };
        routes = routes.route(&format!("{prefix}{path}"), on(filter, handle));
    }
    routes
}
