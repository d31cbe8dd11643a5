//! What a paid order's report tells beside the money. Sources: channel notes 1.6, 1.15, 1.18, 1.23.
//!
//! What is told about the sub-merchant's app is kept only if we named that app. The indexed coupon
//! fields of v2 say nothing of who pays and are not kept.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::promotion::{
    PaymentNotes, Promotion, PromotionGoods, PromotionKind, PromotionScope,
};
use serde_json::Value;

use super::party::sub_appid;
use super::v2::field;
use super::xml::Fields;
use crate::json::{elements, fen, text, text_of, whole};
use crate::notes::{shares, told};

/// The notes in the fields of v2; `promotions` are those of `promotion_detail`.
pub(super) fn v2(
    order: &ChannelOrder<'_>,
    fields: &Fields,
    promotions: &[Value],
) -> Option<Box<PaymentNotes>> {
    let owned = |name: &str| field(fields, name).map(str::to_owned);
    let follows = |name: &str| match field(fields, name)? {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    };
    let ours = sub_appid(order);
    told(PaymentNotes {
        provider_payer_id: owned("openid"),
        follows_provider: follows("is_subscribe"),
        sub_app_id: ours.map(str::to_owned),
        sub_payer_id: ours.and_then(|_| owned("sub_openid")),
        follows_merchant: ours.and_then(|_| follows("sub_is_subscribe")),
        bank: owned("bank_type"),
        promotions: promotions.iter().filter_map(promotion).collect(),
        ..PaymentNotes::default()
    })
}

/// The notes in a transaction of v3, which does not say who follows whom.
pub(super) fn v3(
    order: &ChannelOrder<'_>,
    transaction: &Value,
    promotions: &[Value],
) -> Option<Box<PaymentNotes>> {
    let payer = transaction.get("payer").unwrap_or(&Value::Null);
    let owned = |object, name| text(object, name).map(str::to_owned);
    let ours = sub_appid(order);
    told(PaymentNotes {
        provider_payer_id: owned(payer, "sp_openid"),
        sub_app_id: ours.map(str::to_owned),
        sub_payer_id: ours.and_then(|_| owned(payer, "sub_openid")),
        bank: owned(transaction, "bank_type"),
        promotions: promotions.iter().filter_map(promotion).collect(),
        ..PaymentNotes::default()
    })
}

/// One promotion, in v2's words or in v3's; none if it has no amount.
fn promotion(one: &Value) -> Option<Promotion> {
    let owned = |names: &[&str]| text_of(one, names).unwrap_or_default().to_owned();
    let fen = |name| fen(one, name);
    let amount_fen = fen("amount").filter(|amount_fen| *amount_fen >= 0)?;
    let wallet_fen = fen("wxpay_contribute").or(fen("wechatpay_contribute"));
    let shares = shares(
        amount_fen,
        fen("merchant_contribute").unwrap_or(0),
        wallet_fen.unwrap_or(0),
    );
    Some(Promotion {
        promotion_id: owned(&["promotion_id", "coupon_id"]),
        name: owned(&["name"]),
        scope: match text(one, "scope") {
            Some("SINGLE") => PromotionScope::Goods,
            _ => PromotionScope::Order,
        },
        kind: if is_coupon(one) {
            PromotionKind::Coupon
        } else {
            PromotionKind::Discount
        },
        amount_fen,
        activity_id: owned(&["activity_id", "stock_id"]),
        wallet_fen: shares.wallet_fen,
        merchant_fen: shares.merchant_fen,
        other_fen: shares.other_fen,
        goods: elements(one, "goods_detail").iter().map(goods).collect(),
    })
}

/// Whether the merchant was paid for it in advance: v3 CASH, v2 COUPON.
pub(super) fn is_coupon(promotion: &Value) -> bool {
    matches!(text(promotion, "type"), Some("CASH" | "COUPON"))
}

fn goods(one: &Value) -> PromotionGoods {
    PromotionGoods {
        goods_id: text(one, "goods_id").unwrap_or_default().to_owned(),
        quantity: whole(one, "quantity").unwrap_or(0),
        price_fen: fen(one, "price").or(fen(one, "unit_price")).unwrap_or(0),
        discount_fen: fen(one, "discount_amount").unwrap_or(0),
        remark: text(one, "goods_remark").unwrap_or_default().to_owned(),
    }
}
