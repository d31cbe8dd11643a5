//! The surface where agents ask what became of their merchants' money, and fetch statements.
//!
//! An interface is one file, which reads its request and words its answer, and one entry of
//! [`INTERFACES`]. What they share stands in `bill` (a payout's words), `decode`, `encode` and
//! `sign`. Source: Leshua, section 7; ruling 72.

mod agent_fail_settlement_order;
pub(super) mod bill;
pub(super) mod callback;
mod decode;
mod encode;
mod interface;
mod merchant_settlement_order;
mod settlement_order;
mod sign;
mod statement;

use heliu_ports::dialect::{
    Decoded, Echo, EncodeContext, Pace, Recording, Route, SignerKind, Surface, SurfaceDescriptor,
    Undecoded,
};
use heliu_ports::signature::{KeyRole, Outgoing};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::time::{SECOND_MS, Timestamp};

use crate::lexical::is_path;

use self::interface::Interface;

/// The interfaces, in the document's order. Routes, reading and wording follow from it.
static INTERFACES: &[Interface] = &[
    settlement_order::INTERFACE,
    merchant_settlement_order::INTERFACE,
    agent_fail_settlement_order::INTERFACE,
    statement::INTERFACE,
];

static ROUTES: [Route; INTERFACES.len()] = routes();

const fn routes() -> [Route; INTERFACES.len()] {
    let mut routes = [const { Route::post("") }; INTERFACES.len()];
    let mut index = 0;
    while index < INTERFACES.len() {
        let route = &INTERFACES[index].route;
        routes[index] = Route {
            path: route.path,
            methods: route.methods,
        };
        index += 1;
    }
    routes
}

/// For all interfaces of agents together (section 1.2).
const PACE: Pace = Pace {
    requests: 40,
    window_ms: 20 * SECOND_MS,
};

static PAYOUTS: SurfaceDescriptor = SurfaceDescriptor {
    name: "payouts",
    routes: &ROUTES,
    signer: SignerKind::Agent,
    key_roles: &[KeyRole::AGENT.0],
    body_bytes_max: 64 * 1024,
    // A query changes nothing, and no request says when it was made.
    freshness_ms: None,
    pace: Some(PACE),
    recording: Recording::Text,
    notices: &[],
};

/// The surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payouts;

impl Surface for Payouts {
    fn descriptor(&self) -> &'static SurfaceDescriptor {
        &PAYOUTS
    }

    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        decode::decode(request)
    }

    fn command_of_reading(
        &self,
        request: &WireRequest,
        reading: &str,
    ) -> Option<Result<Command, TradeError>> {
        decode::command_of_reading(request, reading)
    }

    fn encode(
        &self,
        echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        encode::encode(interface_of(&echo.route), outcome, context.agent)
    }

    fn sign_request(&self, request: WireRequest, _now: Timestamp) -> Outgoing<WireRequest> {
        sign::request(interface_of(&request.path), request)
    }
}

/// The interface of a path; a step in braces stands for any.
fn interface_of(path: &str) -> Option<&'static Interface> {
    INTERFACES.iter().find(|interface| {
        let route = interface.route.path;
        let Some((before, _)) = route.split_once("/{") else {
            return is_path(path, route);
        };
        let step = interface::file_of(path).unwrap_or_default();
        !step.is_empty() && is_path(path, &format!("{before}/{step}"))
    })
}
