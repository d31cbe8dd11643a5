//! A promotion in WeChat's shapes: v2's JSON text, v3's objects.

use serde::Serialize;
use serde_json::{Value, json};

use crate::book::{Order, Promotion};

/// v2's members in the order in which WeChat writes them; merchants' books keep the text as it
/// came.
#[derive(Serialize)]
struct DetailV2 {
    promotion_detail: [PromotionV2; 1],
}

#[derive(Serialize)]
struct PromotionV2 {
    promotion_id: String,
    name: String,
    scope: &'static str,
    r#type: &'static str,
    amount: i64,
    activity_id: String,
    wxpay_contribute: i64,
    merchant_contribute: i64,
    other_contribute: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    goods_detail: Vec<GoodsV2>,
}

#[derive(Serialize)]
struct GoodsV2 {
    goods_id: String,
    quantity: i64,
    price: i64,
    discount_amount: i64,
    goods_remark: String,
}

/// The text of v2's `promotion_detail` (channels.md 1.15). `discount_amount` is of each piece.
pub(super) fn v2_promotion(order: &Order, promotion: &Promotion) -> String {
    let lines = promotion.goods.iter();
    let detail = DetailV2 {
        promotion_detail: [PromotionV2 {
            promotion_id: promotion.id.clone(),
            name: promotion.name.clone(),
            scope: promotion.scope(),
            r#type: "DISCOUNT",
            amount: order.discount_fen,
            activity_id: promotion.activity_id.clone(),
            wxpay_contribute: 0,
            merchant_contribute: order.discount_fen,
            other_contribute: 0,
            goods_detail: lines
                .map(|line| GoodsV2 {
                    goods_id: line.goods.id.clone(),
                    quantity: line.goods.quantity,
                    price: line.goods.price_fen,
                    discount_amount: line.off_each_fen,
                    goods_remark: line.remark.clone(),
                })
                .collect(),
        }],
    };
    // Plain strings and numbers always serialize.
    serde_json::to_string(&detail).unwrap_or_default()
}

/// One entry of v3's `promotion_detail` (channels.md 1.6).
pub(super) fn v3_promotion(order: &Order, promotion: &Promotion) -> Value {
    let mut object = json!({
        "coupon_id": promotion.id, "name": promotion.name, "scope": promotion.scope(), "type": "NOCASH",
        "amount": order.discount_fen, "stock_id": promotion.activity_id, "wechatpay_contribute": 0,
        "merchant_contribute": order.discount_fen, "other_contribute": 0, "currency": "CNY",
    });
    if !promotion.goods.is_empty() {
        let lines = promotion.goods.iter();
        object["goods_detail"] = lines
            .map(|line| {
                json!({
                    "goods_id": line.goods.id, "quantity": line.goods.quantity,
                    "unit_price": line.goods.price_fen, "discount_amount": line.off_each_fen,
                    "goods_remark": line.remark,
                })
            })
            .collect();
    }
    object
}
