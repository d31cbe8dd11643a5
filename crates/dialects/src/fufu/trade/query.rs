//! `/query`, 查詢: the only interface where an unknown `trade_no` falls back to `out_trade_no`, and
//! where both may be a refund's (ruling 55). Source: Fufu V1.1.1, section 2.5.

use heliu_trade::command::{Command, Query, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::money::Currency;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;

use super::super::codes;
use super::answer::Answer;
use super::facts;
use super::fields::Fields;
use super::interface::{Call, Interface, word_alone};
use crate::object::Object;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/query",
    read,
    told,
    refused: word_alone,
};

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.time_zone()?;
    Ok(Command::Query(Query {
        order: fields.order(true)?,
        finds_refunds: true,
    }))
}

fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let data = match reply {
        Reply::Order {
            order, auth_code, ..
        } => facts::succeeded(order, auth_code.as_deref(), call.zone),
        Reply::Refund { order, refund, .. } => queried(order, refund, call.zone),
        _ => return None,
    };
    Some(Answer::Data(data))
}

/// `data` of a query that found a refund under its number (ruling 55): both numbers are the
/// refund's.
fn queried(order: &Order, refund: &Refund, call_zone: Option<&str>) -> Object {
    let time_zone = facts::refund_time_zone(order, refund);
    let zone = codes::zone(time_zone);
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("channel_type", codes::channel_type(order.wallet));
    data.text("out_trade_no", &refund.merchant_refund_no);
    data.text("trade_no", &refund.refund_no.to_string());
    facts::refund_actor(&mut data, refund);
    data.text("begin_time", &refund.created_at.compact(&zone));
    if let Some(at) = refund.ended_at {
        data.text("end_time", &at.compact(&zone));
    }
    data.number("refund_fee", refund.amounts.amount_minor);
    data.text("fee_type", order.currency.as_str());
    if order.currency != Currency::CNY {
        data.number("refund_amount_cny", refund.amounts.payable_fen);
    }
    data.number("state", codes::refund_state(refund));
    data.optional("time_zone", time_zone.or(call_zone));
    data
}
