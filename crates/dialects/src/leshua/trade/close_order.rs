//! `close_order`, 订单关闭. Source: Leshua trade services, section 4.4.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Close, Command, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};

use crate::payment::line;

use super::super::codes;
use super::call::{Answer, Call};
use super::fields::Fields;
use super::interface::{Interface, failed};
use super::members::SUB_MERCHANT_ID;

pub(super) const INTERFACE: Interface = Interface {
    name: "close_order",
    old_names: &[],
    read,
    told,
    refused,
    failed,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    Ok(Command::Close(Close {
        order: fields.required_order()?,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Order {
        order, attempts, ..
    } = reply
    else {
        return None;
    };
    Some(if order.state == OrderState::Paid {
        call.failed(codes::ORDER_PAID)
    } else {
        closed(call, order, line(order, attempts))
    })
}

/// A close that finds its order ended already: its status is the answer.
fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    let order = error.order.as_deref();
    match (error.code, order) {
        (ErrorCode::OrderKindNotSupported, _) => Some(call.failed(codes::BAD_PARAMETER)),
        (ErrorCode::OrderEnded | ErrorCode::OrderReversed, Some(order)) => {
            Some(closed(call, order, None))
        }
        _ => None,
    }
}

fn closed(call: Call<'_>, order: &Order, line: Option<&Attempt>) -> Answer {
    let mut members = call.frame("0");
    members
        .optional(SUB_MERCHANT_ID, call.sub_merchant_id(order, line))
        .text("third_order_id", &*order.merchant_order_no)
        .text("nonce_str", call.nonce())
        .text("status", codes::closed_status(order))
        .text("leshua_order_id", order.order_no.to_string());
    Answer::Signed(members)
}
