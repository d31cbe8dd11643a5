//! What a verified message says about an order, once it is compared with ours.
//!
//! Sources: channel notes 3.4, 3.8 and ruling 4. Amounts are in fen. Discounts come from
//! `couponInfo`, whose members are those of the form interfaces.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Evidence, Verdict};
use serde_json::Value;

use super::biz::{CNY, mer_id_of};
use super::codes::{self, State};
use super::notes;
use crate::account::{optional, required};
use crate::answer::{Doubt, Stop, present, same, same_fen, same_if_present, waiting};
use crate::discount::divide;
use crate::json::{fen, text, text_of};
use crate::order::order_no;

/// The member that tells the card, unless the account says otherwise.
const CARD_MEMBER: &str = "cardAttr";

/// What a query of the order says.
pub(super) fn verdict(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    answer: &Value,
) -> Result<Verdict, Doubt> {
    same("orderNo", &order_no(order), text(answer, "orderNo"))?;
    let word = present("origRespCode", text(answer, "origRespCode"))?;
    Ok(match codes::of_order(word) {
        State::Paid => Verdict::Paid(paid(upstream, order, answer)?),
        State::Waiting => waiting(order),
        State::Declined(decline) => Verdict::Declined(decline),
        State::Unknown(why) => Verdict::Unknown(why),
    })
}

/// The evidence in a message about a paid order.
pub(super) fn paid(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    message: &Value,
) -> Result<Evidence, Doubt> {
    let number = order_no(order);
    same("orderNo", &number, text(message, "orderNo"))?;
    same_fen("txnAmt", order.charge_fen, fen(message, "txnAmt"))?;
    same_if_present("currencyCode", CNY, text(message, "currencyCode"))?;
    let mer_id = mer_id_of(order)
        .map_err(|_| Doubt::Mismatch("the account names no merchant".to_owned()))?;
    same_if_present("merId", mer_id, text(message, "merId"))?;
    let coupons = notes::coupons(message, mer_id);
    let discount_fen = coupons
        .iter()
        .map(|coupon| coupon.amount_fen)
        .fold(0, i64::saturating_add);
    let merchant_fen = coupons
        .iter()
        .map(|coupon| coupon.merchant_fen)
        .fold(0, i64::saturating_add);
    let parts = divide(
        order.charge_fen,
        order.charge_fen.saturating_sub(discount_fen),
        merchant_fen,
    );
    let card_member = optional(order.account, "card_member").unwrap_or(CARD_MEMBER);
    let card = text(message, card_member).map(codes::card);
    Ok(Evidence {
        payable_fen: order.charge_fen,
        cash_fen: parts.cash_fen,
        merchant_discount_fen: parts.merchant_fen,
        channel_discount_fen: parts.channel_fen,
        channel_order_no: present("transIndex", text(message, "transIndex"))?.to_owned(),
        payer_order_no: number,
        payer_id: text(message, "userId").map(str::to_owned),
        funding: codes::funding(card),
        paid_at: time(message).unwrap_or_else(|| upstream.now()),
        notes: notes::told_of(message, card, coupons),
    })
}

/// When it happened, `yyyyMMddHHmmss` in Beijing time. The public text names no member for it.
pub(super) fn time(message: &Value) -> Option<Timestamp> {
    text_of(message, &["payTime", "refundTime", "txnTime", "transTime"])
        .and_then(Timestamp::parse_beijing_compact)
}

/// A notification names the service provider and the merchant, and they are ours; so is the
/// currency if it names one. Whoever names nobody may mean anybody.
pub(super) fn compare_parties(order: &ChannelOrder<'_>, message: &Value) -> Result<(), Doubt> {
    let ours = |stop: Stop| Doubt::Mismatch(stop.into_unknown().why);
    let provider = required(order.account, "serProvId").map_err(ours)?;
    let mer_id = mer_id_of(order).map_err(ours)?;
    for (name, ours) in [("serProvId", provider), ("merId", mer_id)] {
        let found = text(message, name)
            .ok_or_else(|| Doubt::Mismatch(format!("it names no {name}, ours is {ours}")))?;
        same(name, ours, Some(found))?;
    }
    same_if_present("currencyCode", CNY, text(message, "currencyCode"))
}
