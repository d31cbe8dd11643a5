//! `GET /control/sms`: what the phones received.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer};
use crate::clock;
use crate::state::Inner;

#[derive(Deserialize)]
pub(super) struct Filter {
    mobile: Option<String>,
}

/// Newest first, of one number or of all.
pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Query(filter): Query<Filter>,
) -> Response {
    // A plus that was not escaped arrives as a blank.
    let mobile = filter.mobile.map(|mobile| mobile.replace(' ', "+"));
    answer(
        inner
            .look(|book| {
                let messages: Vec<Value> = book
                    .sms(mobile.as_deref())?
                    .into_iter()
                    .map(|sms| {
                        json!({
                            "mobile": sms.mobile, "text": sms.text,
                            "at": clock::rfc3339(sms.at_ms), "at_ms": sms.at_ms,
                        })
                    })
                    .collect();
                Ok(json!({"messages": messages}))
            })
            .map_err(Refusal::from),
    )
}
