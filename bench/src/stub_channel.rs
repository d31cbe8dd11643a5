//! A channel that answers at once, at the `Channel` trait (ruling 54).

use futures::FutureExt;
use heliu_ports::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Callbacks, Channel, ChannelDescriptor, ChannelOrder,
    ChannelRefund, Payments, Plan, PrepayResult, Refunds, Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{CloseResult, Evidence, RefundResult, ReversalResult, Unknown, Verdict};
use heliu_trade::wallet::{Funding, WalletKind};

pub(crate) struct StubChannel;

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: "stub",
    name: "a channel that answers at once",
    settings: &[],
    keys: &[],
    optional_keys: &[],
    named_keys: &[],
    contract_keys: &[],
    check_sub_merchant_id: |_| Ok(()),
    source: "none",
};

fn absent() -> Unknown {
    Unknown::absent("the stub only pays")
}

impl Channel for StubChannel {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        &DESCRIPTOR
    }

    fn plan(&self, _: &ChannelAccount, _: WalletKind, _: UpstreamScene) -> Option<Plan> {
        Some(Plan {
            api: "stub",
            query_gap_ms: 5_000,
            reverse_after_ms: 15_000,
            refund_gap_ms: 0,
            refund_count_max: 50,
            reverses_by_call: true,
        })
    }
}

impl Payments for StubChannel {
    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        _: &'a str,
    ) -> BoxFuture<'a, Verdict> {
        let evidence = Evidence {
            payable_fen: order.charge_fen,
            cash_fen: order.charge_fen,
            merchant_discount_fen: 0,
            channel_discount_fen: 0,
            channel_order_no: format!("420000{}", order.attempt.attempt_no),
            payer_order_no: order.attempt.attempt_no.to_string(),
            payer_id: None,
            funding: Funding::Balance,
            paid_at: upstream.now(),
            notes: None,
        };
        std::future::ready(Verdict::Paid(evidence)).boxed()
    }

    fn prepay<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult> {
        std::future::ready(PrepayResult::Unknown(absent())).boxed()
    }

    fn query<'a>(&'a self, _: &'a dyn Upstream, _: &'a ChannelOrder<'a>) -> BoxFuture<'a, Verdict> {
        std::future::ready(Verdict::Unknown(absent())).boxed()
    }

    fn reverse<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult> {
        std::future::ready(ReversalResult::Unknown(absent())).boxed()
    }

    fn close<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult> {
        std::future::ready(CloseResult::Unknown(absent())).boxed()
    }
}

impl Refunds for StubChannel {
    fn refund<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        std::future::ready(RefundResult::Unknown(absent())).boxed()
    }

    fn query_refund<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        std::future::ready(RefundResult::Unknown(absent())).boxed()
    }
}

impl Callbacks for StubChannel {
    fn callback(
        &self,
        _: &dyn Upstream,
        _: &ChannelOrder<'_>,
        _: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused> {
        Ok(CallbackNews::Nothing)
    }

    fn acknowledge(&self, _: &WireRequest, _: Result<(), &CallbackRefused>) -> WireResponse {
        WireResponse::new(200, "text/plain", "")
    }
}
