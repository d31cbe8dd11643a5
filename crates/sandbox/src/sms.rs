//! Plays the provider of text messages: takes one for a bearer token, and delivers it to the
//! outbox.
//!
//! Not one of the channels, so it has no faults; what it took is read with `GET /control/sms`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::accounts::SMS_PATH;
use crate::crypto::same_text;
use crate::state::Inner;

/// The longest message, in characters: about as much as a phone joins from parts.
const LONGEST_TEXT: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    mobile: String,
    text: String,
}

/// The one path.
pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new().route(SMS_PATH, post(send))
}

async fn send(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if !token.is_some_and(|token| same_text(token, &inner.accounts.sms_token)) {
        return refuse(StatusCode::UNAUTHORIZED, "the bearer token is wrong");
    }
    let Ok(body) = serde_json::from_slice::<Body>(&body) else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "the body must be {\"mobile\": text, \"text\": text}",
        );
    };
    if !is_mobile(&body.mobile) {
        return refuse(
            StatusCode::BAD_REQUEST,
            "mobile must be 5 to 15 digits, a plus may lead",
        );
    }
    if !(1..=LONGEST_TEXT).contains(&body.text.chars().count()) {
        return refuse(
            StatusCode::BAD_REQUEST,
            "text must have 1 to 1000 characters",
        );
    }
    match inner.look(|book| book.add_sms(&body.mobile, &body.text)) {
        Ok(()) => axum::Json(json!({"ok": true})).into_response(),
        Err(error) => crate::conduct::broken(&error),
    }
}

fn is_mobile(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn refuse(status: StatusCode, sentence: &str) -> Response {
    (status, axum::Json(json!({"ok": false, "error": sentence}))).into_response()
}
