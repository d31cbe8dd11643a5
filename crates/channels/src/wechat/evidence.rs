//! What a verified message says about an order, once it is compared with ours.
//!
//! Sources: channel notes 1.6, 1.15, 1.18, 1.23 and ruling 4. Amounts are in fen. The merchant's
//! part of the discounts comes from `promotion_detail`, where only coupons that are not paid for in
//! advance count (types NOCASH and DISCOUNT): the others are received. Without that detail it is
//! what `settlement_total_fee` falls short of the total.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::attempt::AttemptState;
use heliu_trade::promotion::PaymentNotes;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{DeclineKind, Evidence, Verdict};
use serde_json::Value;

use super::codes::{self, State};
use super::notes;
use super::party::{Parties, Provider, sub_appid, sub_mchid};
use super::v2::{field, same_parties};
use super::xml::Fields;
use crate::answer::{Doubt, decline, present, same, same_fen, same_if_present, waiting};
use crate::discount::divide;
use crate::json;
use crate::order::order_no;

const CNY: &str = "CNY";

/// What orderquery says.
pub(super) fn verdict_v2(order: &ChannelOrder<'_>, fields: &Fields) -> Result<Verdict, Doubt> {
    same(
        "out_trade_no",
        &order_no(order),
        field(fields, "out_trade_no"),
    )?;
    let word = present("trade_state", field(fields, "trade_state"))?;
    decide(order, word, || paid_v2(order, fields))
}

/// What a transaction of v3 says: an answer to a query, or the content of a notification.
pub(super) fn verdict_v3(
    order: &ChannelOrder<'_>,
    provider: Provider<'_>,
    transaction: &Value,
) -> Result<Verdict, Doubt> {
    let text = |name| json::text(transaction, name);
    same("out_trade_no", &order_no(order), text("out_trade_no"))?;
    same("sp_mchid", provider.mchid, text("sp_mchid"))?;
    same("sub_mchid", sub_mchid(order), text("sub_mchid"))?;
    same_if_present("sp_appid", provider.appid, text("sp_appid"))?;
    if let Some(ours) = sub_appid(order) {
        same_if_present("sub_appid", ours, text("sub_appid"))?;
    }
    let word = present("trade_state", text("trade_state"))?;
    decide(order, word, || paid_v3(order, transaction))
}

fn decide(
    order: &ChannelOrder<'_>,
    word: &str,
    paid: impl FnOnce() -> Result<Evidence, Doubt>,
) -> Result<Verdict, Doubt> {
    let is_reversed = order.attempt.state == AttemptState::Reversed;
    Ok(match codes::of_state(word) {
        State::Refunded if is_reversed => Verdict::Declined(decline(word, DeclineKind::Closed)),
        State::Paid | State::Refunded => Verdict::Paid(paid()?),
        State::Waiting => waiting(order),
        State::Confirming => Verdict::Pending,
        State::Declined(decline) => Verdict::Declined(decline),
        State::Unknown(why) => Verdict::Unknown(why),
    })
}

/// The evidence in a notification of v2, whose parties are compared too.
pub(super) fn notified_v2(
    order: &ChannelOrder<'_>,
    parties: &Parties<'_>,
    fields: &Fields,
) -> Result<Evidence, Doubt> {
    same_parties(parties, fields)?;
    paid_v2(order, fields)
}

/// The evidence in the fields of a paid v2 order.
pub(super) fn paid_v2(order: &ChannelOrder<'_>, fields: &Fields) -> Result<Evidence, Doubt> {
    let text = |name| field(fields, name);
    let fen = |name| text(name).and_then(json::digits);
    same("out_trade_no", &order_no(order), text("out_trade_no"))?;
    same_fen("total_fee", order.charge_fen, fen("total_fee"))?;
    same_if_present("fee_type", CNY, text("fee_type"))?;
    let payable_fen = order.charge_fen;
    let cash_fen = if text("cash_fee_type").is_none_or(|currency| currency == CNY) {
        present("cash_fee", fen("cash_fee"))?
    } else {
        payable_fen - fen("coupon_fee").unwrap_or(0)
    };
    let promotions = text("promotion_detail").map_or_else(Vec::new, promotions_v2);
    let merchant_fen = if promotions.is_empty() {
        fen("settlement_total_fee").map_or(0, |settled_fen| payable_fen - settled_fen)
    } else {
        merchant_part(&promotions)
    };
    let sub_payer = sub_appid(order).and_then(|_| text("sub_openid"));
    let paid_at = text("time_end").and_then(Timestamp::parse_beijing_compact);
    Ok(assemble(
        order,
        Facts {
            cash_fen,
            merchant_fen,
            channel_order_no: present("transaction_id", text("transaction_id"))?,
            payer_id: sub_payer.or_else(|| text("openid")),
            bank_type: text("bank_type"),
            paid_at: present("time_end", paid_at)?,
            notes: notes::v2(order, fields, &promotions),
        },
    ))
}

fn paid_v3(order: &ChannelOrder<'_>, transaction: &Value) -> Result<Evidence, Doubt> {
    let text = |name| json::text(transaction, name);
    let amount = present("amount", transaction.get("amount"))?;
    same_fen("amount.total", order.charge_fen, json::fen(amount, "total"))?;
    same_if_present("amount.currency", CNY, json::text(amount, "currency"))?;
    let promotions = json::elements(transaction, "promotion_detail");
    let cash_fen = if json::text(amount, "payer_currency").is_none_or(|currency| currency == CNY) {
        present("amount.payer_total", json::fen(amount, "payer_total"))?
    } else {
        order.charge_fen
            - promotions
                .iter()
                .filter_map(|one| json::fen(one, "amount"))
                .sum::<i64>()
    };
    let payer = transaction.get("payer").unwrap_or(&Value::Null);
    let sub_payer = sub_appid(order).and_then(|_| json::text(payer, "sub_openid"));
    let paid_at = text("success_time").and_then(Timestamp::parse_rfc3339);
    Ok(assemble(
        order,
        Facts {
            cash_fen,
            merchant_fen: merchant_part(promotions),
            channel_order_no: present("transaction_id", text("transaction_id"))?,
            payer_id: sub_payer.or_else(|| json::text(payer, "sp_openid")),
            bank_type: text("bank_type"),
            paid_at: present("success_time", paid_at)?,
            notes: notes::v3(order, transaction, promotions),
        },
    ))
}

struct Facts<'a> {
    cash_fen: i64,
    merchant_fen: i64,
    channel_order_no: &'a str,
    payer_id: Option<&'a str>,
    bank_type: Option<&'a str>,
    paid_at: Timestamp,
    notes: Option<Box<PaymentNotes>>,
}

fn assemble(order: &ChannelOrder<'_>, facts: Facts<'_>) -> Evidence {
    let parts = divide(order.charge_fen, facts.cash_fen, facts.merchant_fen);
    Evidence {
        payable_fen: order.charge_fen,
        cash_fen: parts.cash_fen,
        merchant_discount_fen: parts.merchant_fen,
        channel_discount_fen: parts.channel_fen,
        channel_order_no: facts.channel_order_no.to_owned(),
        payer_order_no: order_no(order),
        payer_id: facts.payer_id.map(str::to_owned),
        funding: codes::funding(facts.bank_type),
        paid_at: facts.paid_at,
        notes: facts.notes,
    }
}

/// v2 sends the promotions as JSON text, as an object around the list or as the list itself.
fn promotions_v2(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(list)) => list,
        Ok(value) => json::elements(&value, "promotion_detail").to_vec(),
        Err(_) => Vec::new(),
    }
}

/// What the merchant gives up of its own, in fen; coupons paid for in advance (v3 CASH, v2 COUPON)
/// are received and do not count.
fn merchant_part(promotions: &[Value]) -> i64 {
    promotions
        .iter()
        .filter(|one| !notes::is_coupon(one))
        .filter_map(|one| json::fen(one, "merchant_contribute"))
        .fold(0, i64::saturating_add)
}
