//! Plays Alipay: accounts, signed nodes, signed forms.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use heliu_ports::channel::Channel;
use heliu_ports::wire::{OutRequest, WireRequest};
use heliu_trade::wallet::Scene;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::orders::{Case, NUMBER};
use super::{Reply, keys};

pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("gateway_url", "http://127.0.0.1:8090/alipay/gateway.do"),
    (
        "oauth_url",
        "http://127.0.0.1:8090/alipay/oauth2/publicAppAuthorize.htm",
    ),
    ("app_id", "2021000000000001"),
    ("seller_id", "2088000000000009"),
    ("isv_pid", "2088000000000001"),
];

pub(crate) fn channel() -> Arc<dyn Channel> {
    heliu_channels::find("alipay_isv").expect("registered")
}

pub(crate) fn case(api: &str) -> Case {
    let scene = match api {
        "pay" => Scene::Barcode,
        "create" => Scene::Jsapi,
        _ => Scene::Qr,
    };
    Case::new("alipay_isv", SETTINGS, api, scene)
}

/// Lays the members of `own` over those of `base`; null takes one away.
pub(crate) fn over(mut base: Value, own: &Value) -> Value {
    for (name, value) in own.as_object().expect("an object") {
        if value.is_null() {
            base.as_object_mut().expect("an object").remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

/// An answer whose node is signed.
pub(crate) fn signed(method: &str, node: &str) -> Reply {
    let name = format!("{}_response", method.replace('.', "_"));
    let sign = keys::theirs().sign(node.as_bytes());
    Reply::ok(format!("{{\"{name}\":{node},\"sign\":\"{sign}\"}}"))
}

pub(crate) fn done(method: &str, own: &Value) -> Reply {
    signed(
        method,
        &over(json!({"code": "10000", "msg": "Success"}), own).to_string(),
    )
}

pub(crate) fn business(method: &str, sub_code: &str) -> Reply {
    let node = json!({
        "code": "40004", "msg": "Business Failed", "sub_code": sub_code,
        "sub_msg": "括号 } 在文字里 \" {",
    });
    signed(method, &node.to_string())
}

pub(crate) fn gateway_error(code: &str, sub_code: &str, is_signed: bool) -> Reply {
    let node = json!({"code": code, "msg": "", "sub_code": sub_code}).to_string();
    if is_signed {
        let sign = keys::theirs().sign(node.as_bytes());
        return Reply::ok(format!("{{\"error_response\":{node},\"sign\":\"{sign}\"}}"));
    }
    Reply::ok(format!("{{\"error_response\":{node}}}"))
}

/// A paid trade as trade.pay answers it.
pub(crate) fn paid(own: &Value) -> Value {
    let base = json!({
        "trade_no": "2026011522001", "out_trade_no": NUMBER, "buyer_logon_id": "a**@b.c",
        "buyer_user_id": "2088000000000777", "total_amount": "88.88", "receipt_amount": "88.88",
        "buyer_pay_amount": "88.88", "gmt_payment": "2026-01-15 10:00:01",
        "fund_bill_list": [{"fund_channel": "ALIPAYACCOUNT", "amount": "88.88"}],
    });
    over(base, own)
}

/// A trade as trade.query answers it.
pub(crate) fn trade(status: &str, own: &Value) -> Value {
    let mut base = paid(&json!({"gmt_payment": null, "send_pay_date": "2026-01-15 10:00:01"}));
    base["trade_status"] = status.into();
    over(base, own)
}

fn joined(parameters: &BTreeMap<String, String>, without: &[&str]) -> String {
    parameters
        .iter()
        .filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// The parameters of a request that we sent, whose signature is checked.
pub(crate) fn sent_parameters(request: &OutRequest) -> BTreeMap<String, String> {
    let parameters: BTreeMap<String, String> =
        form_urlencoded::parse(&request.body).into_owned().collect();
    let text = joined(&parameters, &["sign"]);
    assert!(
        keys::ours().verify(text.as_bytes(), &parameters["sign"]),
        "the request is signed: {text}"
    );
    parameters
}

pub(crate) fn sent_content(request: &OutRequest) -> Value {
    serde_json::from_str(&sent_parameters(request)["biz_content"]).expect("JSON")
}

/// The fields of a payment's notification.
pub(crate) fn notified(status: &str, own: &Value) -> BTreeMap<String, String> {
    let base = json!({
        "notify_time": "2026-01-15 10:00:03", "notify_type": "trade_status_sync",
        "notify_id": "n1", "app_id": "2021000000000001", "auth_app_id": "2021000000000002",
        "charset": "utf-8", "version": "1.0", "trade_no": "2026011522001",
        "out_trade_no": NUMBER, "buyer_id": "2088000000000777",
        "seller_id": "2088000000000009", "trade_status": status, "total_amount": "88.88",
        "receipt_amount": "88.88", "buyer_pay_amount": "88.88", "subject": "咖啡 & cake",
        "gmt_create": "2026-01-15 10:00:00", "gmt_payment": "2026-01-15 10:00:01",
        "fund_bill_list": "[{\"amount\":\"88.88\",\"fundChannel\":\"PCREDIT\"}]",
    });
    over(base, own)
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
        .collect()
}

/// A notification with these fields, signed.
pub(crate) fn notice(mut fields: BTreeMap<String, String>) -> WireRequest {
    let sign = keys::theirs().sign(joined(&fields, &["sign", "sign_type"]).as_bytes());
    fields.insert("sign".to_owned(), sign);
    fields.insert("sign_type".to_owned(), "RSA2".to_owned());
    form(&fields)
}

pub(crate) fn form(fields: &BTreeMap<String, String>) -> WireRequest {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    WireRequest {
        method: Method::POST,
        path: "/callback/t0ken".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: body.into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}
