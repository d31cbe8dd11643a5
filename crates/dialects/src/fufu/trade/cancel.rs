//! `/cancel`, 撤單: for barcode orders. Source: Fufu V1.1.1, section 2.6.

use heliu_trade::command::{Cancel, Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::OrderState;

use super::super::codes;
use super::answer::Answer;
use super::fields::Fields;
use super::interface::{Call, Interface};
use super::undone;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/cancel",
    read,
    told,
    refused: undone::refused,
};

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.actor()?;
    Ok(Command::Cancel(Cancel {
        order: fields.order(false)?,
    }))
}

fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let Reply::Order { order, .. } = reply else {
        return None;
    };
    Some(undone::told(refusal(order.state), order, call.zone))
}

/// What a cancel found, as the word of its refusal; `None`: it worked, or goes on working.
const fn refusal(state: OrderState) -> Option<&'static str> {
    match state {
        OrderState::Open | OrderState::Paying | OrderState::Reversing | OrderState::Reversed => {
            None
        }
        OrderState::Paid => Some(codes::ORDER_PAID),
        OrderState::Failed | OrderState::Closed => Some(codes::ORDER_FAILED),
        OrderState::Expired => Some(codes::AREADY_REVOKED),
    }
}
