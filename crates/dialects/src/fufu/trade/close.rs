//! `/close`, 關閉訂單: for preOrder orders. Source: Fufu V1.1.1, section 2.7.

use heliu_trade::command::{Close, Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::OrderState;

use super::super::codes;
use super::answer::Answer;
use super::fields::Fields;
use super::interface::{Call, Interface};
use super::undone;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/close",
    read,
    told,
    refused: undone::refused,
};

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.actor()?;
    Ok(Command::Close(Close {
        order: fields.order(false)?,
    }))
}

fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let Reply::Order { order, .. } = reply else {
        return None;
    };
    Some(undone::told(refusal(order.state), order, call.zone))
}

/// What a close found, as the word of its refusal; `None`: it worked.
const fn refusal(state: OrderState) -> Option<&'static str> {
    match state {
        OrderState::Closed => None,
        OrderState::Paid => Some(codes::ORDER_PAID),
        OrderState::Failed | OrderState::Expired | OrderState::Reversing | OrderState::Reversed => {
            Some(codes::ORDER_FAILED)
        }
        OrderState::Open | OrderState::Paying => Some(codes::SERVICE_UNAVAILABLE),
    }
}
