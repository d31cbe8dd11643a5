//! Wording an answer: the frame, and which interface answers with what.
//!
//! HTTP 200 always, never signed. Source: Fufu V1.1.1, section 2 (response tables and samples).

pub(super) mod order;
pub(super) mod prepaid;
mod refund;

use std::borrow::Cow;

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_ports::wire::WireResponse;
use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::verdict::{Decline, DeclineKind};

use super::codes::{self, Wording};
use super::{CONTENT_TYPE, Interface, attribute};
use crate::detail;
use crate::object::Object;

/// What goes into the frame.
enum Answer {
    /// The call was not accepted.
    Call(&'static str),
    /// The call was accepted; what became of the operation.
    Data(Object),
}

pub(super) fn encode(
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    context: EncodeContext<'_>,
) -> WireResponse {
    let answer = match (Interface::of(&echo.route), outcome) {
        (Some(interface), Ok(reply)) => reply_answer(interface, echo, reply, context),
        (interface, Err(error)) => error_answer(interface, echo, error, context),
        (None, Ok(_)) => Answer::Call(codes::EXCEPTION),
    };
    let mut response = WireResponse::new(200, CONTENT_TYPE, frame(answer));
    if let Err(error) = outcome {
        let mut error = error.clone();
        if error.field.is_none() {
            error.field = codes::field_of(error.code).map(str::to_owned);
        }
        detail::attach(&mut response, &error);
    }
    response
}

/// `result`, then `data` if the call was accepted.
fn frame(answer: Answer) -> Vec<u8> {
    let (mut frame, mut result) = (Object::new(), Object::new());
    match answer {
        Answer::Call(word) => {
            result
                .text("return_msg", word)
                .text("return_code", codes::FAIL);
            frame.object("result", result);
        }
        Answer::Data(data) => {
            frame.object("result", accepted()).object("data", data);
        }
    }
    frame.finish()
}

/// `result` of a call that was accepted; notifications begin with it too.
pub(super) fn accepted() -> Object {
    let mut result = Object::new();
    result
        .text("return_msg", "OK")
        .text("return_code", codes::SUCCESS);
    result
}

fn reply_answer(
    interface: Interface,
    echo: &Echo,
    reply: &Reply,
    context: EncodeContext<'_>,
) -> Answer {
    let call_zone = echo.get(attribute::TIME_ZONE);
    match (interface, reply) {
        (
            Interface::Order,
            Reply::Order {
                order, auth_code, ..
            },
        ) => paid_or_not(order, auth_code.as_deref(), call_zone),
        (
            Interface::Query,
            Reply::Order {
                order, auth_code, ..
            },
        ) => Answer::Data(order::succeeded(order, auth_code.as_deref(), call_zone)),
        (Interface::Query, Reply::Refund { order, refund, .. }) => {
            Answer::Data(refund::queried(order, refund, call_zone))
        }
        (Interface::Cancel, Reply::Order { order, .. }) => {
            undone(cancelled(order.state), order, call_zone)
        }
        (Interface::Close, Reply::Order { order, .. }) => {
            undone(closed(order.state), order, call_zone)
        }
        (Interface::PreOrder, Reply::Prepaid { order, handoff, .. }) => {
            prepaid::answer(order, handoff.as_ref(), call_zone, context.public_url)
        }
        (Interface::Refund, Reply::Refund { order, refund, .. }) => {
            refund::taken(order, refund, call_zone)
        }
        (Interface::RefundQuery, Reply::Refund { order, refund, .. }) => {
            Answer::Data(refund::found(order, refund, call_zone))
        }
        // The engine answers each verb with its own reply: another one is a fault on our side.
        _ => Answer::Call(codes::EXCEPTION),
    }
}

/// The end of a barcode call. Source: section 2.1 with README 4.
fn paid_or_not(order: &Order, auth_code: Option<&str>, call_zone: Option<&str>) -> Answer {
    let failed = |word: &str| Answer::Data(order::failed(order, word, auth_code, call_zone));
    match order.state {
        OrderState::Paid => Answer::Data(order::succeeded(order, auth_code, call_zone)),
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
    }
}

/// The channel's word; that a channel was never reached is an error of the call, in a word of its
/// own.
fn declined(decline: Option<&Decline>) -> Result<Cow<'_, str>, &'static str> {
    let Some(decline) = decline else {
        return Ok(Cow::Borrowed(codes::ORDER_FAILED));
    };
    match decline.kind {
        DeclineKind::Unreachable => Err(codes::HTTP_EXCEPTION),
        DeclineKind::NotSecured => Err(codes::CREATE_SECURITY_CONNECTION_ERROR),
        DeclineKind::Refused | DeclineKind::CodeInvalid | DeclineKind::Closed
            if decline.reason.is_empty() =>
        {
            Ok(Cow::Borrowed(codes::ORDER_FAILED))
        }
        DeclineKind::Refused | DeclineKind::CodeInvalid | DeclineKind::Closed => {
            Ok(Cow::Borrowed(&decline.reason))
        }
    }
}

/// What a cancel found, as the word of its refusal; `None`: it worked, or goes on working.
const fn cancelled(state: OrderState) -> Option<&'static str> {
    match state {
        OrderState::Open | OrderState::Paying | OrderState::Reversing | OrderState::Reversed => {
            None
        }
        OrderState::Paid => Some(codes::ORDER_PAID),
        OrderState::Failed | OrderState::Closed => Some(codes::ORDER_FAILED),
        OrderState::Expired => Some(codes::AREADY_REVOKED),
    }
}

/// What a close found, likewise.
const fn closed(state: OrderState) -> Option<&'static str> {
    match state {
        OrderState::Closed => None,
        OrderState::Paid => Some(codes::ORDER_PAID),
        OrderState::Failed | OrderState::Expired | OrderState::Reversing | OrderState::Reversed => {
            Some(codes::ORDER_FAILED)
        }
        OrderState::Open | OrderState::Paying => Some(codes::SERVICE_UNAVAILABLE),
    }
}

/// Cancel and close name the order, also when they fail (ruling 35).
fn undone(refusal: Option<&str>, order: &Order, call_zone: Option<&str>) -> Answer {
    let mut data = Object::new();
    match refusal {
        Some(word) => {
            data.text("return_code", codes::FAIL)
                .text("return_msg", word);
        }
        None => {
            data.text("return_code", codes::SUCCESS);
        }
    }
    order::numbers(&mut data, order);
    data.optional("time_zone", order::time_zone(order).or(call_zone));
    Answer::Data(data)
}

fn error_answer(
    interface: Option<Interface>,
    echo: &Echo,
    error: &TradeError,
    context: EncodeContext<'_>,
) -> Answer {
    let word = match codes::wording(error.code) {
        Wording::Call(word) => return Answer::Call(word),
        Wording::Operation(word) => word,
        Wording::Channel => error
            .reason
            .as_deref()
            .filter(|word| !word.is_empty())
            .unwrap_or(codes::ORDER_FAILED),
    };
    let order = error.order.as_deref().filter(|_| context.is_verified);
    let call_zone = echo
        .get(attribute::TIME_ZONE)
        .filter(|_| context.is_verified);
    let tells_all = matches!(error.code, ErrorCode::Declined | ErrorCode::OrderReversed);
    match (interface, order) {
        (Some(Interface::Order), Some(order)) if tells_all => {
            Answer::Data(order::failed(order, word, None, call_zone))
        }
        (Some(Interface::Cancel | Interface::Close), Some(order)) => {
            undone(Some(word), order, call_zone)
        }
        _ => failure(word, call_zone),
    }
}

/// An operation that did not work, of which there is nothing else to tell.
fn failure(word: &str, call_zone: Option<&str>) -> Answer {
    let mut data = Object::new();
    data.text("return_code", codes::FAIL)
        .text("return_msg", word)
        .optional("time_zone", call_zone);
    Answer::Data(data)
}
