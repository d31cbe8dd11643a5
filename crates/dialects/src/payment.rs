//! What several wires tell alike about a payment and its refunds: by which attempt it went, who
//! paid, its coupons, when a refund was done, and the texts that were stored with either.

use heliu_trade::attempt::Attempt;
use heliu_trade::order::Order;
use heliu_trade::promotion::{Promotion, PromotionKind, PromotionScope};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::WalletKind;

use crate::object::Object;

/// The attempt that paid, else the newest.
pub(crate) fn line<'a>(order: &Order, attempts: &'a [Attempt]) -> Option<&'a Attempt> {
    let paid = order.payment.as_ref().map(|payment| payment.attempt_no);
    attempts
        .iter()
        .find(|attempt| Some(attempt.attempt_no) == paid)
        .or(attempts.last())
}

/// The payer under the platform's app. Without an app of the merchant's own WeChat tells this one
/// only.
pub(crate) fn payer_at_platform<'a>(order: &Order, evidence: &'a Evidence) -> Option<&'a str> {
    let payer_id = evidence.payer_id.as_deref();
    if order.wallet != Some(WalletKind::Wechat) {
        return payer_id;
    }
    let Some(notes) = evidence.notes.as_deref() else {
        return payer_id;
    };
    let only_id = payer_id.filter(|_| notes.sub_payer_id.is_none());
    notes.provider_payer_id.as_deref().or(only_id)
}

/// When a refund that succeeded was done, as its channel says if it does.
pub(crate) fn refunded_at(refund: &Refund) -> Option<Timestamp> {
    let told = refund.details.evidence.as_ref();
    told.map(|told| told.refunded_at)
        .or(refund.ended_at)
        .filter(|_| refund.state == RefundState::Succeeded)
}

/// A text that was stored with an order.
pub(crate) fn attribute_of<'a>(order: &'a Order, name: &str) -> Option<&'a str> {
    order.details.attributes.get(name).map(String::as_str)
}

/// A text that was stored with a refund.
pub(crate) fn refund_attribute<'a>(refund: &'a Refund, name: &str) -> Option<&'a str> {
    refund.details.attributes.get(name).map(String::as_str)
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
