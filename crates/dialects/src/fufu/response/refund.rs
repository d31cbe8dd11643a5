//! A refund as `/refund`, `/refundQuery` and `/query` tell it. Source: Fufu V1.1.1, sections 2.4
//! and 2.8.

use heliu_trade::money::Currency;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};

use super::super::{attribute, codes};
use super::{Answer, declined, failure, order as told};
use crate::object::Object;
use crate::payment::refund_attribute;

/// `data` of a refund call: done, or under way and then without `end_time`.
pub(super) fn taken(order: &Order, refund: &Refund, call_zone: Option<&str>) -> Answer {
    if refund.state == RefundState::Failed {
        return match declined(refund.details.decline.as_ref()) {
            Ok(word) => failure(&word, call_zone),
            Err(word) => Answer::Call(word),
        };
    }
    let time_zone = time_zone(order, refund);
    let zone = codes::zone(time_zone);
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("channel_type", codes::channel_type(order.wallet));
    told::numbers(&mut data, order);
    actor(&mut data, refund);
    data.text("begin_time", &refund.created_at.compact(&zone));
    if let Some(at) = refund.ended_at {
        data.text("end_time", &at.compact(&zone));
    }
    data.number("refund_fee", refund.amounts.amount_minor);
    data.text("fee_type", order.currency.as_str());
    if let Some(rate) = told::rate(order) {
        data.text("exchange_rate", &rate);
        data.number("refund_amount_cny", refund.amounts.payable_fen);
    }
    data.text("out_refund_no", &refund.merchant_refund_no);
    data.text("refund_no", &refund.refund_no.to_string());
    data.optional("time_zone", time_zone.or(call_zone));
    Answer::Data(data)
}

/// `data` of a refund query: `out_trade_no` is the refund's number, `trade_no` the order's.
pub(super) fn found(order: &Order, refund: &Refund, call_zone: Option<&str>) -> Object {
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("out_trade_no", &refund.merchant_refund_no);
    data.text("trade_no", &order.order_no.to_string());
    data.text("refund_no", &refund.refund_no.to_string());
    data.text("trade_status", codes::trade_status(refund.state));
    if refund.state == RefundState::Succeeded {
        let time_zone = time_zone(order, refund);
        data.number("refund_fee", refund.amounts.amount_minor);
        data.text("refund_subject", &refund.details.reason);
        let at = refund.ended_at.unwrap_or(refund.created_at);
        data.text("gmt_refund_time", &at.compact(&codes::zone(time_zone)));
        actor(&mut data, refund);
        data.optional("time_zone", time_zone.or(call_zone));
    }
    data
}

/// `data` of a query that found a refund under its number (ruling 55): both numbers are the
/// refund's.
pub(super) fn queried(order: &Order, refund: &Refund, call_zone: Option<&str>) -> Object {
    let time_zone = time_zone(order, refund);
    let zone = codes::zone(time_zone);
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("channel_type", codes::channel_type(order.wallet));
    data.text("out_trade_no", &refund.merchant_refund_no);
    data.text("trade_no", &refund.refund_no.to_string());
    actor(&mut data, refund);
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

/// Who refunded, and where.
fn actor(data: &mut Object, refund: &Refund) {
    data.optional(
        "operator_id",
        refund_attribute(refund, attribute::OPERATOR_ID),
    );
    data.optional(
        "terminal_id",
        refund_attribute(refund, attribute::TERMINAL_ID),
    );
}

/// The refund's own zone if its call named one, else its order's.
fn time_zone<'a>(order: &'a Order, refund: &'a Refund) -> Option<&'a str> {
    refund_attribute(refund, attribute::TIME_ZONE).or_else(|| told::time_zone(order))
}
