//! Refunds as `refund` and `refundquery` tell them. Source: Chaoying v2.5.3, sections 4.5 and 4.6;
//! split of cash and coupon: ruling 6.

use heliu_trade::attempt::Attempt;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

use crate::object::{Object, array_text};
use crate::payment::{line, refunded_at};

use super::super::codes;
use super::members::Members;
use super::order::{provider_app_id, provider_numbers};

/// The members of a refund that was taken.
pub(super) fn taken(members: &mut Members, order: &Order, refund: &Refund, nonce: String) {
    order_numbers(members, order, false);
    members
        .text("out_refund_no", &refund.merchant_refund_no)
        .text("refund_id", refund.refund_no.to_string())
        .text("refund_channel", codes::ORIGINAL)
        .amount("base_fee", order.charge_fen)
        .amount("total_fee", cash_fen(order))
        .amount("base_refund_fee", refund.amounts.payable_fen)
        .amount("refund_fee", refund.amounts.cash_fen)
        .amount("coupon_refund_fee", coupon_fen(refund))
        .text("nonce_str", nonce);
}

/// The members of a query. What was asked for sums up all that did not fail, what was really
/// refunded only what is finished (ruling 17).
pub(super) fn found(
    members: &mut Members,
    order: &Order,
    attempts: &[Attempt],
    refunds: &[&Refund],
    nonce: String,
) {
    let line = line(order, attempts);
    members.text("mch_id", order.app_id.as_str());
    if order.wallet == Some(WalletKind::Wechat) {
        members.optional("appid", provider_app_id(line));
    }
    order_numbers(members, order, true);
    let (mut base_fen, mut cash_fen) = (0, 0);
    for refund in refunds {
        match refund.state {
            RefundState::Failed => {}
            RefundState::Refunding => base_fen += refund.amounts.payable_fen,
            RefundState::Succeeded => {
                base_fen += refund.amounts.payable_fen;
                cash_fen += refund.amounts.cash_fen;
            }
        }
    }
    let entries = refunds.iter().enumerate();
    let list = array_text(entries.map(|(index, refund)| entry(index, refund)));
    members
        .amount("base_refund_fee_summary", base_fen)
        .amount("refund_fee_summary", cash_fen)
        .text("refund_count", refunds.len().to_string())
        .text("refund_list", list)
        .text("nonce_str", nonce);
    provider_numbers(members, order, line);
}

/// The order's numbers; a query prints them in another order, after the merchant's number.
fn order_numbers(members: &mut Members, order: &Order, is_query: bool) {
    let channel_order_no = order
        .payment
        .as_ref()
        .map(|payment| payment.evidence.channel_order_no.as_str());
    if !is_query {
        members
            .text("mch_id", order.app_id.as_str())
            .text("out_trade_no", &order.merchant_order_no);
    }
    members
        .text("transaction_id", order.order_no.to_string())
        .mandatory("out_transaction_id", channel_order_no);
    if is_query {
        members.text("out_trade_no", &order.merchant_order_no);
    }
}

fn entry(index: usize, refund: &Refund) -> Object {
    let evidence = refund.details.evidence.as_ref();
    let at = refunded_at(refund).map(Timestamp::beijing_spaced);
    let coupon = Some(coupon_fen(refund)).filter(|fen| *fen > 0);
    let coupon = coupon.map(|fen| fen.to_string());
    let mut object = Object::new();
    object
        .text("serial_no", &index.to_string())
        .text("refund_id", &refund.refund_no.to_string())
        // Empty until the channel has finished.
        .text(
            "out_refund_id",
            evidence.map_or("", |evidence| &evidence.channel_refund_no),
        )
        .text("out_refund_no", &refund.merchant_refund_no)
        .text("base_refund_fee", &refund.amounts.payable_fen.to_string())
        .text("refund_fee", &refund.amounts.cash_fen.to_string())
        .optional("coupon_refund_fee", coupon.as_deref())
        .text("refund_status", codes::refund_status(refund.state))
        .text("refund_channel", codes::ORIGINAL)
        .optional("refund_time", at.as_deref());
    object
}

/// What the payer paid in money.
fn cash_fen(order: &Order) -> i64 {
    let payment = order.payment.as_ref();
    payment.map_or(order.charge_fen, |payment| payment.evidence.cash_fen)
}

fn coupon_fen(refund: &Refund) -> i64 {
    refund.amounts.payable_fen - refund.amounts.cash_fen
}
