//! Wording an answer: HTTP 200 always; what the business says is signed. Source: Leshua trade
//! services, sections 1.3, 2.1 (frame) and 4 (tables and samples).

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireResponse;
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;

use crate::detail;

use super::super::codes::{self, Refusal};
use super::super::{CONTENT_TYPE, sign};
use super::call::{Answer, Call};
use super::interface::Interface;

/// The answer of a service; `None`: none of this gateway was asked for.
pub(super) fn encode(
    interface: Option<&Interface>,
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    context: EncodeContext<'_>,
) -> Outgoing<WireResponse> {
    let call = Call { echo, context };
    let answer = match outcome {
        // The engine answers each verb with its own reply: another one is a fault on our side.
        Ok(reply) => interface
            .and_then(|interface| (interface.told)(call, reply))
            .unwrap_or_else(|| Answer::gateway(codes::GATEWAY_FAULT)),
        Err(error) => refused(interface, call, error),
    };
    let mut error = outcome.err().cloned();
    if let Some(error) = &mut error
        && let Some(field) = codes::field_of(error.code)
    {
        error.field.get_or_insert_with(|| field.to_owned());
    }
    let response = move |body: Vec<u8>| {
        let mut response = WireResponse::new(200, CONTENT_TYPE, body);
        if let Some(error) = &error {
            detail::attach(&mut response, error);
        }
        response
    };
    match answer {
        Answer::Signed(members) if context.is_verified && context.can_sign => {
            let spec = sign::of_answer(members.pairs());
            let place = Box::new(move |hash: String| response(members.into_xml(Some(&hash))));
            Outgoing::Sign { spec, place }
        }
        Answer::Signed(members) | Answer::Plain(members) => {
            Outgoing::Plain(response(members.into_xml(None)))
        }
    }
}

fn refused(interface: Option<&Interface>, call: Call<'_>, error: &TradeError) -> Answer {
    let is_verified = call.context.is_verified;
    let own = interface.filter(|_| is_verified);
    if let Some(answer) = own.and_then(|interface| (interface.refused)(call, error)) {
        return answer;
    }
    match codes::refusal(error, is_verified) {
        Refusal::Gateway(word) => Answer::gateway(word),
        Refusal::Business(word) => {
            let order = error.order.as_deref();
            match interface {
                Some(interface) => (interface.failed)(call, word, order),
                None => call.failed(word),
            }
        }
    }
}
