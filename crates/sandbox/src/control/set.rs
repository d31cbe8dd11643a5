//! Settings from outside: faults, keys, sub-merchants, and sendings on demand.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, named, read, refuse};
use crate::faults::{FAULTS, VERBS};
use crate::notify;
use crate::state::Inner;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    channel: String,
    verb: Option<String>,
    fault: String,
    count: Option<i64>,
    ms: Option<i64>,
}

/// `POST /control/faults`.
pub(super) async fn add_fault(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(set_fault(&inner, &body))
}

fn set_fault(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: FaultBody = read(body)?;
    let upstream = named(inner, &body.channel)?;
    let verb = body.verb.as_deref().unwrap_or("any");
    if !VERBS.contains(&verb) {
        return refuse(400, format!("verb must be one of {}", VERBS.join(", ")));
    }
    if !FAULTS.contains(&body.fault.as_str()) {
        return refuse(400, format!("fault must be one of {}", FAULTS.join(", ")));
    }
    if body.count.is_some_and(|count| count < 1)
        || body.ms.is_some_and(|ms| !(0..=86_400_000).contains(&ms))
    {
        return refuse(400, "count must be at least 1, ms between 0 and 86400000");
    }
    Ok(inner.look(|book| {
        book.add_fault(upstream.id, verb, &body.fault, body.count, body.ms)?;
        Ok(json!({"faults": book.faults()?}))
    })?)
}

/// `GET /control/faults`.
pub(super) async fn list_faults(State(inner): State<Arc<Inner>>) -> Response {
    answer(
        inner
            .look(|book| Ok(json!({"faults": book.faults()?})))
            .map_err(Refusal::from),
    )
}

/// `DELETE /control/faults`.
pub(super) async fn clear_faults(State(inner): State<Arc<Inner>>) -> Response {
    answer(
        inner
            .look(|book| Ok(json!({"cleared": book.clear_faults()?, "faults": []})))
            .map_err(Refusal::from),
    )
}

/// `GET /control/portal_keys`: for platforms that run elsewhere than the sandbox.
pub(super) async fn portal_keys(State(inner): State<Arc<Inner>>) -> Response {
    let told = serde_json::to_value(inner.accounts.portal_keys(&inner.public_url));
    answer(told.or_else(|error| refuse(500, error.to_string())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubMerchantBody {
    channel: String,
}

/// `POST /control/sub_merchants`.
pub(super) async fn add_sub_merchant(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(enrol(&inner, &body))
}

fn enrol(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: SubMerchantBody = read(body)?;
    let upstream = named(inner, &body.channel)?;
    let Some(till) = &upstream.till else {
        return refuse(400, format!("{} has no merchants", upstream.id));
    };
    let mut told = inner.look(|book| (till.enrol)(book))?;
    told["channel"] = upstream.id.into();
    Ok(told)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotifyBody {
    out_trade_no: String,
    #[serde(default)]
    wrong_signature: bool,
}

/// `POST /control/notify`: sends an order's newest notification again, now.
pub(super) async fn notify(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(notify_now(&inner, &body).await)
}

async fn notify_now(inner: &Arc<Inner>, body: &[u8]) -> Result<Value, Refusal> {
    let body: NotifyBody = read(body)?;
    let last = inner.look(|book| {
        let order = book.orders_numbered(&body.out_trade_no)?.into_iter().next();
        order.map_or(Ok(None), |order| book.last_notification(&order))
    })?;
    let Some(id) = last else {
        return refuse(
            404,
            format!("no notification exists for {}", body.out_trade_no),
        );
    };
    let Some(_ticket) = notify::claim(inner, id) else {
        return refuse(409, "the notification is on its way");
    };
    notify::send(inner, id, body.wrong_signature).await?;
    Ok(json!({"sent": body.out_trade_no, "wrong_signature": body.wrong_signature}))
}
