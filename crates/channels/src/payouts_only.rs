//! Channels that pay out and take no payment: what they answer to the verbs of payments, said once.
//!
//! None of their plans serves a scene, so that no attempt is ever routed to them. Should one come
//! all the same, not a byte is sent.

use heliu_ports::channel::{CallbackRefused, ChannelDescriptor, PayoutFiles, ProviderNames};
use heliu_ports::wire::WireResponse;

use crate::answer::Stop;
use crate::payout_table::PayoutTable;
use crate::protocol::Protocol;

/// A channel of these ways to pay out.
pub(crate) const fn channel(
    descriptor: &'static ChannelDescriptor,
    payouts: Option<PayoutTable>,
    payout_files: Option<&'static dyn PayoutFiles>,
) -> Protocol {
    Protocol {
        descriptor,
        plan: |_, _| None,
        provider_names: |_, _| ProviderNames::default(),
        pay: |_, _, _| Box::pin(async { Err(no_payments()) }),
        prepay: |_, _| Box::pin(async { Err(no_payments()) }),
        query: |_, _| Box::pin(async { Err(no_payments()) }),
        reverse: |_, _| Box::pin(async { Err(no_payments()) }),
        close: |_, _| Box::pin(async { Err(no_payments()) }),
        refund: |_, _, _| Box::pin(async { Err(no_payments()) }),
        query_refund: |_, _, _| Box::pin(async { Err(no_payments()) }),
        callback: |_, _, _| Err(CallbackRefused::Mismatch(NO_PAYMENTS.to_owned())),
        acknowledge: |_, _| WireResponse::new(404, "text/plain", "not found"),
        logins: None,
        face_kits: None,
        mini_programs: None,
        payer_codes: None,
        key_publisher: None,
        payouts,
        payout_files,
    }
}

/// Merchants have no numbers with a channel through which nobody pays them.
pub(crate) fn no_contracts(_text: &str) -> Result<(), &'static str> {
    Err("nobody pays through this channel, so that no contract goes through it")
}

const NO_PAYMENTS: &str = "the channel takes no payments";

fn no_payments() -> Stop {
    Stop::Unreached(NO_PAYMENTS.to_owned())
}
