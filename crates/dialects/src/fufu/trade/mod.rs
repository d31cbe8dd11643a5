//! The surface where merchants trade: payments, their refunds and what is asked about them.
//!
//! An interface is one file, which reads its request and words its answers, and one entry of
//! [`INTERFACES`]. What several of them share stands in files of its own: `decode` and `encode`
//! (what is done around each), `fields` (members of requests), `answer` (the frame), `new_order`,
//! `undone`, and `facts` (what is told of orders and refunds).

pub(super) mod answer;
mod cancel;
mod close;
mod decode;
mod encode;
pub(super) mod facts;
mod fields;
mod interface;
mod new_order;
mod order;
mod pre_order;
mod query;
mod refund;
mod refund_query;
mod undone;

use heliu_ports::dialect::{
    Decoded, Echo, EncodeContext, Recording, Route, SignerKind, Surface, SurfaceDescriptor,
    Undecoded,
};
use heliu_ports::signature::{KeyRole, Outgoing};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::time::Timestamp;

use self::interface::Interface;
use super::sign;
use crate::lexical::is_path;

/// The interfaces, in the document's order. Routes, reading and wording follow from it.
static INTERFACES: &[Interface] = &[
    order::INTERFACE,
    pre_order::INTERFACE,
    refund::INTERFACE,
    query::INTERFACE,
    cancel::INTERFACE,
    close::INTERFACE,
    refund_query::INTERFACE,
];

/// One route an interface.
static ROUTES: [Route; INTERFACES.len()] = {
    let mut routes = [const { Route::post("") }; INTERFACES.len()];
    let mut index = 0;
    while index < routes.len() {
        routes[index] = Route::post(INTERFACES[index].path);
        index += 1;
    }
    routes
};

static TRADE: SurfaceDescriptor = SurfaceDescriptor {
    name: "trade",
    routes: &ROUTES,
    signer: SignerKind::App,
    key_roles: &[KeyRole::TRADE.0],
    body_bytes_max: 64 * 1024,
    freshness_ms: None,
    pace: None,
    recording: Recording::Text,
    notices: &NoticeKind::ALL,
};

/// The surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trade;

impl Surface for Trade {
    fn descriptor(&self) -> &'static SurfaceDescriptor {
        &TRADE
    }

    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        decode::decode(interface_at(&request.path), request)
    }

    fn encode(
        &self,
        echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        let interface = interface_at(&echo.route);
        Outgoing::Plain(encode::encode(interface, echo, outcome, context))
    }

    fn sign_request(&self, request: WireRequest, now: Timestamp) -> Outgoing<WireRequest> {
        sign::request(request, now)
    }
}

/// The interface of a path.
fn interface_at(path: &str) -> Option<&'static Interface> {
    let mut interfaces = INTERFACES.iter();
    interfaces.find(|interface| is_path(path, interface.path))
}
