//! Orders and refunds as interfaces and notifications tell them. Member order: published samples.

use heliu_trade::money::Currency;
use heliu_trade::order::{Order, OrderState, Payment};
use heliu_trade::refund::Refund;
use heliu_trade::time::{Timestamp, Zone};

use super::super::{attribute, codes};
use crate::object::Object;
use crate::payment::{attribute_of, refund_attribute};

/// `data` of a barcode order that is paid, and of a query.
pub(super) fn succeeded(order: &Order, auth_code: Option<&str>, call_zone: Option<&str>) -> Object {
    let payment = payment(order);
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    data.text("channel_type", codes::channel_type(order.wallet));
    numbers(&mut data, order);
    channel_numbers(&mut data, payment);
    data.optional("auth_code", auth_code);
    data.optional(
        "merchant_param",
        attribute_of(order, attribute::MERCHANT_PARAM),
    );
    actor(&mut data, order);
    times(&mut data, order);
    data.number("total_fee", order.amount_minor);
    if order.refunded.is_some() {
        data.number("refund_fee", order.refunded.amount_minor);
    }
    data.text("fee_type", order.currency.as_str());
    foreign(&mut data, order);
    if order.refunded.is_some() && order.currency != Currency::CNY {
        data.number("refund_amount_cny", order.refunded.payable_fen);
    }
    data.number("state", codes::state(order));
    credit(&mut data, payment);
    data.optional("time_zone", time_zone(order).or(call_zone));
    data
}

/// The merchant's number and ours.
pub(in super::super) fn numbers(data: &mut Object, order: &Order) {
    data.text("out_trade_no", &order.merchant_order_no);
    data.text("trade_no", &order.order_no.to_string());
}

/// The channel's number and the one that the payer sees.
pub(in super::super) fn channel_numbers(data: &mut Object, payment: Option<&Payment>) {
    if let Some(Payment { evidence, .. }) = payment {
        data.text("channel_trade_no", &evidence.channel_order_no);
        data.text("phone_code", &evidence.payer_order_no);
    }
}

/// Who sold it, and where, if the merchant said so.
pub(in super::super) fn actor(data: &mut Object, order: &Order) {
    data.optional("operator_id", attribute_of(order, attribute::OPERATOR_ID));
    data.optional("terminal_id", attribute_of(order, attribute::TERMINAL_ID));
}

/// Begin, and end once it is final, in the zone that the order named.
pub(in super::super) fn times(data: &mut Object, order: &Order) {
    let zone = zone(order);
    data.text("begin_time", &order.created_at.compact(&zone));
    if let Some(at) = ended_at(order) {
        data.text("end_time", &at.compact(&zone));
    }
}

/// When the payer paid, or the order ended otherwise.
fn ended_at(order: &Order) -> Option<Timestamp> {
    payment(order)
        .map(|payment| payment.evidence.paid_at)
        .or(order.ended_at)
}

/// Rate and charge of a foreign order.
pub(in super::super) fn foreign(data: &mut Object, order: &Order) {
    if let Some(rate) = rate(order) {
        data.text("exchange_rate", &rate);
        data.number("trans_amount_cny", order.charge_fen);
    }
}

pub(in super::super) fn rate(order: &Order) -> Option<String> {
    order
        .rate
        .filter(|_| order.currency != Currency::CNY)
        .map(|rate| rate.to_string())
}

pub(in super::super) fn credit(data: &mut Object, payment: Option<&Payment>) {
    if let Some(Payment { evidence, .. }) = payment {
        data.text("credit", codes::credit(evidence.funding));
    }
}

/// The payment, unless it was undone.
pub(in super::super) fn payment(order: &Order) -> Option<&Payment> {
    order
        .payment
        .as_ref()
        .filter(|_| order.state == OrderState::Paid)
}

/// `time_zone` as the order's request named it.
pub(in super::super) fn time_zone(order: &Order) -> Option<&str> {
    attribute_of(order, attribute::TIME_ZONE)
}

fn zone(order: &Order) -> Zone {
    codes::zone(time_zone(order))
}

/// Who refunded, and where.
pub(super) fn refund_actor(data: &mut Object, refund: &Refund) {
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
pub(super) fn refund_time_zone<'a>(order: &'a Order, refund: &'a Refund) -> Option<&'a str> {
    refund_attribute(refund, attribute::TIME_ZONE).or_else(|| time_zone(order))
}
