//! Alipay OpenAPI, ISV mode, key mode (channels.md 2): one gateway, and the page that names the payer.

mod asked;
mod basket;
mod cancel;
mod close;
mod create;
mod gateway;
mod oauth;
mod pay;
mod precreate;
mod query;
mod refund;
mod refund_query;
mod scan;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

pub(crate) use oauth::{PATH as OAUTH_PATH, authorize, login_code};
pub(crate) use scan::scan;

use crate::state::Inner;

/// All paths under `/alipay`.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/alipay/gateway.do", any(gateway::handle))
        .route(OAUTH_PATH, get(oauth::page))
}
