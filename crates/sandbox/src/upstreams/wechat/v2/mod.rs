//! API v2: XML in, XML out, MD5 or HMAC-SHA256 (channels.md 1.14).

mod asked;
mod authcodetoopenid;
mod charge;
mod closeorder;
mod envelope;
mod facepay;
mod facepayquery;
mod facepayreverse;
mod get_wxpayface_authinfo;
mod micropay;
mod orderquery;
mod refund;
mod refundquery;
mod reverse;
mod unifiedorder;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{MethodRouter, any};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use crate::conduct::Received;
use crate::state::Inner;
use envelope::{Frame, Interface};

const fn trade(verb: &'static str, work: envelope::Verb) -> Interface {
    Interface {
        verb,
        frame: Frame::Trade,
        work,
    }
}

const CALLS: [(&str, Interface); 12] = [
    ("/pay/micropay", trade("pay", micropay::work)),
    ("/pay/orderquery", trade("query", orderquery::work)),
    ("/pay/unifiedorder", trade("prepay", unifiedorder::work)),
    ("/pay/closeorder", trade("close", closeorder::work)),
    ("/pay/refundquery", trade("query", refundquery::work)),
    ("/secapi/pay/reverse", trade("reverse", reverse::work)),
    ("/secapi/pay/refund", trade("refund", refund::work)),
    (
        "/tools/authcodetoopenid",
        trade("any", authcodetoopenid::work),
    ),
    ("/pay/facepay", trade("pay", facepay::work)),
    ("/pay/facepayquery", trade("query", facepayquery::work)),
    (
        "/secapi/pay/facepayreverse",
        trade("reverse", facepayreverse::work),
    ),
    // In the world this one lives at a host of its own, payapp.weixin.qq.com (channels.md 1.21).
    (
        "/face/get_wxpayface_authinfo",
        Interface {
            verb: "any",
            frame: Frame::Credential,
            work: get_wxpayface_authinfo::work,
        },
    ),
];

/// The path of each call.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    CALLS.iter().map(|(path, _)| *path)
}

/// One path, one verb; `any`, because a GET gets REQUIRE_POST_METHOD and not a web server's page.
pub(super) fn routes(prefix: &str) -> Router<Arc<Inner>> {
    CALLS
        .into_iter()
        .fold(Router::new(), |routes, (path, interface)| {
            routes.route(&format!("{prefix}{path}"), serve(interface))
        })
}

fn serve(interface: Interface) -> MethodRouter<Arc<Inner>> {
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
            envelope::serve(inner, request, interface)
        },
    )
}
