//! The surface where merchants trade: payments, their refunds, and what is asked about them and
//! about the merchant.
//!
//! An interface is one file, which reads its request and words its answers, and one entry of
//! [`INTERFACES`]. What several of them share stands in files of its own: `new_order`, `pre_order`,
//! `goods` (what is sold), `order` (what is told of orders and refunds).

mod alipay_pre_order;
mod cancel;
mod face_auth;
mod face_pay;
mod goods;
mod merchant_info;
mod new_order;
pub(super) mod order;
mod order_query;
mod partner_numbers;
mod pay;
mod pre_order;
mod refund;
mod refund_query;
mod wechat_pre_order;

use heliu_ports::dialect::{Recording, Route, SignerKind, SurfaceDescriptor};
use heliu_ports::signature::KeyRole;
use heliu_trade::followup::notification::NoticeKind;

use super::BODY_BYTES_MAX;
use super::gateway::Gateway;
use super::interface::{Interface, Interfaces, route_count, routes};

/// One address for seven interfaces, told apart by `method`.
const PATH: &str = "/UnifiedPay/Gateway";

/// The interfaces, in the document's order. Routes, reading and wording follow from it.
static INTERFACES: &[Interface] = &[
    face_auth::INTERFACE,
    face_pay::INTERFACE,
    pay::INTERFACE,
    order_query::INTERFACE,
    refund::INTERFACE,
    refund_query::INTERFACE,
    cancel::INTERFACE,
    wechat_pre_order::INTERFACE,
    alipay_pre_order::INTERFACE,
    partner_numbers::INTERFACE,
    merchant_info::INTERFACE,
];

static ROUTES: [Route; route_count(INTERFACES)] = routes(INTERFACES);

/// The surface.
pub(super) static TRADE: Gateway = Gateway {
    descriptor: &SurfaceDescriptor {
        name: "trade",
        routes: &ROUTES,
        signer: SignerKind::Agent,
        key_roles: &[KeyRole::AGENT.0],
        body_bytes_max: BODY_BYTES_MAX,
        freshness_ms: None,
        pace: None,
        recording: Recording::Text,
        notices: &NoticeKind::ALL,
    },
    interfaces: Interfaces {
        list: INTERFACES,
        are_merchants: true,
    },
};
