//! Refunds as refund, refund query and notification tell them. Source: Leshua trade services,
//! sections 4.5, 4.6 and 5.3.

use heliu_trade::attempt::Attempt;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Timestamp;

use crate::payment::{line, refund_attribute, refunded_at};

use super::super::{attribute, codes};
use super::call::sub_merchant_id;
use super::members::{Members, SUB_MERCHANT_ID};

/// A refund after the frame, whatever became of it.
pub(super) fn told(
    members: &mut Members,
    order: &Order,
    refund: &Refund,
    attempts: &[Attempt],
    nonce: String,
) {
    members
        .optional(SUB_MERCHANT_ID, sub_merchant_id(line(order, attempts)))
        .text("third_order_id", &*order.merchant_order_no)
        .text("nonce_str", nonce)
        .text("status", codes::refund_status(refund.state))
        .text("leshua_order_id", order.order_no.to_string())
        .text("merchant_refund_id", &*refund.merchant_refund_no)
        .text("leshua_refund_id", refund.refund_no.to_string())
        .amount("refund_amount", refund.amounts.amount_minor)
        .amount("total_amount", order.amount_minor)
        .amount("settlement_refund_amount", refund.amounts.receivable_fen)
        .amount("order_balance", order.refundable_minor())
        .optional("attach", refund_attribute(refund, attribute::ATTACH));
    end(members, refund);
}

/// What a notification tells of the refund itself.
pub(in super::super) fn facts(members: &mut Members, refund: &Refund) {
    members
        .text("status", codes::refund_status(refund.state))
        .text("merchant_refund_id", &*refund.merchant_refund_no)
        .text("leshua_refund_id", refund.refund_no.to_string())
        .amount("refund_amount", refund.amounts.amount_minor);
}

/// `refund_time` of one that succeeded, `failure_reason` of one that failed.
pub(in super::super) fn end(members: &mut Members, refund: &Refund) {
    match refund.state {
        RefundState::Refunding => {}
        RefundState::Succeeded => {
            let at = refunded_at(refund).map(Timestamp::beijing_spaced);
            members.optional("refund_time", at);
        }
        RefundState::Failed => {
            let reason = refund
                .details
                .decline
                .as_ref()
                .map(|decline| &*decline.reason);
            members.optional("failure_reason", reason);
        }
    }
}
