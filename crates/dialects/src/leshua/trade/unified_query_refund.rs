//! `unified_query_refund`, 退款查询: a refund of an order; clients are known that name the order
//! only and mean its newest refund. Source: Leshua trade services, section 4.6.

use heliu_trade::command::{Command, QueryRefund, RefundReference, Reply};
use heliu_trade::error::TradeError;

use super::super::{attribute, codes};
use super::call::{Answer, Call};
use super::fields::{Fields, no_number};
use super::interface::{Interface, as_all, failed};
use super::refund;

pub(super) const INTERFACE: Interface = Interface {
    name: "unified_query_refund",
    old_names: &[],
    read,
    told,
    refused: as_all,
    failed,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let ours = fields
        .any("leshua_refund_id")
        .map(|number| RefundReference::Platform(number.parse().ok()));
    let theirs = || {
        let number = fields.any(attribute::MERCHANT_REFUND_ID)?;
        Some(RefundReference::Merchant(number.to_owned()))
    };
    let order = fields.order();
    match (ours.or_else(theirs), order) {
        (Some(refund), order) => Ok(Command::QueryRefund(QueryRefund { refund, order })),
        (None, Some(order)) => Ok(Command::QueryRefund(QueryRefund {
            refund: RefundReference::NewestOf(order),
            order: None,
        })),
        (None, None) => Err(no_number()),
    }
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let (order, refund, attempts) = match reply {
        Reply::Refund {
            order,
            refund,
            attempts,
        } => (order, &**refund, attempts),
        Reply::Refunds {
            order,
            refunds,
            attempts,
        } => match refunds.last() {
            Some(newest) => (order, newest, attempts),
            None => return Some(call.failed(codes::NO_REFUNDS)),
        },
        _ => return None,
    };
    let mut members = call.frame("0");
    refund::told(&mut members, order, refund, attempts, call.nonce());
    Some(Answer::Signed(members))
}
