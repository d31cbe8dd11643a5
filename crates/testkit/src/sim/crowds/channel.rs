//! A channel for crowds: every payment waits for its payer; one account never answers a question.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Callbacks, Channel, ChannelDescriptor, ChannelOrder,
    ChannelRefund, Payments, Plan, PrepayResult, Refunds, Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{CloseResult, Evidence, RefundResult, ReversalResult, Unknown, Verdict};
use heliu_trade::wallet::{Funding, WalletKind};
use tokio::time::Instant;

use crate::sim::stage::wait_ms;

/// The account that never answers.
pub(super) const HUNG: &str = "hung";
/// How long whoever asks it waits, in ms.
pub(super) const CALL_MS: i64 = 5_000;
/// Pause between two questions about one payment, in ms.
pub(super) const QUERY_GAP_MS: i64 = 3_000;

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: "crowds",
    name: "simulated",
    settings: &[],
    keys: &[],
    optional_keys: &[],
    named_keys: &[],
    contract_keys: &[],
    check_sub_merchant_id: |_| Ok(()),
    source: "this file",
};

/// The channel, and when each account was asked about a payment.
#[derive(Default)]
pub(super) struct CrowdChannel {
    pays_at_once: bool,
    asked: Mutex<BTreeMap<String, Vec<Instant>>>,
}

impl CrowdChannel {
    pub(super) fn new(pays_at_once: bool) -> Arc<Self> {
        Arc::new(Self {
            pays_at_once,
            asked: Mutex::default(),
        })
    }

    pub(super) fn asked(&self, account: &str) -> Vec<Instant> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(account).cloned().unwrap_or_default()
    }
}

fn silence() -> Unknown {
    Unknown::because("no answer")
}

fn evidence(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Evidence {
    Evidence {
        payable_fen: order.charge_fen,
        cash_fen: order.charge_fen,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: format!("C{}", order.attempt.attempt_no),
        payer_order_no: order.attempt.attempt_no.to_string(),
        payer_id: None,
        funding: Funding::Balance,
        paid_at: upstream.now(),
        notes: None,
    }
}

impl Channel for CrowdChannel {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        &DESCRIPTOR
    }

    fn plan(&self, _: &ChannelAccount, _: WalletKind, _: UpstreamScene) -> Option<Plan> {
        Some(Plan {
            api: "crowds",
            query_gap_ms: QUERY_GAP_MS,
            reverse_after_ms: 15_000,
            refund_gap_ms: 0,
            refund_count_max: 50,
            reverses_by_call: true,
        })
    }
}

impl Payments for CrowdChannel {
    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        _: &'a str,
    ) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            match self.pays_at_once {
                true => Verdict::Paid(evidence(upstream, order)),
                false => Verdict::Pending,
            }
        })
    }

    fn prepay<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult> {
        Box::pin(async { PrepayResult::Unknown(silence()) })
    }

    fn query<'a>(
        &'a self,
        _: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, Verdict> {
        let account = order.account.channel_account_id.as_str();
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(account.to_owned())
            .or_default()
            .push(Instant::now());
        Box::pin(async move {
            if account != HUNG {
                return Verdict::Pending;
            }
            wait_ms(CALL_MS).await;
            Verdict::Unknown(silence())
        })
    }

    fn reverse<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult> {
        Box::pin(async { ReversalResult::Unknown(silence()) })
    }

    fn close<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult> {
        Box::pin(async { CloseResult::Unknown(silence()) })
    }
}

impl Refunds for CrowdChannel {
    fn refund<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        Box::pin(async { RefundResult::Unknown(silence()) })
    }

    fn query_refund<'a>(
        &'a self,
        _: &'a dyn Upstream,
        _: &'a ChannelOrder<'a>,
        _: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        Box::pin(async { RefundResult::Unknown(silence()) })
    }
}

impl Callbacks for CrowdChannel {
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
