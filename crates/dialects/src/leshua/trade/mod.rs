//! The surface where merchants trade: one address for all services, told apart by `service`.
//!
//! A service is one file, which reads its request and words its answers, and one entry of
//! [`INTERFACES`]. What several of them share stands in files of its own: `decode` and `encode`
//! (what is done around each), `fields` (parameters), `new_order`, `goods` and `extended` (what is
//! sold), `call` and `members` (answers), `order` and `refund` (what is told of them).

pub(super) mod call;
mod close_order;
mod decode;
mod encode;
mod extended;
mod fields;
mod get_tdcode;
mod goods;
mod interface;
pub(super) mod members;
mod new_order;
pub(super) mod order;
mod query_openid;
mod query_status;
mod query_userid;
pub(super) mod refund;
mod unified_query_refund;
mod unified_refund;
mod upload_authcode;

use heliu_ports::dialect::{
    Decoded, Echo, EncodeContext, Recording, Route, SignerKind, Surface, SurfaceDescriptor,
    Undecoded,
};
use heliu_ports::signature::{KeyRole, Outgoing};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::time::Timestamp;

use self::interface::Interface;
use super::{attribute, sign};

/// The services, in the document's order. Reading and wording follow from it.
static INTERFACES: &[Interface] = &[
    get_tdcode::INTERFACE,
    upload_authcode::INTERFACE,
    query_status::INTERFACE,
    close_order::INTERFACE,
    unified_refund::INTERFACE,
    unified_query_refund::INTERFACE,
    query_openid::INTERFACE,
    query_userid::INTERFACE,
];

/// The address.
const GATEWAY_PATH: &str = "/cgi-bin/lepos_pay_gateway.cgi";

static TRADE: SurfaceDescriptor = SurfaceDescriptor {
    name: "trade",
    routes: &[Route::post(GATEWAY_PATH)],
    signer: SignerKind::App,
    key_roles: &[KeyRole::TRADE.0, KeyRole::NOTIFY.0],
    // `goods_detail` alone may have 6000 characters: 54 000 bytes when they are Chinese and
    // encoded.
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
        let interface = echo.get(attribute::SERVICE).and_then(interface_of);
        encode::encode(interface, echo, outcome, context)
    }

    fn sign_request(&self, request: WireRequest, _now: Timestamp) -> Outgoing<WireRequest> {
        sign::request(request)
    }
}

/// The service of a value of `service`.
fn interface_of(name: &str) -> Option<&'static Interface> {
    let mut interfaces = INTERFACES.iter();
    interfaces.find(|interface| interface.name == name || interface.old_names.contains(&name))
}
