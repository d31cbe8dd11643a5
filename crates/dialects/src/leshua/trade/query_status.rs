//! `query_status`, 交易结果查询. Source: Leshua trade services, section 4.3.

use heliu_trade::command::{Command, Query, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;

use crate::payment::line;

use super::super::codes::{self, Word};
use super::super::sign::ERROR_CODE;
use super::call::{Answer, Call};
use super::fields::Fields;
use super::interface::Interface;

pub(super) const INTERFACE: Interface = Interface {
    name: "query_status",
    old_names: &["query_order"],
    read,
    told,
    refused,
    failed,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    Ok(Command::Query(Query {
        order: fields.required_order()?,
        finds_refunds: false,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Order {
        order, attempts, ..
    } = reply
    else {
        return None;
    };
    let mut members = call.frame("0");
    call.order(&mut members, order, line(order, attempts));
    Some(Answer::Signed(members))
}

fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    let is_unknown = error.code == ErrorCode::OrderNotFound;
    is_unknown.then(|| failed(call, codes::NO_SUCH_ORDER, error.order.as_deref()))
}

/// A failure names a wallet here, known or not (ruling 57).
fn failed(call: Call<'_>, word: Word, order: Option<&Order>) -> Answer {
    let mut members = call.failure();
    members
        .text("nonce_str", call.nonce())
        .text("pay_way", codes::failed_query_pay_way(order))
        .text(ERROR_CODE, word.code)
        .text("error_msg", word.text);
    Answer::Signed(members)
}
