//! `cancel`, 交易撤销. Source: Chaoying v2.5.3, section 4.7.

use heliu_trade::command::{Cancel, Command, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::OrderState;

use crate::payment::line;

use super::super::attribute;
use super::super::codes::{self, Status};
use super::super::fields::{Fields, LABEL_MAX, order_reference};
use super::super::interface::{Call, Interface};
use super::super::members::Members;
use super::{PATH, order as facts};

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("cancel"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused,
    fields: &[],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    fields.has_wallet()?;
    let order = order_reference([fields.by_merchant_number(), None])?;
    fields.text(attribute::OP_USER_ID, LABEL_MAX)?;
    Ok(Command::Cancel(Cancel { order }))
}

/// A cancel worked, or goes on working (rulings 17, 19 and 65).
fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Order {
        order, attempts, ..
    } = reply
    else {
        return None;
    };
    match order.state {
        OrderState::Paid => return Some(Members::opened(&codes::cancel_refused())),
        OrderState::Open | OrderState::Paying | OrderState::Reversing => {
            return Some(Members::opened(&codes::cancelling()));
        }
        OrderState::Failed | OrderState::Closed | OrderState::Expired | OrderState::Reversed => {}
    }
    let mut done = Members::opened(&Status::done(true));
    done.text("mch_id", order.app_id.as_str())
        .text("nonce_str", call.nonce());
    facts::provider_numbers(&mut done, order, line(order, attempts));
    Some(done)
}

fn refused(error: &TradeError) -> Option<Status> {
    let sentence = match error.code {
        ErrorCode::OrderPaid => "订单已有退款，不允许撤销".to_owned(),
        ErrorCode::Declined => codes::with_reason("撤销失败", error.reason.as_deref()),
        code if codes::is_conflict(code) => "订单状态不允许撤销".to_owned(),
        _ => return None,
    };
    Some(Status::failed("20011", sentence))
}
