//! Plays what happens: turns it into steps on the reference book, and checks after each one.

use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::error::TradeError;
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::id::{AttemptNo, NotificationNo, OrderNo, RefundNo};
use heliu_trade::order::Order;
use heliu_trade::refund::RefundState;
use heliu_trade::step::{Action, CancelRules, CreateOrder, RefundRepeat, Step, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{
    CloseResult, DeclineKind, Evidence, RefundResult, ReversalResult, Unknown, Verdict,
};
use heliu_trade::wallet::{Scene, WalletKind};

use super::model;
use super::op::{Amount, Answer, Close, Op, Payer, Setup, Word, Wrong};
use crate::book::{Book, make};

/// The number of the one order of a history.
pub(crate) const ORDER: OrderNo = OrderNo::from_u64(1_000);

/// A history under way.
pub(crate) struct History {
    pub(crate) book: Book,
    pub(crate) now: Timestamp,
    setup: Setup,
    next_no: u64,
}

impl History {
    /// An order just made; `None` if its amount does not convert to a fen.
    pub(crate) fn begin(setup: Setup) -> Option<Self> {
        let now = make::MORNING;
        let mut history = Self {
            book: Book::default(),
            now,
            setup,
            next_no: 2_000,
        };
        let create = history.create(history.setup.amount_minor);
        let is_chargeable = match create.rate {
            Some(rate) => rate
                .charge_fen(create.amount_minor)
                .is_some_and(|fen| fen > 0),
            None => true,
        };
        let result = history.creation(create);
        assert_eq!(result.is_ok(), is_chargeable, "{result:?}");
        is_chargeable.then_some(history)
    }

    fn create(&self, amount_minor: i64) -> CreateOrder {
        let Setup { scene, rate, .. } = self.setup;
        let route = (scene != Scene::Qr).then(|| self.route(WalletKind::Wechat, scene));
        let mut create = make::order(ORDER.as_u64(), scene, amount_minor, rate, self.now, route);
        if !self.setup.has_notify_url {
            std::sync::Arc::make_mut(&mut create.details).notify_url = None;
        }
        create
    }

    fn route(&self, wallet: WalletKind, scene: Scene) -> heliu_trade::attempt::Route {
        let mut route = make::route(wallet, scene, self.setup.fee);
        route.funds = self.setup.funds;
        route.shares = make::levels(&self.setup.costs);
        route.refund_count_max = self.setup.refund_count_max;
        route
    }

    fn creation(&mut self, create: CreateOrder) -> Result<(), TradeError> {
        let target = Target::NewOrder {
            app_id: create.app_id.clone(),
            merchant_order_no: create.merchant_order_no.clone(),
        };
        self.take(target, Action::CreateOrder(Box::new(create)))
    }

    fn mint(&mut self) -> u64 {
        self.next_no += 1;
        self.next_no
    }

    pub(crate) fn order(&self) -> &Order {
        &self.book.orders[&ORDER]
    }

    pub(crate) fn attempts(&self) -> &[Attempt] {
        &self.book.attempts[&ORDER]
    }

    /// Takes a step, checks what it did, and that the same step again does nothing to money.
    pub(crate) fn take(&mut self, target: Target, action: Action) -> Result<(), TradeError> {
        let step = make::step(target, self.now, action);
        let before = self.book.clone();
        let result = self.book.step(step.clone());
        if let Err(error) = &result {
            assert_eq!(
                before, self.book,
                "a rejection changed the books: {error:?}"
            );
            let order = self.book.orders.get(&ORDER);
            assert_eq!(
                error.order.as_deref(),
                order,
                "a rejection says about which order it is"
            );
            return result;
        }
        model::check_step(&before, &self.book, &step);
        self.repeat(step);
        result
    }

    fn repeat(&self, step: Step) {
        let mut again = self.book.clone();
        let is_new = match &step.action {
            Action::CreateOrder(_) => true,
            Action::RequestRefund(request) => request.repeat == RefundRepeat::Refuse,
            _ => false,
        };
        let result = again.step(step.clone());
        assert!(!is_new || result.is_err(), "a number was taken twice");
        model::check_repeat(&self.book, &again, &step);
    }

    fn at_order(&mut self, action: Action) -> Result<(), TradeError> {
        self.take(Target::Order(ORDER), action)
    }

    fn pick_attempt(&self, pick: u8) -> AttemptNo {
        let numbers = self.attempts().iter().map(|attempt| attempt.attempt_no);
        pick_from(numbers, pick).unwrap_or(AttemptNo::from_u64(9))
    }

    fn pick_refund(&self, pick: u8) -> RefundNo {
        pick_from(self.book.refunds.keys().copied(), pick).unwrap_or(RefundNo::from_u64(9))
    }

    fn pick_notification(&self, pick: u8) -> NotificationNo {
        let numbers = self.book.notifications.keys().copied();
        pick_from(numbers, pick).unwrap_or(NotificationNo::from_u64(9))
    }

    pub(crate) fn verdict(&mut self, attempt_no: AttemptNo, verdict: Verdict) {
        let notification_no = NotificationNo::from_u64(self.mint());
        let action = Action::RecordVerdict {
            attempt_no,
            verdict,
            notification_no,
        };
        self.at_order(action)
            .expect("a channel's word is never rejected");
    }

    fn evidence(&self, attempt_no: AttemptNo, payer: &Payer) -> Evidence {
        let charge = self.order().charge_fen;
        let part = |hundredths| heliu_trade::money::mul_div_floor(charge, hundredths, 100);
        let mut evidence = make::evidence(
            charge,
            part(payer.merchant_discount),
            part(payer.channel_discount),
        );
        evidence.funding = payer.funding;
        let again = if payer.has_other_number { "-again" } else { "" };
        evidence.channel_order_no = format!("420{attempt_no}{again}");
        evidence
    }

    pub(crate) fn paid(&mut self, attempt_no: AttemptNo, payer: &Payer) {
        let evidence = self.evidence(attempt_no, payer);
        self.verdict(attempt_no, Verdict::Paid(evidence));
    }

    fn paid_wrong(&mut self, attempt_no: AttemptNo, wrong: &Wrong) {
        let charge = self.order().charge_fen;
        let mut evidence = make::evidence(charge, 0, 0);
        match wrong {
            Wrong::Amount(by) => evidence = make::evidence(charge + by, 0, 0),
            Wrong::PartsDoNotAddUp => evidence.cash_fen -= 1,
            Wrong::NegativePart => evidence.merchant_discount_fen = -1,
            Wrong::HugeParts => {
                evidence.cash_fen = i64::MAX;
                evidence.channel_discount_fen = i64::MAX;
            }
        }
        let before = self.book.clone();
        self.verdict(attempt_no, Verdict::Paid(evidence));
        assert_eq!(
            before.entries, self.book.entries,
            "wrong evidence moved money"
        );
        assert_eq!(
            before.orders[&ORDER].state,
            self.order().state,
            "wrong evidence was believed"
        );
    }

    pub(crate) fn reversal(&mut self, attempt_no: AttemptNo, is_clear: bool) {
        let result = match is_clear {
            true => ReversalResult::Reversed,
            false => ReversalResult::Unknown(make::unknown()),
        };
        let attempts = self.book.attempts[&ORDER].iter();
        let mut of_it = attempts.filter(|attempt| attempt.attempt_no == attempt_no);
        let action = Action::RecordReversal {
            attempt_no,
            saw_money: of_it.any(|attempt| attempt.evidence.is_some()),
            result,
        };
        self.at_order(action)
            .expect("a channel's word is never rejected");
    }

    /// A channel is asked about a payment that it had reversed.
    pub(crate) fn checked(&mut self, attempt_no: AttemptNo, word: &Word) {
        let verdict = match word {
            Word::Kept(payer) => Verdict::Paid(self.evidence(attempt_no, payer)),
            Word::NotPaid => Verdict::Declined(make::decline(DeclineKind::Closed)),
            Word::NotThere => Verdict::Unknown(Unknown::absent("no such order")),
            Word::NoAnswer => Verdict::Unknown(make::unknown()),
        };
        let attempts = self.book.attempts.values().flatten();
        let mut asked = attempts.filter(|attempt| attempt.attempt_no == attempt_no);
        let action = Action::RecordCheck {
            attempt_no,
            reversed_at: asked.next().and_then(|attempt| attempt.asked_at),
            verdict,
        };
        self.at_order(action)
            .expect("a channel's word is never rejected");
    }

    pub(crate) fn close_answer(&mut self, attempt_no: AttemptNo, close: &Close) {
        let result = match close {
            Close::Closed => CloseResult::Closed,
            Close::Paid => CloseResult::Paid,
            Close::Unknown => CloseResult::Unknown(make::unknown()),
        };
        let action = Action::RecordClose { attempt_no, result };
        self.at_order(action)
            .expect("a channel's word is never rejected");
    }

    fn cancel(&mut self, rules: Option<CancelRules>) {
        let before = self.order().state;
        let result = self.at_order(Action::RequestReversal { rules });
        assert!(
            rules.is_some() || result.is_ok(),
            "the horizon is never rejected"
        );
        model::check_cancel(before, self.order(), rules, self.now, result.as_ref().err());
    }

    /// Asks for a refund of `amount_minor` under a new number, or under the newest one once more.
    pub(crate) fn refund(
        &mut self,
        amount_minor: i64,
        reuses_number: bool,
        repeat: RefundRepeat,
    ) -> Result<(), TradeError> {
        let refund_no = self.mint();
        let newest = self
            .book
            .refunds
            .values()
            .map(|(_, r)| r.merchant_refund_no.clone())
            .next_back();
        let merchant_refund_no = match newest {
            Some(newest) if reuses_number => newest,
            _ => format!("refund-{refund_no}"),
        };
        let mut refunds = self.book.refunds.values();
        let known = refunds.find(|(_, r)| r.merchant_refund_no == merchant_refund_no);
        let stands = known.is_some_and(|(_, known)| {
            repeat != RefundRepeat::Refuse && known.amounts.amount_minor == amount_minor
        });
        let is_tried_again = stands
            && repeat == RefundRepeat::RetryFailed
            && known.is_some_and(|(_, known)| known.state == RefundState::Failed);
        let is_new = known.is_none();
        let mut request = make::refund(refund_no, &merchant_refund_no, amount_minor);
        request.repeat = repeat;
        request.notify_url = request.notify_url.filter(|_| self.setup.notifies_refunds);
        let may = amount_minor > 0 && amount_minor <= self.order().refundable_minor();
        let before = self.order().refunding;
        let target = Target::NewRefund(ORDER, make::app_id(), merchant_refund_no);
        let result = self.take(target, Action::RequestRefund(Box::new(request)));
        assert!(
            result.is_err() || stands || (may && is_new),
            "a refund that must not be"
        );
        let is_booked = result.is_ok() && (is_new || is_tried_again);
        assert_eq!(
            self.order().refunding.amount_minor - before.amount_minor,
            if is_booked { amount_minor } else { 0 },
            "a repeat is booked only if it tries again"
        );
        result
    }

    pub(crate) fn refund_answer(&mut self, refund_no: RefundNo, answer: &Answer) {
        let reserved_fen = self
            .book
            .refunds
            .get(&refund_no)
            .map_or(0, |(_, r)| r.amounts.payable_fen);
        let result = match answer {
            Answer::Succeeded { cash } => {
                let cash_fen = cash.map(|hundredths| reserved_fen * hundredths / 100);
                RefundResult::Succeeded(make::refund_evidence(cash_fen))
            }
            Answer::Failed => RefundResult::Failed(make::decline(DeclineKind::Refused)),
            Answer::Ended => RefundResult::Failed(make::decline(DeclineKind::Closed)),
            Answer::Pending => RefundResult::Pending,
            Answer::Unknown => RefundResult::Unknown(make::unknown()),
        };
        let notification_no = NotificationNo::from_u64(self.mint());
        let retry_count = self
            .book
            .refunds
            .get(&refund_no)
            .map_or(0, |(_, refund)| refund.details.retry_count);
        let action = Action::RecordRefund {
            retry_count,
            result,
            notification_no,
        };
        self.take(Target::Refund(ORDER, refund_no), action)
            .expect("a channel's word is never rejected");
    }

    pub(crate) fn notification(&mut self, notification_no: NotificationNo, action: Action) {
        self.take(Target::Notification(ORDER, notification_no), action)
            .expect("a delivery is never rejected");
    }

    /// Plays one thing; what the rules reject changes nothing, which `take` has checked.
    pub(crate) fn play(&mut self, op: &Op) {
        match op {
            Op::CreateAgain { with_other_amount } => {
                let more = i64::from(*with_other_amount);
                let create = self.create(self.setup.amount_minor + more);
                assert!(
                    self.creation(create).is_err(),
                    "an order number was taken twice"
                );
            }
            Op::AddAttempt(wallet) => {
                let attempt_no = AttemptNo::from_u64(self.mint());
                let route = Box::new(self.route(*wallet, Scene::Jsapi));
                let _ = self.at_order(Action::AddAttempt { attempt_no, route });
            }
            Op::Handoff(pick) => {
                let attempt_no = self.pick_attempt(*pick);
                let handoff = Handoff::TradeNo(format!("prepay-{attempt_no}"));
                self.at_order(Action::RecordHandoff {
                    attempt_no,
                    handoff,
                })
                .expect("a channel's word is never rejected");
            }
            Op::Paid(pick, payer) => self.paid(self.pick_attempt(*pick), payer),
            Op::PaidWrong(pick, wrong) => self.paid_wrong(self.pick_attempt(*pick), wrong),
            Op::Declined(pick, kind) => {
                let decline = make::decline(*kind);
                self.verdict(self.pick_attempt(*pick), Verdict::Declined(decline));
            }
            Op::Pending(pick) => self.verdict(self.pick_attempt(*pick), Verdict::Pending),
            Op::Waiting(pick) => self.verdict(self.pick_attempt(*pick), Verdict::Waiting),
            Op::Unknown(pick) => {
                self.verdict(self.pick_attempt(*pick), Verdict::Unknown(make::unknown()));
            }
            Op::RefuseEvidence(pick) => {
                let attempt_no = self.pick_attempt(*pick);
                let why = "another merchant".to_owned();
                self.at_order(Action::RefuseEvidence { attempt_no, why })
                    .expect("an alarm is never rejected");
            }
            Op::TillCancel => self.cancel(Some(make::TILL_CANCEL)),
            Op::AnyCancel => self.cancel(Some(make::ANY_CANCEL)),
            Op::Horizon => self.cancel(None),
            Op::Reversal { attempt, is_clear } => {
                self.reversal(self.pick_attempt(*attempt), *is_clear);
            }
            Op::Check(pick, word) => self.checked(self.pick_attempt(*pick), word),
            Op::Close => drop(self.at_order(Action::CloseOrder)),
            Op::AwaitClose => {
                let rules = Some(make::TILL_CANCEL);
                drop(self.at_order(Action::AwaitClose { rules }));
            }
            Op::FinishClose => {
                self.at_order(Action::FinishClose)
                    .expect("the end of a close is never rejected");
            }
            Op::Expire => {
                self.at_order(Action::ExpireOrder)
                    .expect("an expiry is never rejected");
            }
            Op::CloseAnswer(pick, close) => self.close_answer(self.pick_attempt(*pick), close),
            Op::Refund {
                amount,
                reuses_number,
                repeat,
            } => {
                let left = self.order().refundable_minor();
                let amount_minor = match amount {
                    Amount::Exactly(amount_minor) => *amount_minor,
                    Amount::Share(hundredths) => (left * hundredths / 100).max(1),
                    Amount::Rest => left,
                    Amount::Over => left + 1,
                };
                drop(self.refund(amount_minor, *reuses_number, *repeat));
            }
            Op::RefundAnswer(pick, answer) => self.refund_answer(self.pick_refund(*pick), answer),
            Op::BeginDelivery(pick) => {
                let body = format!("rendered at {}", self.now.as_ms());
                let action = Action::Deliver(Deliver::Begin { body });
                self.notification(self.pick_notification(*pick), action);
            }
            Op::EndDelivery {
                notification,
                is_acknowledged,
                is_last,
            } => {
                let action = Action::Deliver(Deliver::End {
                    is_acknowledged: *is_acknowledged,
                    answer: "200".to_owned(),
                    next_gap_ms: (!is_last).then_some(5_000),
                });
                self.notification(self.pick_notification(*notification), action);
            }
            Op::Resend(pick) => {
                self.notification(
                    self.pick_notification(*pick),
                    Action::Deliver(Deliver::Resend),
                );
            }
            Op::Clock { ms } => self.now = self.now.plus_ms(*ms),
        }
    }
}

/// One of what is there, or nothing for 255 or where nothing is.
fn pick_from<T>(items: impl Iterator<Item = T> + Clone, pick: u8) -> Option<T> {
    let count = items.clone().count();
    let at = usize::from(pick).checked_rem(count)?;
    if pick == u8::MAX {
        None
    } else {
        items.clone().nth(at)
    }
}
