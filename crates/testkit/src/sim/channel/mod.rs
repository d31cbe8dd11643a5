//! A channel of the simulation's own: a bank with books of its own behind a line that loses and
//! delays.

mod bank;
mod callbacks;
mod conduct;
mod line;
mod post;
mod purchase;
mod refunds;

use std::sync::Arc;

use futures::future::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Callbacks, Channel, ChannelDescriptor, ChannelOrder,
    ChannelRefund, Logins, Payments, Plan, PrepayResult, Refunds, Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::attempt::AttemptState;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{
    CloseResult, DeclineKind, RefundResult, ReversalResult, Unknown, Verdict,
};
use heliu_trade::wallet::WalletKind;

use super::recorder::Recorder;
use bank::declined;
use line::nonsense;
use purchase::Slip;
use refunds::Asked;

pub(super) use bank::Bank;
pub(super) use conduct::Conduct;
pub(super) use line::{Asking, Line};
pub(super) use post::Post;

/// How old an attempt must be before "no such order" is believed of it, in ms (ruling 43).
const ABSENT_AFTER_MS: i64 = 60_000;
/// How long a payment's answer is waited for, in ms.
const PAY_TIMEOUT_MS: i64 = 20_000;
/// How long other answers are waited for, in ms.
const CALL_TIMEOUT_MS: i64 = 8_000;

/// Names of the channels.
pub(in crate::sim) const CHANNELS: [&str; 2] = ["bank-calls", "bank-asks"];

static DESCRIPTORS: [ChannelDescriptor; 2] = [descriptor(CHANNELS[0]), descriptor(CHANNELS[1])];

pub(in crate::sim) const fn descriptor(id: &'static str) -> ChannelDescriptor {
    ChannelDescriptor {
        id,
        name: "simulated",
        settings: &[],
        keys: &[],
        optional_keys: &[],
        named_keys: &[],
        contract_keys: &[],
        check_sub_merchant_id: |_| Ok(()),
        source: "this file",
    }
}

/// A channel.
pub(super) struct SimChannel {
    descriptor: &'static ChannelDescriptor,
    plan: Plan,
    bank: Arc<Bank>,
    recorder: Arc<Recorder>,
}

impl SimChannel {
    pub(super) fn new(bank: &Arc<Bank>, reverses_by_call: bool, recorder: &Arc<Recorder>) -> Self {
        let dice = &bank.stage.dice;
        Self {
            descriptor: DESCRIPTORS
                .iter()
                .find(|known| known.id == bank.name)
                .expect("every bank is one of the channels"),
            plan: Plan {
                api: "sim",
                query_gap_ms: dice.between(2_500, 6_000),
                reverse_after_ms: *dice.pick(&[0, 15_000]),
                refund_gap_ms: *dice.pick(&[0, 1_000, 60_000]),
                refund_count_max: *dice.pick(&[2, 50]),
                reverses_by_call,
            },
            bank: Arc::clone(bank),
            recorder: Arc::clone(recorder),
        }
    }

    /// What a request says of its order; written before it is sent, or a rule is broken.
    fn slip(&self, upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> Slip {
        let attempt = order.attempt;
        self.recorder.must_know_attempt(attempt.attempt_no);
        let now = upstream.now();
        let clock = &self.bank.stage.clock;
        let is_old = now.since_ms(attempt.sent_at).abs() >= ABSENT_AFTER_MS;
        Slip {
            number: attempt.attempt_no.to_string(),
            charge_fen: order.charge_fen,
            callback_url: order.callback_url.to_owned(),
            expires_ms: order
                .expires_at
                .map(|at| at.since_ms(now) + clock.passed_ms()),
            is_absence_believed: attempt.asked_at.is_some() && is_old,
        }
    }
}

impl Channel for SimChannel {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        self.descriptor
    }

    fn plan(&self, _: &ChannelAccount, _: WalletKind, _: UpstreamScene) -> Option<Plan> {
        Some(self.plan)
    }

    fn logins(&self) -> Option<&dyn Logins> {
        Some(self)
    }
}

impl Payments for SimChannel {
    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        _auth_code: &'a str,
    ) -> BoxFuture<'a, Verdict> {
        let slip = self.slip(upstream, order);
        let number = slip.number.clone();
        Box::pin(async move {
            if self.bank.stage.trouble(self.bank.conduct.loses_requests) {
                self.bank.line("not reached", &number, "");
                return declined("UNREACHABLE", DeclineKind::Unreachable);
            }
            let deed = move |bank: &Arc<Bank>| bank.pay(slip);
            let said = self.bank.call("pay", &number, PAY_TIMEOUT_MS, deed).await;
            said.unwrap_or_else(Verdict::Unknown)
        })
    }

    fn prepay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult> {
        let slip = self.slip(upstream, order);
        Box::pin(async move {
            let number = slip.number.clone();
            let deed = move |bank: &Arc<Bank>| bank.prepay(slip);
            let said = self.bank.call("prepay", &number, CALL_TIMEOUT_MS, deed);
            said.await.unwrap_or_else(PrepayResult::Unknown)
        })
    }

    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, Verdict> {
        let number = self.slip(upstream, order).number;
        let is_reversed = order.attempt.state == AttemptState::Reversed;
        Box::pin(async move {
            let asked = number.clone();
            let deed = move |bank: &Arc<Bank>| match bank.query(&asked) {
                // What a payment reads like whose money went back, by refunds or otherwise.
                Verdict::Paid(_) if is_reversed && bank.kept_fen(&asked) == 0 => {
                    declined("REFUNDED", DeclineKind::Closed)
                }
                verdict => verdict,
            };
            let said = self
                .bank
                .call("query", &number, CALL_TIMEOUT_MS, deed)
                .await;
            said.unwrap_or_else(Verdict::Unknown)
        })
    }

    fn reverse<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult> {
        let slip = self.slip(upstream, order);
        Box::pin(async move {
            let number = slip.number.clone();
            let sent_ms = self.bank.stage.clock.passed_ms();
            let deed = move |bank: &Arc<Bank>| bank.reverse(slip, sent_ms);
            let said = self.bank.call("reverse", &number, CALL_TIMEOUT_MS, deed);
            said.await.unwrap_or_else(ReversalResult::Unknown)
        })
    }

    fn close<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult> {
        let slip = self.slip(upstream, order);
        Box::pin(async move {
            let number = slip.number.clone();
            let deed = move |bank: &Arc<Bank>| bank.close(slip);
            let said = self.bank.call("close", &number, CALL_TIMEOUT_MS, deed);
            said.await.unwrap_or_else(CloseResult::Unknown)
        })
    }
}

impl Refunds for SimChannel {
    fn refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        let slip = self.slip(upstream, order);
        self.recorder.must_know_refund(order, refund);
        Box::pin(async move {
            let (refund_no, refund_fen) = (refund.refund_no.to_owned(), refund.refund_fen);
            let asked = Asked {
                refund_no,
                refund_fen,
                sent_ms: self.bank.stage.clock.passed_ms(),
            };
            let deed = move |bank: &Arc<Bank>| bank.refund(&slip.number, &asked);
            let said = self
                .bank
                .call("refund", refund.refund_no, CALL_TIMEOUT_MS, deed);
            said.await.unwrap_or_else(RefundResult::Unknown)
        })
    }

    fn query_refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        let slip = self.slip(upstream, order);
        Box::pin(async move {
            let refund_no = refund.refund_no.to_owned();
            let deed = move |bank: &Arc<Bank>| bank.query_refund(&slip.number, &refund_no);
            let said = self
                .bank
                .call("query refund", refund.refund_no, CALL_TIMEOUT_MS, deed);
            said.await.unwrap_or_else(RefundResult::Unknown)
        })
    }
}

impl Callbacks for SimChannel {
    fn callback(
        &self,
        upstream: &dyn Upstream,
        order: &ChannelOrder<'_>,
        request: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused> {
        let number = self.slip(upstream, order).number;
        let news = self.bank.post.read(&number, &request.body);
        news.ok_or_else(|| CallbackRefused::Mismatch("another amount".to_owned()))
    }

    fn acknowledge(
        &self,
        _request: &WireRequest,
        outcome: Result<(), &CallbackRefused>,
    ) -> WireResponse {
        let status = if outcome.is_ok() { 200 } else { 400 };
        WireResponse::new(status, "text/plain", "")
    }
}

impl Logins for SimChannel {
    fn authorize_url(&self, _: &ChannelAccount, return_url: &str, state: &str) -> Option<String> {
        Some(format!("{return_url}?state={state}"))
    }

    fn authorize_parameter(&self) -> &'static str {
        "payer"
    }

    fn payer_id<'a>(
        &'a self,
        _upstream: &'a dyn Upstream,
        _account: &'a ChannelAccount,
        code: &'a str,
    ) -> BoxFuture<'a, Result<String, Unknown>> {
        Box::pin(async move {
            match self.bank.stage.trouble(self.bank.conduct.answers_nonsense) {
                true => Err(nonsense()),
                false => Ok(code.to_owned()),
            }
        })
    }
}
