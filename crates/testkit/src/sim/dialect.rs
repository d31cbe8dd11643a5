//! A wire that is none: policies drawn from the seed, notifications as plain words, nothing signed.

use heliu_ports::dialect::{
    Decoded, Descriptor, Dialect, Echo, EncodeContext, Notice, PageReference, Policy, PrepayRepeat,
    Repeat, SignerKind, Undecoded,
};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireRequest, WireResponse};
use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

use super::dice::Dice;

/// The word by which a merchant says that it heard.
pub(super) const HEARD: &str = "heard";
/// Wallets of the simulation: one for each channel.
pub(super) const WALLETS: [WalletKind; 2] = [WalletKind::Wechat, WalletKind::Alipay];

/// One simulated wire.
pub(super) struct SimDialect(&'static Descriptor);

impl SimDialect {
    /// A wire called `id`, with policies that the dice give. Its descriptor lives as long as the process,
    /// as those of real wires do.
    pub(super) fn new(id: &'static str, dice: &Dice) -> Self {
        Self(Box::leak(Box::new(Descriptor {
            id,
            name: "simulated",
            routes: &[],
            page_routes: &[],
            code_image_routes: &[],
            app_switches: &[],
            agent_switches: &[],
            signer: SignerKind::App,
            key_roles: &[],
            wallets: &WALLETS,
            policy: policy(dice),
            body_bytes_max: 0,
            source: "this file",
        })))
    }
}

fn policy(dice: &Dice) -> Policy {
    let gap_ms = |_| *dice.pick(&[1_000, 15_000, 30_000, 180_000, 1_800_000]);
    let gaps_ms: Vec<i64> = (0..dice.between(0, 5)).map(gap_ms).collect();
    Policy {
        repeat: *dice.pick(&[Repeat::Refuse, Repeat::ReturnPresent]),
        prepay_repeat: *dice.pick(&[
            PrepayRepeat::Refuse,
            PrepayRepeat::HandSame,
            PrepayRepeat::HandAgain,
        ]),
        refund_repeat: *dice.pick(&[
            RefundRepeat::Refuse,
            RefundRepeat::ReturnPresent,
            RefundRepeat::RetryFailed,
        ]),
        terminal_wallets: &[],
        pay_wait_ms: dice.between(3_000, 90_000),
        answers_pending: dice.happens(50),
        horizon_ms: dice.between(20_000, 90_000),
        prepay_life_ms: dice.between(60_000, 600_000),
        refund_wait_ms: *dice.pick(&[0, 3_000, 10_000]),
        refund_query_wait_ms: *dice.pick(&[0, 3_000]),
        close_barcode_after_ms: *dice.pick(&[None, Some(0), Some(15_000)]),
        cancel_wait_ms: *dice.pick(&[0, 5_000, 20_000]),
        cancel: CancelRules {
            not_before_ms: *dice.pick(&[0, 15_000]),
            hours_s: *dice.pick(&[None, None, Some((3_600, 81_000))]),
            takes_paid: dice.happens(60),
            takes_prepay: dice.happens(50),
            paid_until_ms: *dice.pick(&[None, Some(600_000)]),
            accepts_ended: dice.happens(50),
        },
        freshness_ms: None,
        notify_gaps_ms: gaps_ms.leak(),
        notify_connect_timeout_ms: 2_000,
        notify_timeout_ms: dice.between(3_000, 15_000),
    }
}

/// What a notification says, word by word.
pub(super) struct Told<'a> {
    pub(super) notification_no: &'a str,
    pub(super) merchant: &'a str,
    pub(super) order_no: &'a str,
    pub(super) version: &'a str,
    pub(super) kind: &'a str,
    pub(super) order_state: &'a str,
    pub(super) charge_fen: &'a str,
    pub(super) refund_state: &'a str,
}

impl<'a> Told<'a> {
    /// Reads what [`SimDialect`] wrote.
    pub(super) fn read(body: &'a str) -> Option<Self> {
        let mut words = body.split(' ');
        Some(Self {
            notification_no: words.next()?,
            merchant: words.next()?,
            order_no: words.next()?,
            version: words.next()?,
            kind: words.next()?,
            order_state: words.next()?,
            charge_fen: words.next()?,
            refund_state: words.next()?,
        })
    }
}

impl Dialect for SimDialect {
    fn descriptor(&self) -> &'static Descriptor {
        self.0
    }

    fn decode(&self, _request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        let error = TradeError::new(ErrorCode::InvalidParameter, "nobody speaks this wire");
        let echo = Echo::default();
        Err(Box::new(Undecoded { error, echo }))
    }

    fn encode(
        &self,
        _echo: &Echo,
        _outcome: Result<&Reply, &TradeError>,
        _context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        Outgoing::Plain(WireResponse::new(200, "text/plain", ""))
    }

    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest> {
        let (notification, order) = (notice.notification, notice.order);
        let rendered = format!(
            "{} {} {} {} {} {} {} {}",
            notification.notification_no,
            order.merchant_id,
            order.order_no,
            order.version,
            notification.kind.as_str(),
            order.state.as_str(),
            order.charge_fen,
            notice.refund.map_or("-", |refund| refund.state.as_str()),
        );
        let body = notification.body.clone().unwrap_or(rendered);
        Outgoing::Plain(OutRequest {
            method: http::Method::POST,
            url: notification.url.clone(),
            headers: Vec::new(),
            body: body.into(),
        })
    }

    fn acknowledges(&self, answer: &WireResponse) -> bool {
        answer.status == 200 && answer.body == HEARD
    }

    fn sign_request(&self, request: WireRequest, _now: Timestamp) -> Outgoing<WireRequest> {
        Outgoing::Plain(request)
    }

    fn page(&self, _path: &str, _query: &str) -> Option<PageReference> {
        None
    }
}
