//! `/refundQuery`, 退款查詢: `out_trade_no` holds the merchant's refund number; `out_refund_no` is
//! taken if it is absent, and there is no falling back to an order's number. Source: Fufu V1.1.1,
//! section 2.8.

use heliu_trade::command::{Command, QueryRefund, RefundReference, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};

use super::super::codes;
use super::answer::Answer;
use super::facts;
use super::fields::Fields;
use super::interface::{Call, Interface, word_alone};
use crate::object::Object;
use crate::parameters::illegal;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/refundQuery",
    read,
    told,
    refused: word_alone,
};

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.actor()?;
    let number = match fields.number("out_trade_no")? {
        Some(number) => Some(number),
        None => fields.number("out_refund_no")?,
    };
    let problem = "out_trade_no is missing: it holds the refund's number here";
    let number = number.ok_or_else(|| illegal("out_trade_no", problem))?;
    Ok(Command::QueryRefund(QueryRefund {
        refund: RefundReference::Merchant(number.into_owned()),
        order: None,
    }))
}

fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let Reply::Refund { order, refund, .. } = reply else {
        return None;
    };
    Some(Answer::Data(found(order, refund, call.zone)))
}

/// `data` of a refund query: `out_trade_no` is the refund's number, `trade_no` the order's.
fn found(order: &Order, refund: &Refund, call_zone: Option<&str>) -> Object {
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("out_trade_no", &refund.merchant_refund_no);
    data.text("trade_no", &order.order_no.to_string());
    data.text("refund_no", &refund.refund_no.to_string());
    data.text("trade_status", codes::trade_status(refund.state));
    if refund.state == RefundState::Succeeded {
        let time_zone = facts::refund_time_zone(order, refund);
        data.number("refund_fee", refund.amounts.amount_minor);
        data.text("refund_subject", &refund.details.reason);
        let at = refund.ended_at.unwrap_or(refund.created_at);
        data.text("gmt_refund_time", &at.compact(&codes::zone(time_zone)));
        facts::refund_actor(&mut data, refund);
        data.optional("time_zone", time_zone.or(call_zone));
    }
    data
}
