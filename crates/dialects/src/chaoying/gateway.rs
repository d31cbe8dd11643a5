//! A surface of this wire: all are read and worded alike, by their interfaces.

use heliu_ports::dialect::{Decoded, Echo, EncodeContext, Surface, SurfaceDescriptor, Undecoded};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::time::Timestamp;

use super::interface::Interfaces;
use super::{decode, encode, sign};

/// A surface.
pub(super) struct Gateway {
    /// What it states about itself.
    pub(super) descriptor: &'static SurfaceDescriptor,
    /// What can be called there.
    pub(super) interfaces: Interfaces,
}

impl Surface for Gateway {
    fn descriptor(&self) -> &'static SurfaceDescriptor {
        self.descriptor
    }

    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        decode::decode(self.interfaces, request)
    }

    fn command_of_reading(
        &self,
        request: &WireRequest,
        reading: &str,
    ) -> Option<Result<Command, TradeError>> {
        decode::command_of_reading(self.interfaces, request, reading)
    }

    fn encode(
        &self,
        echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        encode::encode(self.interfaces.of(echo), echo, outcome, context)
    }

    fn sign_request(&self, request: WireRequest, _now: Timestamp) -> Outgoing<WireRequest> {
        sign::request(request)
    }
}
