//! WeChat's notifications: v3 sealed events (channels.md 1.11), v2 flat XML (1.19, 1.23).

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::account::{Keys, SP_APPID, SP_MCHID};
use super::wire::{
    Fields, Spoil, paid_fields, read_xml, refund_object_for_notice, sign_v2, signed_headers,
    transaction, write_xml,
};
use super::words::{V3, event_id};
use crate::accounts::Accounts;
use crate::book::{NewNotification, NotificationRow, Order, Refund, RefundState};
use crate::clock;
use crate::crypto::{aes_ecb_base64, aes_gcm_base64, random_hex};
use crate::error::SandboxError;
use crate::notices::{Dressed, Notices, PATIENCE_MS};

/// 16 sendings in about 24 hours (channels.md 1.11).
pub(super) const NOTICES: Notices = Notices {
    gaps_ms: &[
        15_000, 15_000, 30_000, 180_000, 600_000, 1_200_000, 1_800_000, 1_800_000, 1_800_000,
        3_600_000, 10_800_000, 10_800_000, 10_800_000, 21_600_000, 21_600_000,
    ],
    patience_ms: PATIENCE_MS,
    dress,
    is_acknowledged,
};

/// The forms: a v2 payment, a v2 refund, and whatever v3 tells.
const FORM_V2: &str = "v2";
const FORM_V2_REFUND: &str = "v2_refund";
const FORM_V3: &str = "v3";

/// Of every payment but those at the till (channels.md 1.11).
pub(super) fn of_payment(order: &Order) -> Option<NewNotification> {
    let url = order.notify_url.clone()?;
    let (form, content) = match order.api.as_str() {
        _ if order.scene.is_at_till() => return None,
        V3 => (FORM_V3, v3_payment(order)),
        _ => (FORM_V2, v2_payment(order)),
    };
    Some(NewNotification {
        url,
        form,
        content,
        event_id,
    })
}

/// Of every refund that named an address.
pub(super) fn of_refund(order: &Order, refund: &Refund) -> Option<NewNotification> {
    let url = refund.notify_url.clone()?;
    let (form, content) = match refund.api.as_str() {
        V3 => (FORM_V3, v3_refund(order, refund)),
        _ => (FORM_V2_REFUND, v2_refund(order, refund)),
    };
    Some(NewNotification {
        url,
        form,
        content,
        event_id,
    })
}

fn dress(
    accounts: &Accounts,
    row: &NotificationRow,
    at_ms: i64,
    spoil: bool,
) -> Result<Dressed, SandboxError> {
    match row.form.as_str() {
        FORM_V3 => dress_v3(accounts, row, at_ms, spoil),
        FORM_V2_REFUND => dress_v2_refund(accounts, row),
        _ => dress_v2(accounts, row, spoil),
    }
}

/// v3: any 200 or 204. v2: an XML `return_code` SUCCESS.
fn is_acknowledged(form: &str, response: &Response<Bytes>) -> bool {
    let status = response.status().as_u16();
    if form == FORM_V3 {
        return status == 200 || status == 204;
    }
    let text = std::str::from_utf8(response.body());
    let fields = text.ok().and_then(|text| read_xml(text).ok());
    let code = fields.and_then(|mut fields| fields.remove("return_code"));
    status == 200 && code.as_deref() == Some("SUCCESS")
}

fn v3_payment(order: &Order) -> Value {
    json!({
        "event_type": "TRANSACTION.SUCCESS", "original_type": "transaction", "summary": "支付成功",
        "plain": transaction(order).to_string(),
    })
}

fn v3_refund(order: &Order, refund: &Refund) -> Value {
    let (event, summary) = match refund.state {
        RefundState::Success => ("REFUND.SUCCESS", "退款成功"),
        _ => ("REFUND.CLOSED", "退款关闭"),
    };
    json!({
        "event_type": event, "original_type": "refund", "summary": summary,
        "plain": refund_object_for_notice(order, refund).to_string(),
    })
}

fn v2_payment(order: &Order) -> Value {
    let mut fields = paid_fields(order);
    fields.insert("result_code".into(), "SUCCESS".into());
    json!({"sign_type": order.sign_type, "fields": fields})
}

fn v2_refund(order: &Order, refund: &Refund) -> Value {
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
fn dress_v3(
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
    let sealed = aes_gcm_base64(&accounts.of::<Keys>()?.api_v3, &nonce, kind, text("plain"))?;
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
    let signer = accounts.of::<Keys>()?.own.of_notice();
    let headers = signed_headers(signer, at_ms, &body, spoil)?;
    Ok((headers, body))
}

/// A v2 payment: flat XML, signed as the order was.
fn dress_v2(
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
    let mut sign = sign_v2(&fields, &accounts.of::<Keys>()?.api_v2, sign_type);
    if spoil {
        sign = sign.chars().rev().collect();
    }
    fields.insert("sign".into(), sign);
    Ok((xml_headers(), write_xml("xml", &fields)))
}

/// A v2 refund: no sign, the facts sealed in `req_info`.
fn dress_v2_refund(accounts: &Accounts, row: &NotificationRow) -> Result<Dressed, SandboxError> {
    let mut fields = envelope(row)?;
    let plain = row
        .content
        .get("plain")
        .and_then(Value::as_str)
        .unwrap_or_default();
    fields.insert(
        "req_info".into(),
        aes_ecb_base64(&accounts.of::<Keys>()?.api_v2, plain)?,
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
