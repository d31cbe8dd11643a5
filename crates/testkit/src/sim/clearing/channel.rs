//! The channel by which we reach the bank that pays out. Nobody pays through it.

use std::sync::Arc;

use futures::future::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Callbacks, Channel, ChannelDescriptor, ChannelOrder,
    ChannelRefund, Payments, PayoutOrder, Payouts, Plan, PrepayResult, Refunds, SentPayout,
    Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{
    CloseResult, PayoutResult, RefundResult, ReversalResult, Unknown, Verdict,
};
use heliu_trade::wallet::WalletKind;

use super::bank::{Asked, NAME, PayingBank};
use super::ledger::Ledger;
use crate::sim::channel::descriptor;

/// How old a request must be before "no such request" is believed of it, in ms.
const ABSENT_AFTER_MS: i64 = 60_000;

static DESCRIPTOR: ChannelDescriptor = descriptor(NAME);

/// The channel.
pub(in crate::sim) struct PayChannel {
    bank: Arc<PayingBank>,
    ledger: Arc<Ledger>,
}

impl PayChannel {
    pub(in crate::sim) fn new(bank: &Arc<PayingBank>, ledger: &Arc<Ledger>) -> Self {
        Self {
            bank: Arc::clone(bank),
            ledger: Arc::clone(ledger),
        }
    }
}

impl Channel for PayChannel {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        &DESCRIPTOR
    }

    fn plan(&self, _: &ChannelAccount, _: WalletKind, _: UpstreamScene) -> Option<Plan> {
        None
    }

    fn payouts(&self) -> Option<&dyn Payouts> {
        Some(self)
    }
}

impl Payouts for PayChannel {
    fn send<'a>(
        &'a self,
        _upstream: &'a dyn Upstream,
        payout: &'a PayoutOrder<'a>,
    ) -> BoxFuture<'a, PayoutResult> {
        let asked = Asked {
            request_no: payout.request_no.to_owned(),
            amount_fen: payout.amount_fen,
            account_no: payout.payee.account_no.to_owned(),
            remark: payout.remark.to_owned(),
        };
        self.ledger.must_know_request(&asked);
        Box::pin(async move {
            let number = asked.request_no.clone();
            let said = self.bank.call("pay", &number, move |bank| bank.pay(asked));
            said.await.unwrap_or_else(PayoutResult::Unknown)
        })
    }

    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        payout: &'a SentPayout<'a>,
    ) -> BoxFuture<'a, PayoutResult> {
        let age_ms = upstream.now().since_ms(payout.sent_at);
        let is_absence_believed = age_ms.abs() >= ABSENT_AFTER_MS;
        let number = payout.request_no.to_owned();
        Box::pin(async move {
            let asked = number.clone();
            let deed = move |bank: &PayingBank| bank.query(&asked, is_absence_believed);
            let said = self.bank.call("query", &number, deed);
            said.await.unwrap_or_else(PayoutResult::Unknown)
        })
    }
}

/// What it says to whoever takes it for a channel of payments; no attempt is routed to it.
fn no_payments() -> Unknown {
    Unknown::because("the channel takes no payments")
}

impl Payments for PayChannel {
    fn pay<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a str,
    ) -> BoxFuture<'a, Verdict> {
        Box::pin(async { Verdict::Unknown(no_payments()) })
    }

    fn prepay<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult> {
        Box::pin(async { PrepayResult::Unknown(no_payments()) })
    }

    fn query<'a>(&'a self, _: &'a dyn Upstream, _: &'a ChannelOrder<'a>) -> BoxFuture<'a, Verdict> {
        Box::pin(async { Verdict::Unknown(no_payments()) })
    }

    fn reverse<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult> {
        Box::pin(async { ReversalResult::Unknown(no_payments()) })
    }

    fn close<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult> {
        Box::pin(async { CloseResult::Unknown(no_payments()) })
    }
}

impl Refunds for PayChannel {
    fn refund<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        Box::pin(async { RefundResult::Unknown(no_payments()) })
    }

    fn query_refund<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        Box::pin(async { RefundResult::Unknown(no_payments()) })
    }
}

impl Callbacks for PayChannel {
    fn callback(
        &self,
        _: &dyn Upstream,
        _: &ChannelOrder<'_>,
        _: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused> {
        Err(CallbackRefused::Mismatch("about no payment".to_owned()))
    }

    fn acknowledge(&self, _: &WireRequest, _: Result<(), &CallbackRefused>) -> WireResponse {
        WireResponse::new(404, "text/plain", "")
    }
}
