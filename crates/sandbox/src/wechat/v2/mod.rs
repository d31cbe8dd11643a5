//! API v2: XML in, XML out, MD5 or HMAC-SHA256 (channels.md 1.14).

mod authcodetoopenid;
mod closeorder;
mod envelope;
mod micropay;
mod orderquery;
mod refund;
mod refundquery;
mod reverse;
mod unifiedorder;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use crate::state::Inner;

/// One path, one verb; `any`, because a GET gets REQUIRE_POST_METHOD and not a web server's page.
pub(super) fn routes() -> Router<Arc<Inner>> {
    let verb = |verb: &'static str, work: envelope::Verb| {
        any(
            move |State(inner): State<Arc<Inner>>,
                  method: Method,
                  uri: Uri,
                  headers: HeaderMap,
                  body: Bytes| {
                envelope::serve(inner, verb, method, uri, headers, body, work)
            },
        )
    };
    Router::new()
        .route("/wechat/pay/micropay", verb("pay", micropay::work))
        .route("/wechat/pay/orderquery", verb("query", orderquery::work))
        .route(
            "/wechat/pay/unifiedorder",
            verb("prepay", unifiedorder::work),
        )
        .route("/wechat/pay/closeorder", verb("close", closeorder::work))
        .route("/wechat/pay/refundquery", verb("query", refundquery::work))
        .route("/wechat/secapi/pay/reverse", verb("reverse", reverse::work))
        .route("/wechat/secapi/pay/refund", verb("refund", refund::work))
        .route(
            "/wechat/tools/authcodetoopenid",
            verb("any", authcodetoopenid::work),
        )
}
