//! One step of an order's life, committed in one transaction.
//!
//! A step names what must be loaded ([`Target`]) and what happened or is wanted ([`Action`]).
//! [`crate::decide::decide`] turns what was loaded and the step into what must be saved.

use std::sync::Arc;

use crate::attempt::{Attempt, Handoff, Route};
use crate::followup::consequences::Consequences;
use crate::followup::deliver::Deliver;
use crate::followup::notification::Notification;
use crate::followup::subject::Subject;
use crate::id::{AppId, AttemptNo, MerchantId, NotificationNo, OrderNo, RefundNo};
use crate::money::{Currency, ExchangeRate};
use crate::order::{Attributes, Order, OrderDetails};
use crate::payout::Payout;
use crate::record::{Name, Record, SavedRecord};
use crate::refund::Refund;
use crate::refund_limit::{RefundCover, RefundLimit, is_held};
pub use crate::save::Save;
use crate::time::Timestamp;
use crate::verdict::{CloseResult, Decline, RefundResult, ReversalResult, Verdict};
use crate::wallet::{Scene, WalletKind};

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whose order.
    pub merchant_id: MerchantId,
    /// Which order, and what else must be loaded.
    pub target: Target,
    /// When (UTC), by the caller's clock.
    pub now: Timestamp,
    /// What.
    pub action: Action,
}

impl Step {
    /// The order for whose refund the decision weighs what stands behind it. That is read in the
    /// step's transaction, and of two steps at once that weigh the same owner's, whether on orders
    /// or on [records](crate::records::RecordStep::weighs), the second one sees what the first one
    /// wrote.
    #[must_use]
    pub fn weighs(&self) -> Option<Subject> {
        match (&self.action, &self.target) {
            (Action::RequestRefund(request), Target::NewRefund(order_no, ..)) => {
                let subject = || Subject::of_merchant(&self.merchant_id, order_no.0);
                request.limit.map(|_| subject())
            }
            _ => None,
        }
    }

    /// The mark of the bills that keep something for a refund of held money, if it may end by the
    /// step: with the order that was loaded they are loaded, too, and locked.
    #[must_use]
    pub fn frees(&self, loaded: &Loaded) -> Option<Name> {
        let (Action::RecordRefund { result, .. }, Target::Refund(_, refund_no)) =
            (&self.action, &self.target)
        else {
            return None;
        };
        let may_end = matches!(result, RefundResult::Succeeded(_) | RefundResult::Failed(_));
        let order = loaded.order.as_ref().filter(|_| may_end)?;
        is_held(order, &loaded.attempts).then(|| Payout::mark_of_refund(refund_no.0))
    }
}

/// What a step is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An order that must not exist yet: loaded by the merchant's number, to find a repeat.
    NewOrder {
        /// Under which app.
        app_id: AppId,
        /// 商户订单号
        merchant_order_no: String,
    },
    /// An order by our number.
    Order(OrderNo),
    /// An order and the refund that has, or would have, this number of the merchant's; one that has
    /// it may be another order's.
    NewRefund(OrderNo, AppId, String),
    /// An order and one of its refunds.
    Refund(OrderNo, RefundNo),
    /// An order and one of its notifications.
    Notification(OrderNo, NotificationNo),
}

/// What the books hold of a target. Attempts are all of the order's, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The order, if it exists.
    pub order: Option<Order>,
    /// Its attempts.
    pub attempts: Vec<Attempt>,
    /// The refund that the target names, if it exists.
    pub refund: Option<Refund>,
    /// The notification that the target names, if it exists.
    pub notification: Option<Notification>,
    /// What stands behind the refund, if the step weighs it ([`Step::weighs`]).
    pub cover: Option<RefundCover>,
    /// The bills that keep something for the refund, if the step may end it ([`Step::frees`]).
    pub bills: Vec<Record>,
}

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A merchant makes an order, with its first attempt unless its payer comes to our page.
    CreateOrder(Box<CreateOrder>),
    /// A payer on our page chose a wallet.
    AddAttempt {
        /// Our number for it, unless it is the order's first: that one takes the order's.
        attempt_no: AttemptNo,
        /// Where it goes.
        route: Box<Route>,
    },
    /// A channel gave what the payer's wallet takes.
    RecordHandoff {
        /// By which attempt.
        attempt_no: AttemptNo,
        /// What it gave.
        handoff: Handoff,
    },
    /// A channel said something about a payment, in an answer, a query or a callback.
    RecordVerdict {
        /// About which attempt.
        attempt_no: AttemptNo,
        /// What it said.
        verdict: Verdict,
        /// A notification number, used if the merchant is to be told.
        notification_no: NotificationNo,
    },
    /// A prepay stayed unclear, so nobody was handed anything: the attempt is given up and closed
    /// at the channel, and its order ends unless its payer can come again.
    AbandonAttempt {
        /// Which attempt.
        attempt_no: AttemptNo,
        /// Why.
        decline: Decline,
    },
    /// Evidence disagreed with our order: not believed, an alarm.
    RefuseEvidence {
        /// About which attempt.
        attempt_no: AttemptNo,
        /// What disagreed; no secrets.
        why: String,
    },
    /// Undo the order: because nobody knows its result, or because the merchant says so.
    RequestReversal {
        /// The rules of a merchant's cancel; `None` when the horizon is reached.
        rules: Option<CancelRules>,
    },
    /// A channel answered a reversal.
    RecordReversal {
        /// About which attempt.
        attempt_no: AttemptNo,
        /// Whether it was asked to give back money that had been seen. What it said before money
        /// came, or without knowing of it, does not show that this money is back.
        saw_money: bool,
        /// What it said.
        result: ReversalResult,
    },
    /// A channel was asked about an attempt whose reversal it had confirmed (ruling 61).
    RecordCheck {
        /// About which attempt.
        attempt_no: AttemptNo,
        /// When it had confirmed the reversal, as the attempt said before it was asked. One that
        /// was reversed anew since is not what the answer is about.
        reversed_at: Option<Timestamp>,
        /// What it said.
        verdict: Verdict,
    },
    /// A merchant closes the order, and the channel has said that nobody has paid it (ruling 20).
    CloseOrder,
    /// A merchant closes the order, and the channel does not say whether it is paid: it stays open,
    /// and a job asks on and closes it then (ruling 64).
    AwaitClose {
        /// The rules of closing an order that takes at once; `None`: such orders are not closed.
        rules: Option<CancelRules>,
    },
    /// The channel has said that nobody has paid an order that was waiting to be closed: it is
    /// closed, or undone if it takes at once. One that has ended meanwhile is left alone.
    FinishClose,
    /// The order's time is over.
    ExpireOrder,
    /// A channel answered a close.
    RecordClose {
        /// About which attempt.
        attempt_no: AttemptNo,
        /// What it said.
        result: CloseResult,
    },
    /// A merchant asks for a refund.
    RequestRefund(Box<RequestRefund>),
    /// A channel answered a refund or a refund query.
    RecordRefund {
        /// About which try of the refund: [`crate::refund::RefundDetails::retry_count`] when it was
        /// asked.
        retry_count: u32,
        /// What it said.
        result: RefundResult,
        /// A notification number, used if the merchant is to be told.
        notification_no: NotificationNo,
    },
    /// Something is done about the notification that the target names.
    Deliver(Deliver),
}

/// A new order and its first attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateOrder {
    /// Our number; also the first attempt's.
    pub order_no: OrderNo,
    /// Under which app.
    pub app_id: AppId,
    /// 商户订单号
    pub merchant_order_no: String,
    /// How payer and order meet.
    pub scene: Scene,
    /// The only wallet that may pay, if one is named.
    pub wallet: Option<WalletKind>,
    /// In minor units of `currency`; above zero.
    pub amount_minor: i64,
    /// The merchant's currency.
    pub currency: Currency,
    /// The rate, for a foreign currency.
    pub rate: Option<ExchangeRate>,
    /// Where the first attempt goes; `None` for an order whose payer comes to our page.
    pub route: Option<Arc<Route>>,
    /// When it was asked for (UTC). Its times run from then on, or from now if the clock was set
    /// back meanwhile.
    pub received_at: Timestamp,
    /// How long the payer may pay, in ms; `None`: as long as it is undecided.
    pub life_ms: Option<i64>,
    /// When an undecided barcode or face payment is reversed, in ms.
    pub horizon_ms: Option<i64>,
    /// Subject, texts, notification address.
    pub details: Arc<OrderDetails>,
}

/// A new refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRefund {
    /// Our number.
    pub refund_no: RefundNo,
    /// 商户退款单号
    pub merchant_refund_no: String,
    /// In minor units of the order's currency; above zero.
    pub amount_minor: i64,
    /// The merchant's reason.
    pub reason: String,
    /// The dialect's own texts.
    pub attributes: Attributes,
    /// Where to tell how it ended.
    pub notify_url: Option<String>,
    /// What a repeat of the number gets.
    pub repeat: RefundRepeat,
    /// How much it may take of the merchant's balance; `None`: its own payment is behind it.
    pub limit: Option<RefundLimit>,
}

/// What a repeat of a refund's number gets (ruling 22). A repeat with other content is refused
/// always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundRepeat {
    /// A refusal.
    Refuse,
    /// The refund as it stands.
    ReturnPresent,
    /// The refund as it stands; one that failed is tried again under its number.
    RetryFailed,
}

/// When a merchant may cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelRules {
    /// Not before this long after the order was made, in ms.
    pub not_before_ms: i64,
    /// Seconds of the day in Beijing between which it is served, both ends included.
    pub hours_s: Option<(i32, i32)>,
    /// Whether a paid order may be cancelled (its money goes back).
    pub takes_paid: bool,
    /// Whether orders that wait for their payer may be cancelled.
    pub takes_prepay: bool,
    /// Until how long after it was made a paid order may be cancelled, in ms; `None`: for ever.
    pub paid_until_ms: Option<i64>,
    /// Whether cancelling an order that has ended without money is a success that changes nothing.
    pub accepts_ended: bool,
}

/// What a decision makes of the books. The store saves exactly this, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The target as it is afterwards.
    pub after: Loaded,
    /// Whether the order is new, changed, or as it was.
    pub order: Save,
    /// Attempts that are new or changed: index into `after.attempts`.
    pub attempts: Vec<(usize, Save)>,
    /// Whether the refund is new or changed.
    pub refund: Save,
    /// The bills that keep nothing for the refund any more, with what follows about them.
    pub bills: Vec<SavedRecord>,
    /// What else follows, about the order.
    pub consequences: Consequences,
}

impl Changes {
    /// What the refund that a step asked for may take of its merchant's balance, in fen; `None`:
    /// the step found it standing already.
    #[must_use]
    pub fn accepted_fen(&self) -> Option<i64> {
        let refund = self.after.refund.as_ref();
        let accepted = refund.filter(|_| self.refund != Save::Nothing)?;
        Some(accepted.amounts.receivable_fen)
    }
}
