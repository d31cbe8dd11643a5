//! `orderquery`, 订单查询: `out_trade_no` wins. Source: Chaoying v2.5.3, section 4.4.

use heliu_trade::command::{Command, Query, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::OrderState;

use super::super::codes;
use super::super::fields::{Fields, order_reference};
use super::super::interface::{Call, Interface};
use super::super::members::Members;
use super::{PATH, order as facts};

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("orderquery"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused: codes::ended_already,
    fields: &[],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    fields.has_wallet()?;
    let order = order_reference([fields.by_merchant_number(), fields.by_platform_number()])?;
    Ok(Command::Query(Query {
        order,
        finds_refunds: false,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Order {
        order, attempts, ..
    } = reply
    else {
        return None;
    };
    let mut members = Members::opened(&codes::queried(order, attempts));
    if order.state == OrderState::Paid {
        facts::paid(&mut members, order, attempts, call.nonce(), true);
    }
    Some(members)
}
