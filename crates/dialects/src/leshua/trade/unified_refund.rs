//! `unified_refund`, 退款. Source: Leshua trade services, section 4.5.

use heliu_trade::command::{Command, RefundCommand, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;

use super::super::{attribute, codes};
use super::call::{Answer, Call};
use super::fields::{ATTACH_MAX, Fields};
use super::interface::{Interface, failed};
use super::refund;

pub(super) const INTERFACE: Interface = Interface {
    name: "unified_refund",
    old_names: &[],
    read,
    told,
    refused,
    failed,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    Ok(Command::Refund(RefundCommand {
        order: fields.required_order()?,
        merchant_refund_no: fields.new_number(attribute::MERCHANT_REFUND_ID)?.to_owned(),
        amount_minor: fields.amount(attribute::REFUND_AMOUNT)?,
        order_amount_minor: None,
        reason: String::new(),
        notify_url: fields.address(attribute::NOTIFY_URL)?,
        attributes: fields.attributes(&[(attribute::ATTACH, ATTACH_MAX)])?,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Refund {
        order,
        refund,
        attempts,
    } = reply
    else {
        return None;
    };
    let mut members = call.frame("0");
    refund::told(&mut members, order, refund, attempts, call.nonce());
    Some(Answer::Signed(members))
}

/// A refund that the channel refused has its status for an answer.
fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    let order = error.order.as_deref();
    match error.code {
        ErrorCode::Declined => Some(order.map_or_else(
            || Answer::gateway(codes::GATEWAY_FAULT),
            |order| declined(call, order, error.reason.as_deref()),
        )),
        ErrorCode::OrderPaid
        | ErrorCode::OrderEnded
        | ErrorCode::OrderReversed
        | ErrorCode::OrderKindNotSupported => Some(call.failed(codes::NOT_REFUNDABLE)),
        _ => None,
    }
}

/// A refund that failed, as far as the error knows it: number and amount as the request named them.
fn declined(call: Call<'_>, order: &Order, reason: Option<&str>) -> Answer {
    let mut members = call.frame("0");
    members
        .text("third_order_id", &*order.merchant_order_no)
        .text("nonce_str", call.nonce())
        .text("status", codes::REFUND_FAILED)
        .text("leshua_order_id", order.order_no.to_string())
        .optional(
            "merchant_refund_id",
            call.echo.get(attribute::MERCHANT_REFUND_ID),
        )
        .optional("refund_amount", call.echo.get(attribute::REFUND_AMOUNT))
        .amount("total_amount", order.amount_minor)
        .amount("order_balance", order.refundable_minor())
        .optional("failure_reason", reason);
    Answer::Signed(members)
}
