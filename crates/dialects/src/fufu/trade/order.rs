//! `/order`, 被掃交易: the shop scans the payer. Source: Fufu V1.1.1, section 2.1.

use heliu_trade::command::{Command, Consent, Pay, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};

use super::super::{attribute, codes};
use super::answer::{Answer, declined};
use super::fields::Fields;
use super::interface::{Call, Interface, Refusal, word_alone};
use super::{facts, new_order};
use crate::object::Object;
use crate::payment::attribute_of;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/order",
    read,
    told,
    refused,
};

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.requires("total_fee")?;
    let wallet = fields.wallet()?;
    let auth_code = fields.required_identifier("auth_code", 100)?.into_owned();
    let order = new_order::read(fields)?;
    Ok(Command::Pay(Pay {
        order,
        wallet,
        consent: Consent::Barcode,
        auth_code,
    }))
}

/// The end of a barcode call. Source: section 2.1 with README 4.
fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let Reply::Order {
        order, auth_code, ..
    } = reply
    else {
        return None;
    };
    let auth_code = auth_code.as_deref();
    let failed = |word: &str| Answer::Data(failed(order, word, auth_code, call.zone));
    Some(match order.state {
        OrderState::Paid => Answer::Data(facts::succeeded(order, auth_code, call.zone)),
        OrderState::Failed => match declined(order.decline.as_ref()) {
            Ok(word) => failed(&word),
            Err(word) => Answer::Call(word),
        },
        OrderState::Closed => failed(codes::ORDER_FAILED),
        OrderState::Reversing | OrderState::Reversed | OrderState::Expired => {
            failed(codes::AREADY_REVOKED)
        }
        // The wait is over and nothing is decided: not a word that a till could take as final.
        OrderState::Open | OrderState::Paying => Answer::Call(codes::SERVICE_UNAVAILABLE),
    })
}

/// An order that ended unpaid is told whole.
fn refused(refusal: Refusal<'_>) -> Answer {
    let tells_all = matches!(refusal.code, ErrorCode::Declined | ErrorCode::OrderReversed);
    match refusal.order.filter(|_| tells_all) {
        Some(order) => Answer::Data(failed(order, refusal.word, None, refusal.zone)),
        None => word_alone(refusal),
    }
}

/// `data` of a barcode order that was not paid, with all echoes, also once it is reversed (ruling
/// 35).
fn failed(order: &Order, word: &str, auth_code: Option<&str>, call_zone: Option<&str>) -> Object {
    let mut data = Object::new();
    data.text("return_code", codes::FAIL)
        .text("return_msg", word);
    data.text("channel_type", codes::channel_type(order.wallet));
    facts::numbers(&mut data, order);
    data.optional("auth_code", auth_code);
    data.optional(
        "merchant_param",
        attribute_of(order, attribute::MERCHANT_PARAM),
    );
    facts::actor(&mut data, order);
    facts::times(&mut data, order);
    data.number("total_fee", order.amount_minor);
    data.text("fee_type", order.currency.as_str());
    facts::foreign(&mut data, order);
    data.number("state", codes::state(order));
    data.optional("time_zone", facts::time_zone(order).or(call_zone));
    data
}
