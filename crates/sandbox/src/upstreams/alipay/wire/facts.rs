//! An order's facts in Alipay's shapes.

use serde_json::{Map, Value, json};

use crate::book::{Order, yuan};
use crate::clock;
use crate::upstreams::alipay::words::paid_with;

/// How the payer signs in, masked as Alipay masks it.
pub(crate) fn buyer_logon_id(order: &Order) -> String {
    let known = order.logon_id.clone();
    known.unwrap_or_else(|| "159****5620".to_owned())
}

/// What the payment was made of.
pub(crate) fn fund_bills(order: &Order) -> Value {
    let mut bills =
        vec![json!({"fund_channel": paid_with(order), "amount": yuan(order.cash_fen())})];
    if order.discount_fen > 0 {
        bills.push(json!({"fund_channel": "MDISCOUNT", "amount": yuan(order.discount_fen)}));
    }
    Value::Array(bills)
}

/// The merchant's discount, if there was one.
pub(crate) fn vouchers(order: &Order) -> Value {
    json!([{
        "id": format!("2026010100{:08}", crate::crypto::stable_hash(&order.number) % 100_000_000),
        "name": "商户立减", "type": "ALIPAY_BIZ_VOUCHER", "amount": yuan(order.discount_fen),
        "merchant_contribute": yuan(order.discount_fen), "other_contribute": yuan(0), "memo": "商户立减",
    }])
}

/// `code` 10000 or 10003, and who pays what.
pub(crate) fn basics(order: &Order, code: &str) -> Map<String, Value> {
    let msg = if code == "10003" {
        "order success pay inprocess"
    } else {
        "Success"
    };
    let mut node = Map::new();
    for (name, value) in [
        ("code", code.to_owned()),
        ("msg", msg.to_owned()),
        ("trade_no", order.transaction_id.clone()),
        ("out_trade_no", order.number.clone()),
        ("buyer_logon_id", buyer_logon_id(order)),
        ("buyer_user_id", order.openid.clone()),
        ("total_amount", yuan(order.total_fen)),
    ] {
        if !value.is_empty() {
            node.insert(name.to_owned(), value.into());
        }
    }
    node
}

/// The members a paid trade has on top; `paid_name` is `gmt_payment` or `send_pay_date`.
pub(crate) fn add_payment(node: &mut Map<String, Value>, order: &Order, paid_name: &str) {
    let cash = yuan(order.cash_fen());
    for (name, value) in [
        ("receipt_amount", cash.clone()),
        ("buyer_pay_amount", cash.clone()),
        ("invoice_amount", cash),
        ("point_amount", yuan(0)),
        (
            paid_name,
            clock::spaced(order.paid_ms.unwrap_or(order.created_ms)),
        ),
    ] {
        node.insert(name.to_owned(), value.into());
    }
    node.insert("fund_bill_list".to_owned(), fund_bills(order));
    if order.discount_fen > 0 {
        node.insert("voucher_detail_list".to_owned(), vouchers(order));
        node.insert(
            "mdiscount_amount".to_owned(),
            yuan(order.discount_fen).into(),
        );
        node.insert("discount_amount".to_owned(), yuan(0).into());
    }
}
