//! Payments, and how they end.

use futures::future::BoxFuture;
use heliu_trade::attempt::Handoff;
use heliu_trade::verdict::{CloseResult, Decline, ReversalResult, Unknown, Verdict};

use super::order::ChannelOrder;
use super::upstream::Upstream;

/// The end of a prepay call. It moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepayResult {
    /// The payer's wallet can go on with this.
    Handed(Handoff),
    /// Refused for good.
    Declined(Decline),
    /// Nobody knows; may be repeated with identical content.
    Unknown(Unknown),
}

/// Payments, and how they end. Each channel has them.
///
/// A verb that may move money never fails: what went wrong is a value. After verification every
/// answer is compared with the order: numbers, amount, currency, merchant. An answer about
/// something else is no answer.
pub trait Payments: Send + Sync {
    /// Takes the money now: by the payer's code, or by what the recognised face gave, as the
    /// route's scene says. Never repeated: after an unknown result it is queried.
    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Verdict>;

    /// Makes an order that waits for its payer. May be repeated with identical content.
    fn prepay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult>;

    /// Asks what became of an attempt. "No such order" is unknown, not declined (ruling 43).
    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, Verdict>;

    /// Makes it as if not paid, by one call; only where the plan says so.
    fn reverse<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult>;

    /// Makes payment impossible.
    fn close<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult>;
}
