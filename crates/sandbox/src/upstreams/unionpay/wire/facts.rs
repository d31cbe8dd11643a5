//! An order's and a refund's facts in UnionPay's names.
//!
//! Of a notification the public text names orderNo, transIndex, txnAmt and signature (channels.md
//! 3.8). What else a merchant's platform needs was chosen (ruling 47), with names of UnionPay's
//! other interfaces where they exist.

use serde_json::json;

use super::Fields;
use crate::book::{Order, Promotion, Refund, RefundState};
use crate::clock;
use crate::upstreams::unionpay::words::paid_with;

/// Adds a member.
pub(crate) fn put(fields: &mut Fields, name: &str, value: impl Into<String>) {
    fields.insert(name.to_owned(), value.into());
}

/// What answers, queries and notifications tell of an order. `txnAmt` is what was asked for,
/// discount or not, so that it can be compared with the merchant's own books (ruling 4).
pub(crate) fn order(order: &Order) -> Fields {
    let mut fields = Fields::new();
    put(&mut fields, "orderNo", &order.number);
    if order.tombstone {
        return fields;
    }
    let order_type = if order.scene.is_at_till() {
        "unionpay"
    } else {
        "upJs"
    };
    put(&mut fields, "orderType", order_type);
    put(&mut fields, "txnAmt", order.total_fen.to_string());
    put(&mut fields, "currencyCode", "156");
    if !order.transaction_id.is_empty() {
        put(&mut fields, "transIndex", &order.transaction_id);
    }
    if let Some(text) = &order.attach {
        put(&mut fields, "reqReserved", text);
    }
    if let Some(at_ms) = order.paid_ms {
        put(&mut fields, "payTime", clock::compact(at_ms));
        put(&mut fields, "settleAmt", order.cash_fen().to_string());
        put(&mut fields, "userId", &order.openid);
        put(&mut fields, "cardAttr", paid_with(order));
        if let Some(promotion) = order.promotion() {
            put(&mut fields, "couponInfo", coupons(order, &promotion));
        }
    }
    fields
}

/// What a discount took off, as the QR interfaces write it: type DD01 is an immediate discount,
/// `spnsrId` pays for it (here always the merchant, ruling 15).
fn coupons(order: &Order, promotion: &Promotion) -> String {
    json!([{
        "type": "DD01", "spnsrId": order.merchant, "offstAmt": order.discount_fen.to_string(),
        "id": promotion.id, "desc": promotion.name,
    }])
    .to_string()
}

/// What a refund and its query tell. `settleAmt` is what the merchant loses of it; the rest is
/// discount given back.
pub(crate) fn refund(order: &Order, refund: &Refund) -> Fields {
    let mut fields = Fields::new();
    put(&mut fields, "orderNo", &refund.number);
    put(&mut fields, "origOrderNo", &order.number);
    put(&mut fields, "origTxnAmt", order.total_fen.to_string());
    put(&mut fields, "txnAmt", refund.amount_fen.to_string());
    put(&mut fields, "currencyCode", "156");
    put(&mut fields, "settleAmt", refund.cash_fen.to_string());
    put(&mut fields, "transIndex", &refund.refund_id);
    if let (RefundState::Success, Some(at_ms)) = (refund.state, refund.done_ms) {
        put(&mut fields, "refundTime", clock::compact(at_ms));
    }
    fields
}
