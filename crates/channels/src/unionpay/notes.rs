//! What a message about a paid order tells beside the money. Sources: channel notes 3.3, 3.8; the
//! members of `couponInfo` as UnionPay's form interfaces for QR codes name them.

use heliu_trade::promotion::{PaymentNotes, Promotion, PromotionKind, PromotionScope};
use serde_json::Value;

use crate::json::{fen, listed, text};
use crate::notes::{shares, told};

/// Who pays for a discount of UnionPay's own.
const UNIONPAY_ITSELF: &str = "00010000";

/// The discounts in a message; one without an amount is none. A merchant's own are those that name
/// it.
pub(super) fn coupons(message: &Value, mer_id: &str) -> Vec<Promotion> {
    let listed = listed(message, "couponInfo");
    let coupons = listed.iter().filter_map(|one| coupon(one, mer_id));
    coupons.collect()
}

fn coupon(one: &Value, mer_id: &str) -> Option<Promotion> {
    let amount_fen = fen(one, "offstAmt").filter(|amount_fen| *amount_fen >= 0)?;
    let owned = |name| text(one, name).unwrap_or_default().to_owned();
    let sponsor = text(one, "spnsrId").unwrap_or_default();
    let of = |is_sponsor: bool| if is_sponsor { amount_fen } else { 0 };
    let shares = shares(
        amount_fen,
        of(sponsor == mer_id),
        of(sponsor == UNIONPAY_ITSELF),
    );
    Some(Promotion {
        promotion_id: owned("id"),
        name: owned("desc"),
        scope: PromotionScope::Order,
        kind: PromotionKind::Discount,
        amount_fen,
        activity_id: owned("id"),
        wallet_fen: shares.wallet_fen,
        merchant_fen: shares.merchant_fen,
        other_fen: shares.other_fen,
        goods: Vec::new(),
    })
}

/// The notes in a message.
pub(super) fn told_of(
    message: &Value,
    card: Option<&str>,
    promotions: Vec<Promotion>,
) -> Option<Box<PaymentNotes>> {
    told(PaymentNotes {
        payer_account: text(message, "accNo").map(str::to_owned),
        bank: card.map(str::to_owned),
        promotions,
        ..PaymentNotes::default()
    })
}
