//! What a channel tells by itself.

use heliu_trade::verdict::{RefundResult, Verdict};

use super::order::ChannelOrder;
use super::upstream::Upstream;
use crate::wire::{WireRequest, WireResponse};

/// What a verified callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackNews {
    /// About the payment of the attempt whose callback address it used.
    Payment(Verdict),
    /// About a refund, by the number that was sent upstream.
    Refund {
        /// That number.
        refund_no: String,
        /// How much the channel refunds, in fen; compared with our refund.
        refund_fen: i64,
        /// What it says.
        result: RefundResult,
    },
    /// Nothing that concerns us; acknowledged.
    Nothing,
}

/// Why a callback is not believed. It is answered with a refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefused {
    /// The signature is missing, wrong or stale.
    #[error("signature: {0}")]
    Signature(String),
    /// It cannot be read.
    #[error("malformed: {0}")]
    Malformed(String),
    /// It is about somebody else: app, merchant, order number or currency differ.
    #[error("mismatch: {0}")]
    Mismatch(String),
}

/// What a channel tells by itself. Each channel has them.
pub trait Callbacks: Send + Sync {
    /// Checks a callback like a stranger and says what it says.
    ///
    /// # Errors
    /// Why it is not believed.
    fn callback(
        &self,
        upstream: &dyn Upstream,
        order: &ChannelOrder<'_>,
        request: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused>;

    /// The answer to a callback: acknowledged after it is stored, or refused.
    fn acknowledge(
        &self,
        request: &WireRequest,
        outcome: Result<(), &CallbackRefused>,
    ) -> WireResponse;
}
