//! A wire that is none: policies drawn from the seed, notifications as plain words, nothing signed.

use std::sync::LazyLock;

use heliu_ports::dialect::{
    Descriptor, Dialect, IdForm, Notice, PageReference, Policy, PrepayRepeat, Repeat, Surface,
};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::wallet::WalletKind;

use super::dice::Dice;

/// The word by which a merchant says that it heard.
pub(super) const HEARD: &str = "heard";
/// Wallets of the simulation: one for each channel.
pub(super) const WALLETS: [WalletKind; 2] = [WalletKind::Wechat, WalletKind::Alipay];

/// Names of the wires.
pub(super) const WIRES: [&str; 2] = ["sim-a", "sim-b"];
/// Policies that the seeds draw from. A descriptor lives as long as the process, as those of real
/// wires do; a million runs may not leave a million of them behind.
const POLICIES: usize = 4096;
/// The dice of the policies, the same for every run.
const POLICY_SEED: u64 = 20_260_115;

/// All descriptors: of each wire, one with every policy.
static DESCRIPTORS: LazyLock<[Vec<Descriptor>; 2]> = LazyLock::new(|| {
    let dice = Dice::new(POLICY_SEED);
    WIRES.map(|id| (0..POLICIES).map(|_| descriptor(id, &dice)).collect())
});

/// One simulated wire.
pub(super) struct SimDialect(&'static Descriptor);

impl SimDialect {
    /// A wire of [`WIRES`], with one of the policies.
    pub(super) fn new(id: &'static str, dice: &Dice) -> Self {
        let index = WIRES.iter().position(|known| *known == id);
        Self(dice.pick(&DESCRIPTORS[index.expect("one of the wires")]))
    }
}

/// A number of as many letters and digits as any wire has.
const ANY_NUMBER: IdForm = IdForm {
    min: 1,
    max: 32,
    has_letters: true,
};

fn descriptor(id: &'static str, dice: &Dice) -> Descriptor {
    Descriptor {
        id,
        name: "simulated",
        page_routes: &[],
        code_image_routes: &[],
        app_id: ANY_NUMBER,
        agent_id: ANY_NUMBER,
        agent_key_roles: &[],
        app_switches: &[],
        agent_switches: &[],
        wallets: &WALLETS,
        policy: policy(dice),
        source: "this file",
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
    /// Order and refund, as [`facts`] words them.
    pub(super) facts: &'a str,
}

/// Everything that a merchant may be told of an order and a refund of it.
pub(super) fn facts(kind: NoticeKind, order: &Order, refund: Option<&Refund>) -> String {
    let paid = order.payment.as_ref();
    let paid = paid.map(|payment| (&payment.evidence.channel_order_no, payment.fee_fen));
    let refunds = (order.refunded, order.refunding, order.last_refund_failed);
    let counts = (order.refund_count, order.fee_returned_fen, order.ended_at);
    format!(
        "{} {} of {} fen, {paid:?}, {refunds:?}, {counts:?}, {refund:?}",
        kind.as_str(),
        order.state.as_str(),
        order.charge_fen,
    )
}

impl<'a> Told<'a> {
    /// Reads what [`SimDialect`] wrote.
    pub(super) fn read(body: &'a str) -> Option<Self> {
        let mut words = body.splitn(4, ' ');
        Some(Self {
            notification_no: words.next()?,
            merchant: words.next()?,
            order_no: words.next()?,
            facts: words.next()?,
        })
    }
}

impl Dialect for SimDialect {
    fn descriptor(&self) -> &'static Descriptor {
        self.0
    }

    /// None: what is asked comes as commands.
    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &[]
    }

    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest> {
        let (notification, order) = (notice.notification, notice.order);
        let rendered = format!(
            "{} {} {} {}",
            notification.notification_no,
            order.merchant_id,
            order.order_no,
            facts(notification.kind, order, notice.refund),
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

    fn page(&self, _path: &str, _query: &str) -> Option<PageReference> {
        None
    }

    fn page_url(&self, _order: &Order, _public_url: &str, _proof: &str) -> String {
        String::new()
    }
}
