//! Plays UnionPay: accounts, signed JSON objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_ports::channel::Channel;
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::{ChannelAccount, Contract, RoutingTerms};
use heliu_trade::fee::Tariff;
use heliu_trade::wallet::{Scene, WalletKind};
use serde_json::{Value, json};

use super::alipay::over;
use super::orders::{Case, NUMBER};
use super::{Reply, keys};

pub(crate) const MER_ID: &str = "777290058110097";

pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("base_url", "http://127.0.0.1:8090/unionpay/"),
    ("qr_url", "http://127.0.0.1:8090/unionpay"),
    ("serProvId", "S2026010100001"),
];

pub(crate) fn channel() -> Arc<dyn Channel> {
    heliu_channels::find("unionpay_partner").expect("registered")
}

pub(crate) fn case(scene: Scene) -> Case {
    let api = match scene {
        Scene::Barcode => "micropay",
        _ => "unifiedorder",
    };
    Case::new("unionpay_partner", SETTINGS, api, scene)
}

/// Whose account, whose contract.
pub(crate) fn parties() -> (ChannelAccount, Contract) {
    let contract = Contract {
        merchant_id: "m1".into(),
        wallet: WalletKind::Unionpay,
        channel_account_id: "main".into(),
        sub_merchant_id: MER_ID.to_owned(),
        sub_app_id: None,
        fee: Tariff::default(),
        routing: RoutingTerms::default(),
    };
    (case(Scene::Barcode).account, contract)
}

/// The text that is signed; `keeps_empty` as the two descriptions differ.
fn signed_text(message: &Value, keeps_empty: bool) -> String {
    let members: BTreeMap<&String, String> = message
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(name, value)| *name != "signature" && !value.is_null())
        .map(|(name, value)| match value {
            Value::String(text) => (name, text.clone()),
            other => (name, other.to_string()),
        })
        .filter(|(_, text)| keeps_empty || !text.is_empty())
        .collect();
    let parts: Vec<_> = members
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    parts.join("&")
}

fn digits(text: &str) -> String {
    keys::sha256_hex(text.as_bytes())
}

/// The message with its signature.
pub(crate) fn sign(mut message: Value, keeps_empty: bool) -> Value {
    let digits = digits(&signed_text(&message, keeps_empty));
    message["signature"] = keys::theirs().sign(digits.as_bytes()).into();
    message
}

/// An answer with these members, signed.
pub(crate) fn answered(own: &Value) -> Reply {
    let base = json!({
        "respCode": "00", "respMsg": "成功", "serProvId": "S2026010100001", "merId": MER_ID,
        "orderNo": NUMBER,
    });
    Reply::ok(sign(over(base, own), true).to_string())
}

/// A refusal.
pub(crate) fn refused(code: &str) -> Reply {
    answered(&json!({"respCode": code, "respMsg": "说明"}))
}

/// The members of a paid order, as micropay answers it.
pub(crate) fn paid(own: &Value) -> Value {
    let base = json!({
        "orderNo": NUMBER, "txnAmt": "8888", "currencyCode": "156", "transIndex": "T20260115000001",
        "payTime": "20260115100001", "cardAttr": "02",
    });
    over(base, own)
}

/// The order as queryOrder answers it.
pub(crate) fn found(state: &str, own: &Value) -> Reply {
    let mut base = paid(&json!({}));
    base["origRespCode"] = state.into();
    answered(&over(base, own))
}

/// The members of a request that we sent, without the signature, which is checked.
pub(crate) fn sent(request: &OutRequest) -> Value {
    let mut message: Value = serde_json::from_slice(&request.body).expect("JSON");
    let digits = digits(&signed_text(&message, true));
    let signature = message["signature"].as_str().expect("signed").to_owned();
    assert!(
        keys::ours().verify(digits.as_bytes(), &signature),
        "the request is signed: {message}"
    );
    message
        .as_object_mut()
        .expect("an object")
        .remove("signature");
    message
}
