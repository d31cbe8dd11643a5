//! An order's facts in WeChat's shapes: v2 fields, the v3 transaction object, refund objects.

use serde_json::{Map, Value, json};

use super::promotion::{v2_promotion, v3_promotion};
use super::xml::Fields;
use crate::book::{Order, Refund, State};
use crate::clock;
use crate::upstreams::wechat::account::{SP_APPID, SP_MCHID};
use crate::upstreams::wechat::words;

/// The Chinese sentence beside a trade state.
pub(crate) fn state_text(order: &Order) -> &'static str {
    match words::state(order) {
        "SUCCESS" => "支付成功",
        "REFUND" => "转入退款",
        "CLOSED" => "已关闭",
        "REVOKED" => "已撤销",
        "USERPAYING" => "用户支付中，需要输入密码",
        "PAYERROR" => "支付失败，请重新下单支付",
        _ => "订单未支付",
    }
}

/// What v2 says about a paid order (channels.md 1.15, 1.23), without the envelope.
pub(crate) fn paid_fields(order: &Order) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: String| {
        fields.insert(name.to_owned(), value);
    };
    put("sub_mch_id", order.merchant.clone());
    put("openid", order.openid.clone());
    put("is_subscribe", "N".into());
    if let Some(app) = &order.sub_app_id {
        put("sub_appid", app.clone());
    }
    if let Some(openid) = &order.sub_openid {
        put("sub_openid", openid.clone());
        put("sub_is_subscribe", "N".into());
    }
    if let Some(device) = &order.device {
        put("device_info", device.clone());
    }
    put("trade_type", words::trade_type(order).into());
    put("bank_type", words::paid_with(order).into());
    put("fee_type", "CNY".into());
    put("total_fee", order.total_fen.to_string());
    put("cash_fee_type", "CNY".into());
    put("cash_fee", order.cash_fen().to_string());
    if let Some(promotion) = order.promotion() {
        put("settlement_total_fee", order.cash_fen().to_string());
        put("coupon_fee", order.discount_fen.to_string());
        put("coupon_count", "1".into());
        put("coupon_id_0", promotion.id.clone());
        put("coupon_type_0", "NO_CASH".into());
        put("coupon_fee_0", order.discount_fen.to_string());
        put("promotion_detail", v2_promotion(order, &promotion));
    }
    put("transaction_id", order.transaction_id.clone());
    put("out_trade_no", order.number.clone());
    if let Some(attach) = &order.attach {
        put("attach", attach.clone());
    }
    put(
        "time_end",
        clock::compact(order.paid_ms.unwrap_or(order.created_ms)),
    );
    fields
}

/// The v3 transaction object (channels.md 1.6); optional members are left out, never null.
pub(crate) fn transaction(order: &Order) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    put("sp_appid", SP_APPID.into());
    put("sp_mchid", SP_MCHID.into());
    if let Some(app) = &order.sub_app_id {
        put("sub_appid", app.as_str().into());
    }
    put("sub_mchid", order.merchant.as_str().into());
    put("out_trade_no", order.number.as_str().into());
    put("trade_type", words::trade_type(order).into());
    put("trade_state", words::state(order).into());
    put("trade_state_desc", state_text(order).into());
    if let Some(attach) = &order.attach {
        put("attach", attach.as_str().into());
    }
    if let Some(device) = &order.device {
        put("scene_info", json!({"device_id": device}));
    }
    if order.paid_ms.is_none() {
        if order.total_fen > 0 {
            put(
                "amount",
                json!({"total": order.total_fen, "currency": "CNY"}),
            );
        }
        return Value::Object(object);
    }
    put("transaction_id", order.transaction_id.as_str().into());
    put("bank_type", words::paid_with(order).into());
    put(
        "success_time",
        clock::rfc3339(order.paid_ms.unwrap_or(order.created_ms)).into(),
    );
    let mut payer = Map::new();
    payer.insert("sp_openid".into(), order.openid.as_str().into());
    if let Some(openid) = &order.sub_openid {
        payer.insert("sub_openid".into(), openid.as_str().into());
    }
    put("payer", Value::Object(payer));
    put(
        "amount",
        json!({
            "total": order.total_fen, "payer_total": order.cash_fen(),
            "currency": "CNY", "payer_currency": "CNY",
        }),
    );
    if let Some(promotion) = order.promotion() {
        put("promotion_detail", json!([v3_promotion(order, &promotion)]));
    }
    Value::Object(object)
}

/// The v3 refund object of answers (channels.md 1.7).
pub(crate) fn refund_object(order: &Order, refund: &Refund) -> Value {
    let mut object = json!({
        "refund_id": refund.refund_id, "out_refund_no": refund.number,
        "transaction_id": order.transaction_id, "out_trade_no": order.number,
        "channel": "ORIGINAL", "user_received_account": "支付用户零钱",
        "create_time": clock::rfc3339(refund.created_ms), "status": refund.state.word(),
        "funds_account": "UNSETTLED",
        "amount": {
            "total": order.total_fen, "refund": refund.amount_fen, "from": [],
            "payer_total": order.cash_fen(), "payer_refund": refund.cash_fen,
            "settlement_refund": refund.cash_fen, "settlement_total": order.cash_fen(),
            "discount_refund": refund.coupon_fen, "currency": "CNY", "refund_fee": 0,
        },
    });
    if let Some(at_ms) = refund.done_ms
        && refund.state == crate::book::RefundState::Success
    {
        object["success_time"] = clock::rfc3339(at_ms).into();
    }
    if let Some(promotion) = order.promotion().filter(|_| refund.coupon_fen > 0) {
        object["promotion_detail"] = json!([{
            "promotion_id": promotion.id, "scope": promotion.scope(), "type": "DISCOUNT",
            "amount": order.discount_fen, "refund_amount": refund.coupon_fen,
        }]);
    }
    object
}

/// The refund object inside a v3 notification (channels.md 1.11): fewer members, `refund_status`.
pub(crate) fn refund_object_for_notice(order: &Order, refund: &Refund) -> Value {
    let mut object = json!({
        "sp_mchid": SP_MCHID, "sub_mchid": order.merchant, "out_trade_no": order.number,
        "transaction_id": order.transaction_id, "out_refund_no": refund.number,
        "refund_id": refund.refund_id, "refund_status": refund.state.word(),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": order.total_fen, "refund": refund.amount_fen,
            "payer_total": order.cash_fen(), "payer_refund": refund.cash_fen,
        },
    });
    if let Some(at_ms) = refund.done_ms
        && refund.state == crate::book::RefundState::Success
    {
        object["success_time"] = clock::rfc3339(at_ms).into();
    }
    object
}

/// Whether queries know the order at all.
pub(crate) fn is_visible(order: &Order) -> bool {
    order.state != State::Lost
}
