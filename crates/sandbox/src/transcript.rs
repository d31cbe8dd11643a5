//! The last raw exchanges, for tests and for curious people (channels.md 7). Memory only.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use serde_json::{Value, json};

const KEPT: usize = 200;

/// A ring of exchanges.
#[derive(Default)]
pub(crate) struct Transcript {
    entries: Mutex<VecDeque<Value>>,
}

/// One side of an exchange as text.
pub(crate) fn message(headers: &HeaderMap, body: &[u8]) -> Value {
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()),
            )
        })
        .collect();
    json!({"headers": headers, "body": String::from_utf8_lossy(body)})
}

impl Transcript {
    /// Adds an exchange; `direction` is `in` (we were called) or `out` (we called).
    pub(crate) fn add(
        &self,
        at_ms: i64,
        direction: &str,
        line: &str,
        request: Value,
        status: Option<u16>,
        answer: Value,
    ) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= KEPT {
            entries.pop_front();
        }
        entries.push_back(json!({
            "at_ms": at_ms, "direction": direction, "line": line,
            "request": request, "status": status, "answer": answer,
        }));
    }

    /// Oldest first.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().cloned().collect()
    }
}
