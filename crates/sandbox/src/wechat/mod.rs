//! WeChat Pay, partner mode: v2 and v3 over one order book (channels.md 1), and the OAuth in front
//! of it.

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

/// Method and path of each call that is signed.
pub(crate) fn calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    v2::paths().map(|path| ("POST", path)).chain(v3::calls())
}

/// All paths below a prefix; what is not there is said by a page, except where others have paths
/// too.
pub(crate) fn routes(prefix: &str) -> Router<Arc<Inner>> {
    let at = |path: &str| format!("{prefix}{path}");
    let routes = Router::new()
        .merge(v2::routes(prefix))
        .merge(v3::routes(prefix))
        .route(&at(OAUTH_PATH), get(oauth::page))
        .route(&at("/sns/oauth2/access_token"), get(sns::access_token))
        .route(&at("/sns/jscode2session"), get(sns::js_code_to_session));
    if prefix.is_empty() {
        return routes;
    }
    routes.route(&at("/{*rest}"), any(not_found))
}

async fn not_found() -> axum::response::Response {
    crate::conduct::page(http::StatusCode::NOT_FOUND)
}
