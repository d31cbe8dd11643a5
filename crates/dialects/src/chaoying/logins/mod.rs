//! The surface where merchants and payers are registered and known again; no merchant is named.
//! An interface is one file and one entry of [`INTERFACES`].

mod find_merchant;
mod login_code;
mod mini_program_session;
mod register;

use heliu_ports::dialect::{Recording, Route, SignerKind, SurfaceDescriptor};
use heliu_ports::signature::KeyRole;

use super::BODY_BYTES_MAX;
use super::gateway::Gateway;
use super::interface::{Interface, Interfaces, route_count, routes};

/// The interfaces, in the document's order. Routes, reading and wording follow from it.
static INTERFACES: &[Interface] = &[
    register::INTERFACE,
    login_code::INTERFACE,
    find_merchant::INTERFACE,
    mini_program_session::INTERFACE,
];

static ROUTES: [Route; route_count(INTERFACES)] = routes(INTERFACES);

/// The surface.
pub(super) static LOGINS: Gateway = Gateway {
    descriptor: &SurfaceDescriptor {
        name: "logins",
        routes: &ROUTES,
        signer: SignerKind::Agent,
        key_roles: &[KeyRole::AGENT.0],
        body_bytes_max: BODY_BYTES_MAX,
        freshness_ms: None,
        // Every value is private (ruling 53).
        pace: None,
        recording: Recording::TextOnceRead,
        notices: &[],
    },
    interfaces: Interfaces {
        list: INTERFACES,
        are_merchants: false,
    },
};
