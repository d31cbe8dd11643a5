//! What several wires tell alike about a payment: by which attempt it went, and its coupons.

use heliu_trade::attempt::Attempt;
use heliu_trade::order::Order;
use heliu_trade::promotion::{Promotion, PromotionKind, PromotionScope};
use heliu_trade::verdict::Evidence;

use crate::object::Object;

/// The attempt that paid, else the newest.
pub(crate) fn line<'a>(order: &Order, attempts: &'a [Attempt]) -> Option<&'a Attempt> {
    let paid = order.payment.as_ref().map(|payment| payment.attempt_no);
    attempts
        .iter()
        .find(|attempt| Some(attempt.attempt_no) == paid)
        .or(attempts.last())
}

/// `promotion_detail`: the coupons that took part, a JSON text in WeChat's words.
pub(crate) fn promotion_detail(evidence: &Evidence) -> Option<String> {
    let promotions = &evidence.notes.as_ref()?.promotions;
    if promotions.is_empty() {
        return None;
    }
    let mut detail = Object::new();
    detail.objects("promotion_detail", promotions.iter().map(promotion));
    Some(detail.into_text())
}

fn promotion(promotion: &Promotion) -> Object {
    let goods = promotion.goods.iter().map(|goods| {
        let mut object = Object::new();
        object
            .text("goods_id", &goods.goods_id)
            .number("quantity", goods.quantity)
            .number("price", goods.price_fen)
            .number("discount_amount", goods.discount_fen)
            .text("goods_remark", &goods.remark);
        object
    });
    let mut object = Object::new();
    object
        .text("promotion_id", &promotion.promotion_id)
        .text("name", &promotion.name)
        .text("scope", scope(promotion.scope))
        .text("type", kind(promotion.kind))
        .number("amount", promotion.amount_fen)
        .text("activity_id", &promotion.activity_id)
        .number("wxpay_contribute", promotion.wallet_fen)
        .number("merchant_contribute", promotion.merchant_fen)
        .number("other_contribute", promotion.other_fen)
        .objects("goods_detail", goods);
    object
}

/// `scope` of a promotion.
const fn scope(scope: PromotionScope) -> &'static str {
    match scope {
        PromotionScope::Order => "GLOBAL",
        PromotionScope::Goods => "SINGLE",
    }
}

/// `type` of a promotion.
const fn kind(kind: PromotionKind) -> &'static str {
    match kind {
        PromotionKind::Coupon => "COUPON",
        PromotionKind::Discount => "DISCOUNT",
    }
}
