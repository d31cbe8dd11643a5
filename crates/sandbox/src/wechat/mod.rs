//! WeChat Pay, partner mode: v2 and v3 over one order book (channels.md 1), and the OAuth in front of it.

mod goods;
mod oauth;
mod paysign;
mod rules;
mod sns;
mod v2;
mod v3;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

pub(crate) use oauth::{PREFIX as OAUTH_PATH, authorize, login_code};
pub(crate) use paysign::{Invocation, verify as verify_pay_sign};
pub(crate) use rules::is_app_id;

use crate::state::Inner;

/// All paths under `/wechat`.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .merge(v2::routes())
        .merge(v3::routes())
        .route(OAUTH_PATH, get(oauth::page))
        .route("/wechat/sns/oauth2/access_token", get(sns::access_token))
        .route("/wechat/sns/jscode2session", get(sns::js_code_to_session))
        .route("/wechat/{*rest}", any(not_found))
}

async fn not_found() -> axum::response::Response {
    crate::conduct::page(http::StatusCode::NOT_FOUND)
}
