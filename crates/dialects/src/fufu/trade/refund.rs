//! `/refund`, 退款. `fee_type` is ignored: a refund is in its order's currency. Source: Fufu
//! V1.1.1, section 2.4.

use heliu_trade::command::{Command, RefundCommand, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};

use super::super::codes;
use super::answer::Answer;
use super::facts;
use super::fields::Fields;
use super::interface::{Call, Interface, word_alone};
use crate::object::Object;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/refund",
    read,
    told,
    refused: word_alone,
};

/// Longest `refund_subject`; the table names no length.
const REASON_MAX: usize = 256;

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.requires("refund_fee")?;
    Ok(Command::Refund(RefundCommand {
        order: fields.order(false)?,
        order_amount_minor: None,
        merchant_refund_no: fields.required_number("out_refund_no")?.into_owned(),
        notify_url: None,
        reason: fields.required("refund_subject", REASON_MAX)?.into_owned(),
        attributes: fields.actor()?,
        amount_minor: fields.amount("refund_fee")?,
    }))
}

fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let Reply::Refund { order, refund, .. } = reply else {
        return None;
    };
    Some(taken(order, refund, call.zone))
}

/// `data` of a refund call: done, or under way and then without `end_time`.
fn taken(order: &Order, refund: &Refund, call_zone: Option<&str>) -> Answer {
    if refund.state == RefundState::Failed {
        return Answer::declined(refund.details.decline.as_ref(), call_zone);
    }
    let time_zone = facts::refund_time_zone(order, refund);
    let zone = codes::zone(time_zone);
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("channel_type", codes::channel_type(order.wallet));
    facts::numbers(&mut data, order);
    facts::refund_actor(&mut data, refund);
    data.text("begin_time", &refund.created_at.compact(&zone));
    if let Some(at) = refund.ended_at {
        data.text("end_time", &at.compact(&zone));
    }
    data.number("refund_fee", refund.amounts.amount_minor);
    data.text("fee_type", order.currency.as_str());
    if let Some(rate) = facts::rate(order) {
        data.text("exchange_rate", &rate);
        data.number("refund_amount_cny", refund.amounts.payable_fen);
    }
    data.text("out_refund_no", &refund.merchant_refund_no);
    data.text("refund_no", &refund.refund_no.to_string());
    data.optional("time_zone", time_zone.or(call_zone));
    Answer::Data(data)
}
