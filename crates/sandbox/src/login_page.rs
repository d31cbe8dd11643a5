//! What the login pages have in common: where they may send the browser, and how they
//! answer it.

use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use url::Url;

use crate::conduct;
use crate::error::SandboxError;
use crate::upstream::Sent;

/// Where a visitor wants to be sent, if that is a page of the web.
pub(crate) fn target(address: &str) -> Option<Url> {
    Url::parse(address)
        .ok()
        .filter(|target| matches!(target.scheme(), "http" | "https"))
}

/// Redirects at once.
pub(crate) fn answer(sent: Result<Sent, SandboxError>) -> Response {
    match sent {
        Ok(Ok(target)) => (StatusCode::FOUND, [(header::LOCATION, target)]).into_response(),
        Ok(Err(field)) => (StatusCode::BAD_REQUEST, format!("参数错误: {field}")).into_response(),
        Err(error) => conduct::broken(&error),
    }
}
