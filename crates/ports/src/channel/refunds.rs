//! Refunds.

use futures::future::BoxFuture;
use heliu_trade::verdict::RefundResult;

use super::order::{ChannelOrder, ChannelRefund};
use super::upstream::Upstream;

/// Refunds. Each channel has them.
///
/// A verb that may move money never fails: what went wrong is a value. After verification every
/// answer is compared with the order: numbers, amount, currency, merchant. An answer about
/// something else is no answer.
pub trait Refunds: Send + Sync {
    /// Gives back part or all; a repeat under the same number has no second effect.
    fn refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult>;

    /// Asks what became of a refund.
    fn query_refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult>;
}
