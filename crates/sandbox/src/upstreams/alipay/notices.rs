//! Alipay's notification: a signed form (channels.md 2.7).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ID;
use super::account::{APP_ID, Keys};
use super::wire::{buyer_logon_id, fund_bills, signed_text, vouchers};
use super::words::{self, event_id};
use crate::accounts::Accounts;
use crate::book::{NewNotification, NotificationRow, Order, Refund, RefundState, yuan};
use crate::clock;
use crate::error::SandboxError;
use crate::notices::{Dressed, Notices, PATIENCE_MS, says_success};

/// Eight sendings in about 25 hours (channels.md 2.7).
pub(super) const NOTICES: Notices = Notices {
    gaps_ms: &[
        240_000, 600_000, 600_000, 3_600_000, 7_200_000, 21_600_000, 54_000_000,
    ],
    patience_ms: PATIENCE_MS,
    dress,
    is_acknowledged: |_, response| says_success(response),
};

/// Of a trade that is paid or whose time is over.
pub(super) fn of_trade(order: &Order) -> Option<NewNotification> {
    of(order, None)
}

/// Of a refund that went well.
pub(super) fn of_refund(order: &Order, refund: &Refund) -> Option<NewNotification> {
    of(order, Some(refund)).filter(|_| refund.state == RefundState::Success)
}

fn of(order: &Order, refund: Option<&Refund>) -> Option<NewNotification> {
    Some(NewNotification {
        url: order.notify_url.clone()?,
        form: ID,
        content: trade(order, refund),
        event_id,
    })
}

/// The business fields. A refund repeats the trade with `gmt_refund`, `refund_fee` and
/// `out_biz_no`.
fn trade(order: &Order, refund: Option<&Refund>) -> Value {
    let mut fields = json!({
        "trade_no": order.transaction_id,
        "out_trade_no": order.number,
        "buyer_id": order.openid,
        "buyer_logon_id": buyer_logon_id(order),
        "seller_id": order.merchant,
        "trade_status": words::state(order),
        "total_amount": yuan(order.total_fen),
        "subject": order.subject,
        "gmt_create": clock::spaced(order.created_ms),
    });
    let mut put = |name: &str, value: String| {
        if let Some(object) = fields.as_object_mut() {
            object.insert(name.to_owned(), Value::from(value));
        }
    };
    if let Some(at_ms) = order.paid_ms {
        put("receipt_amount", yuan(order.cash_fen()));
        put("invoice_amount", yuan(order.cash_fen()));
        put("buyer_pay_amount", yuan(order.cash_fen()));
        put("point_amount", yuan(0));
        put("gmt_payment", clock::spaced(at_ms));
        put("fund_bill_list", notice_bills(order).to_string());
        if order.discount_fen > 0 {
            put("voucher_detail_list", vouchers(order).to_string());
        }
    }
    if let Some(at_ms) = order.closed_ms {
        put("gmt_close", clock::spaced(at_ms));
    }
    if let Some(body) = &order.body {
        put("body", body.clone());
    }
    if let Some(attach) = &order.attach {
        put("passback_params", attach.clone());
    }
    if let Some(refund) = refund {
        put("out_biz_no", refund.number.clone());
        put("refund_fee", yuan(order.refunded_fen()));
        put(
            "gmt_refund",
            format!(
                "{}.000",
                clock::spaced(refund.done_ms.unwrap_or(refund.created_ms))
            ),
        );
    }
    fields
}

/// In notifications the bill's members are spelled in camel case, unlike in answers.
fn notice_bills(order: &Order) -> Value {
    let bills = fund_bills(order);
    let bills = bills.as_array().into_iter().flatten();
    Value::Array(
        bills
            .map(|bill| json!({"fundChannel": bill["fund_channel"], "amount": bill["amount"]}))
            .collect(),
    )
}

/// Adds the public fields and signs everything but `sign` and `sign_type`. `notify_id` stays over
/// re-sends.
fn dress(
    accounts: &Accounts,
    row: &NotificationRow,
    at_ms: i64,
    spoil: bool,
) -> Result<Dressed, SandboxError> {
    let mut fields: BTreeMap<String, String> = serde_json::from_value(row.content.clone())?;
    for (name, value) in [
        ("notify_time", clock::spaced(at_ms)),
        ("notify_type", "trade_status_sync".to_owned()),
        ("notify_id", row.event_id.clone()),
        ("app_id", APP_ID.to_owned()),
        ("auth_app_id", APP_ID.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("version", "1.0".to_owned()),
    ] {
        fields.insert(name.to_owned(), value);
    }
    let mut text = signed_text(&fields);
    if spoil {
        text.push('x');
    }
    fields.insert(
        "sign".to_owned(),
        accounts.of::<Keys>()?.own.sign(text.as_bytes())?,
    );
    fields.insert("sign_type".to_owned(), "RSA2".to_owned());
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    Ok((
        vec![(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        )],
        body,
    ))
}
