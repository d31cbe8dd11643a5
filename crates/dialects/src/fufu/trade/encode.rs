//! Wording an answer: HTTP 200 always, never signed. Source: Fufu V1.1.1, section 2 (response
//! tables and samples).

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_ports::wire::WireResponse;
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;

use super::super::codes::{self, Wording};
use super::super::{CONTENT_TYPE, attribute};
use super::answer::Answer;
use super::interface::{Call, Interface, Refusal, word_alone};
use crate::detail;

/// The answer of an interface; `None`: the address is none.
pub(super) fn encode(
    interface: Option<&Interface>,
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    context: EncodeContext<'_>,
) -> WireResponse {
    let answer = match outcome {
        Ok(reply) => told(interface, echo, reply, context),
        Err(error) => refused(interface, echo, error, context),
    };
    let mut response = WireResponse::new(200, CONTENT_TYPE, answer.frame());
    if let Err(error) = outcome {
        let mut error = error.clone();
        if error.field.is_none() {
            error.field = codes::field_of(error.code).map(str::to_owned);
        }
        detail::attach(&mut response, &error);
    }
    response
}

fn told(
    interface: Option<&Interface>,
    echo: &Echo,
    reply: &Reply,
    context: EncodeContext<'_>,
) -> Answer {
    let call = Call {
        zone: echo.get(attribute::TIME_ZONE),
        public_url: context.public_url,
    };
    // The engine answers each verb with its own reply: another one is a fault on our side.
    interface
        .and_then(|interface| (interface.told)(reply, call))
        .unwrap_or(Answer::Call(codes::EXCEPTION))
}

fn refused(
    interface: Option<&Interface>,
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
    let zone = echo.get(attribute::TIME_ZONE);
    let refusal = Refusal {
        code: error.code,
        word,
        order: error.order.as_deref().filter(|_| context.is_verified),
        zone: zone.filter(|_| context.is_verified),
    };
    interface.map_or_else(
        || word_alone(refusal),
        |interface| (interface.refused)(refusal),
    )
}
