//! Wording an answer: HTTP 200 always; which answers are signed the agent's switches say. Source:
//! Chaoying v2.5.3, sections 2.3 and 3 (frame), 4 (tables and samples).

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireResponse;
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;

use crate::detail;

use super::codes::{self, Status};
use super::interface::{Call, Interface};
use super::members::Members;
use super::sign::{self, NameOrder, SIGN};
use super::{CONTENT_TYPE, setting};

/// The answer of an interface; `None`: none of this surface was asked for.
pub(super) fn encode(
    interface: Option<&Interface>,
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    context: EncodeContext<'_>,
) -> Outgoing<WireResponse> {
    let error = outcome.err().map(|error| named(interface, error));
    let members = match &error {
        Some(error) => Members::opened(&refused(interface, error)),
        None => told(interface, Call { echo, context }, outcome.ok()),
    };
    let response = move |body: Vec<u8>| {
        let mut response = WireResponse::new(200, CONTENT_TYPE, body);
        if let Some(error) = &error {
            detail::attach(&mut response, error);
        }
        response
    };
    let is_on = |name, value| {
        let agent = context.agent;
        agent.is_some_and(|agent| agent.settings.get(name).is_some_and(|set| set == value))
    };
    let is_pre_order = interface.is_some_and(|interface| interface.is_pre_order);
    let is_signed = !is_pre_order || !is_on(setting::SIGN_PRE_ORDER, setting::OFF);
    if !context.can_sign || !is_signed {
        return Outgoing::Plain(response(members.into_body(None)));
    }
    let order = if is_on(setting::SIGN_ORDER, setting::IGNORE_CASE) {
        NameOrder::AnyCase
    } else {
        NameOrder::Ascii
    };
    let spec = sign::spec(members.pairs(), order);
    let place = Box::new(move |hash: String| response(members.into_body(Some((SIGN, hash)))));
    Outgoing::Sign { spec, place }
}

/// The answer once the engine did what was asked.
fn told(interface: Option<&Interface>, call: Call<'_>, reply: Option<&Reply>) -> Members {
    // The engine answers each verb with its own reply: another one is a fault on our side.
    interface
        .zip(reply)
        .and_then(|(interface, reply)| (interface.told)(call, reply))
        .unwrap_or_else(|| Members::opened(&Status::fault()))
}

fn refused(interface: Option<&Interface>, error: &TradeError) -> Status {
    let own = interface.and_then(|interface| (interface.refused)(error));
    let is_trade = interface.is_none_or(|interface| interface.is_trade);
    own.unwrap_or_else(|| codes::error(is_trade, error))
}

/// The error with the field that it is about, where the engine could not name it.
fn named(interface: Option<&Interface>, error: &TradeError) -> TradeError {
    let mut error = error.clone();
    if error.field.is_none() {
        let own = interface.map_or(&[][..], |interface| interface.fields);
        let own = own.iter().find(|(code, _)| *code == error.code);
        let field = own.map_or_else(|| codes::field_of(error.code), |(_, field)| Some(field));
        error.field = field.map(str::to_owned);
    }
    error
}
