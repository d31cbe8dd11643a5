//! WeChat's notifications: v3 sealed events (channels.md 1.11), v2 flat XML (1.19, 1.23).

use serde_json::{Value, json};

use super::Dressed;
use crate::accounts::{Accounts, SP_APPID, SP_MCHID};
use crate::book::{NotificationRow, Order, Refund, RefundState};
use crate::clock;
use crate::crypto::{aes_ecb_base64, aes_gcm_base64, random_hex};
use crate::error::SandboxError;
use crate::wire::wechat::{
    Fields, Spoil, paid_fields, refund_object_for_notice, sign_v2, signed_headers, transaction,
    write_xml,
};

pub(super) fn v3_payment(order: &Order) -> Value {
    json!({
        "event_type": "TRANSACTION.SUCCESS", "original_type": "transaction", "summary": "支付成功",
        "plain": transaction(order).to_string(),
    })
}

pub(super) fn v3_refund(order: &Order, refund: &Refund) -> Value {
    let (event, summary) = match refund.state {
        RefundState::Success => ("REFUND.SUCCESS", "退款成功"),
        _ => ("REFUND.CLOSED", "退款关闭"),
    };
    json!({
        "event_type": event, "original_type": "refund", "summary": summary,
        "plain": refund_object_for_notice(order, refund).to_string(),
    })
}

pub(super) fn v2_payment(order: &Order) -> Value {
    let mut fields = paid_fields(order);
    fields.insert("result_code".into(), "SUCCESS".into());
    json!({"sign_type": order.sign_type, "fields": fields})
}

pub(super) fn v2_refund(order: &Order, refund: &Refund) -> Value {
    let status = match refund.state {
        RefundState::Success => "SUCCESS",
        _ => "REFUNDCLOSE",
    };
    let mut plain = Fields::new();
    for (name, value) in [
        ("transaction_id", order.transaction_id.clone()),
        ("out_trade_no", order.number.clone()),
        ("refund_id", refund.refund_id.clone()),
        ("out_refund_no", refund.number.clone()),
        ("total_fee", order.total_fen.to_string()),
        ("refund_fee", refund.amount_fen.to_string()),
        ("settlement_refund_fee", refund.cash_fen.to_string()),
        ("refund_status", status.to_owned()),
        ("refund_recv_accout", "支付用户零钱".to_owned()),
        ("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS".to_owned()),
        ("refund_request_source", "API".to_owned()),
    ] {
        plain.insert(name.to_owned(), value);
    }
    if let Some(at_ms) = refund.done_ms {
        plain.insert("success_time".into(), clock::spaced(at_ms));
    }
    let mut fields = Fields::new();
    fields.insert("sub_mch_id".into(), order.merchant.clone());
    if let Some(app) = &order.sub_app_id {
        fields.insert("sub_appid".into(), app.clone());
    }
    json!({"plain": write_xml("root", &plain), "fields": fields})
}

/// A v3 event: sealed and signed anew at each sending, with the same id.
pub(super) fn dress_v3(
    accounts: &Accounts,
    row: &NotificationRow,
    at_ms: i64,
    spoil: bool,
) -> Result<Dressed, SandboxError> {
    let text = |name: &str| {
        row.content
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let nonce = random_hex(6)?;
    let kind = text("original_type");
    let sealed = aes_gcm_base64(&accounts.api_v3_key, &nonce, kind, text("plain"))?;
    let body = json!({
        "id": row.event_id, "create_time": clock::rfc3339(row.created_ms),
        "resource_type": "encrypt-resource", "event_type": text("event_type"), "summary": text("summary"),
        "resource": {
            "original_type": kind, "algorithm": "AEAD_AES_256_GCM", "ciphertext": sealed,
            "associated_data": kind, "nonce": nonce,
        },
    })
    .to_string();
    let spoil = if spoil { Spoil::Probe } else { Spoil::Nothing };
    let signer = accounts.wechat_keys.of_notice();
    let headers = signed_headers(signer, at_ms, &body, spoil)?;
    Ok((headers, body))
}

/// A v2 payment: flat XML, signed as the order was.
pub(super) fn dress_v2(
    accounts: &Accounts,
    row: &NotificationRow,
    spoil: bool,
) -> Result<Dressed, SandboxError> {
    let mut fields = envelope(row)?;
    let sign_type = row
        .content
        .get("sign_type")
        .and_then(Value::as_str)
        .unwrap_or("MD5");
    if sign_type != "MD5" {
        fields.insert("sign_type".into(), sign_type.to_owned());
    }
    let mut sign = sign_v2(&fields, &accounts.api_v2_key, sign_type);
    if spoil {
        sign = sign.chars().rev().collect();
    }
    fields.insert("sign".into(), sign);
    Ok((xml_headers(), write_xml("xml", &fields)))
}

/// A v2 refund: no sign, the facts sealed in `req_info`.
pub(super) fn dress_v2_refund(
    accounts: &Accounts,
    row: &NotificationRow,
) -> Result<Dressed, SandboxError> {
    let mut fields = envelope(row)?;
    let plain = row
        .content
        .get("plain")
        .and_then(Value::as_str)
        .unwrap_or_default();
    fields.insert(
        "req_info".into(),
        aes_ecb_base64(&accounts.api_v2_key, plain)?,
    );
    Ok((xml_headers(), write_xml("xml", &fields)))
}

fn envelope(row: &NotificationRow) -> Result<Fields, SandboxError> {
    let mut fields: Fields = match row.content.get("fields") {
        Some(fields) => serde_json::from_value(fields.clone())?,
        None => Fields::new(),
    };
    fields.insert("return_code".into(), "SUCCESS".into());
    fields.insert("appid".into(), SP_APPID.into());
    fields.insert("mch_id".into(), SP_MCHID.into());
    fields.insert("nonce_str".into(), random_hex(16)?);
    Ok(fields)
}

fn xml_headers() -> Vec<(&'static str, String)> {
    vec![("Content-Type", "text/xml".to_owned())]
}
