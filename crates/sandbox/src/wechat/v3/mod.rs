//! API v3 in public-key mode: JSON, RSA-SHA256 both ways (channels.md 1.1, 1.2, 1.13).

mod authorization;
mod body;
mod close;
mod envelope;
mod prepay;
mod query;
mod refund;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use crate::state::Inner;

/// One path, one verb. The last argument of a verb is what stands in the path.
pub(super) fn routes() -> Router<Arc<Inner>> {
    macro_rules! verb {
        ($verb:literal, $work:path) => {
            |State(inner): State<Arc<Inner>>,
             path: Option<Path<String>>,
             method: Method,
             uri: Uri,
             headers: HeaderMap,
             body: Bytes| {
                let part = path.map(|Path(part)| part).unwrap_or_default();
                envelope::serve(
                    inner,
                    $verb,
                    crate::conduct::Received {
                        method,
                        uri,
                        headers,
                        body,
                    },
                    part,
                    $work,
                )
            }
        };
    }
    let transactions = "/wechat/v3/pay/partner/transactions";
    let refunds = "/wechat/v3/refund/domestic/refunds";
    Router::new()
        .route(
            &format!("{transactions}/{{kind}}"),
            post(verb!("prepay", prepay::work)),
        )
        .route(
            &format!("{transactions}/out-trade-no/{{number}}"),
            get(verb!("query", query::by_number)),
        )
        .route(
            &format!("{transactions}/id/{{id}}"),
            get(verb!("query", query::by_transaction)),
        )
        .route(
            &format!("{transactions}/out-trade-no/{{number}}/close"),
            post(verb!("close", close::work)),
        )
        .route(refunds, post(verb!("refund", refund::create)))
        .route(
            &format!("{refunds}/{{number}}"),
            get(verb!("query", refund::query)),
        )
}
