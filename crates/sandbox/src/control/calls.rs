//! What there is to call, for programs that want to have called all of it.

use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use crate::{alipay, unionpay, wechat};

/// `GET /control/calls`.
pub(super) async fn list() -> Response {
    let call = |channel: &str, method: &str, path: &str| json!({"channel": channel, "method": method, "path": path});
    let mut calls: Vec<Value> = Vec::new();
    calls.extend(wechat::calls().map(|(method, path)| call("wechat", method, path)));
    calls.extend(alipay::methods().map(|name| {
        let mut call = call("alipay", "POST", alipay::GATEWAY_PATH);
        call["name"] = name.into();
        call
    }));
    calls.extend(unionpay::calls().map(|path| call("unionpay", "POST", &path)));
    answer(Ok(json!({ "calls": calls })))
}
