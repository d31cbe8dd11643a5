//! Payouts as a table of their two verbs.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use heliu_ports::channel::{PayoutOrder, Payouts, SentPayout, Upstream};
use heliu_trade::verdict::PayoutResult;

use crate::answer::Stop;

/// What a verb ends in, once it has ended.
type Ending<'a> = BoxFuture<'a, Result<PayoutResult, Stop>>;

/// Sends a payout.
type SendVerb = for<'a> fn(&'a dyn Upstream, &'a PayoutOrder<'a>) -> Ending<'a>;

/// Asks what became of a payout.
type QueryVerb = for<'a> fn(&'a dyn Upstream, &'a SentPayout<'a>) -> Ending<'a>;

/// [`Payouts`] as a table.
#[derive(Clone, Copy)]
pub(crate) struct PayoutTable {
    pub(crate) send: SendVerb,
    pub(crate) query: QueryVerb,
}

/// Whether not a byte was sent does not matter here: the number stays, and a query tells.
fn or_unknown(ending: Ending<'_>) -> BoxFuture<'_, PayoutResult> {
    let unknown = |stop: Stop| PayoutResult::Unknown(stop.into_unknown());
    ending
        .map(move |ended| ended.unwrap_or_else(unknown))
        .boxed()
}

impl Payouts for PayoutTable {
    fn send<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        payout: &'a PayoutOrder<'a>,
    ) -> BoxFuture<'a, PayoutResult> {
        or_unknown((self.send)(upstream, payout))
    }

    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        payout: &'a SentPayout<'a>,
    ) -> BoxFuture<'a, PayoutResult> {
        or_unknown((self.query)(upstream, payout))
    }
}
