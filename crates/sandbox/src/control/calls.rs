//! What there is to call, for programs that want to have called all of it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use crate::state::{Inner, Served};
use crate::upstream::Call;

/// `GET /control/calls`.
pub(super) async fn list(State(inner): State<Arc<Inner>>) -> Response {
    let of = |upstream: &&'static Served| {
        let calls = (upstream.calls)().into_iter();
        calls.map(|call| describe(upstream.id, call))
    };
    let calls: Vec<Value> = inner.upstreams.iter().flat_map(of).collect();
    answer(Ok(json!({ "calls": calls })))
}

fn describe(upstream: &str, call: Call) -> Value {
    let mut told = json!({"channel": upstream, "method": call.method, "path": call.path});
    if let Some(name) = call.name {
        told["name"] = name.into();
    }
    told
}
