//! Alipay OpenAPI, ISV mode, key mode (channels.md 2): one gateway, and the page that names the
//! payer.

mod asked;
mod basket;
mod cancel;
mod close;
mod create;
mod gateway;
mod new_order;
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

pub(crate) use gateway::methods;
pub(crate) use oauth::{PATH as OAUTH_PATH, authorize, login_code};
pub(crate) use scan::scan;

use crate::state::Inner;

/// Where the gateway is.
pub(crate) const GATEWAY_PATH: &str = "/gateway.do";

/// All paths below a prefix.
pub(crate) fn routes(prefix: &str) -> Router<Arc<Inner>> {
    Router::new()
        .route(&format!("{prefix}{GATEWAY_PATH}"), any(gateway::handle))
        .route(&format!("{prefix}{OAUTH_PATH}"), get(oauth::page))
}
