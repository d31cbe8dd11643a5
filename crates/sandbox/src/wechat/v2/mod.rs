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

/// One path, one verb; `any`, because a GET gets REQUIRE_POST_METHOD and not a web server's page.
pub(super) fn routes() -> Router<Arc<Inner>> {
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
        .route("/wechat/pay/facepay", verb("pay", facepay::work))
        .route(
            "/wechat/pay/facepayquery",
            verb("query", facepayquery::work),
        )
        .route(
            "/wechat/secapi/pay/facepayreverse",
            verb("reverse", facepayreverse::work),
        )
        // In the world this one lives at a host of its own, payapp.weixin.qq.com (channels.md 1.21).
        .route(
            "/wechat/face/get_wxpayface_authinfo",
            serve(Interface {
                verb: "any",
                frame: Frame::Credential,
                work: get_wxpayface_authinfo::work,
            }),
        )
}

fn verb(verb: &'static str, work: envelope::Verb) -> MethodRouter<Arc<Inner>> {
    serve(Interface {
        verb,
        frame: Frame::Trade,
        work,
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
