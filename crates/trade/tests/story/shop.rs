//! A shop with one order: each method is one thing that happens, and leaves sound books behind.

use heliu_trade::attempt::{AttemptState, Route};
use heliu_trade::error::ErrorCode;
use heliu_trade::fee::FeeTerms;
use heliu_trade::followup::event::EventKind;
use heliu_trade::followup::job::JobKind;
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::funds::FundsTerms;
use heliu_trade::id::{AttemptNo, NotificationNo, OrderNo, RefundNo};
use heliu_trade::ledger::Account;
use heliu_trade::money::{ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::step::{Action, CancelRules, RefundRepeat, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{
    CloseResult, DeclineKind, Evidence, RefundResult, ReversalResult, Verdict,
};
use heliu_trade::wallet::{Scene, WalletKind};

use crate::book::{Book, make};

pub(super) const ORDER: OrderNo = OrderNo::from_u64(1_000);
/// The attempt that is made with the order.
pub(super) const FIRST: AttemptNo = AttemptNo::from_u64(1_000);

type Answer = Result<(), ErrorCode>;
/// Something that is done in the shop.
pub(super) type Deed = fn(&mut Shop);

pub(super) struct Shop {
    pub(super) book: Book,
    pub(super) now: Timestamp,
    next_no: u64,
}

/// One percent, nothing else.
fn fee() -> FeeTerms {
    FeeTerms {
        rate_ppm: 10_000,
        ..FeeTerms::default()
    }
}

impl Shop {
    pub(super) fn at(now: Timestamp) -> Self {
        Self {
            book: Book::default(),
            now,
            next_no: 2_000,
        }
    }

    fn create(&mut self, scene: Scene, amount: i64, rate: Option<ExchangeRate>) -> Answer {
        let has_first = scene != Scene::Qr;
        let route = has_first.then(|| make::route(WalletKind::Wechat, scene, fee()));
        let create = make::order(ORDER.as_u64(), scene, amount, rate, self.now, route);
        let target = Target::NewOrder {
            app_id: create.app_id.clone(),
            merchant_order_no: create.merchant_order_no.clone(),
        };
        self.take(target, Action::CreateOrder(Box::new(create)))
    }

    /// A barcode order of `amount` fen, its payment call under way.
    pub(super) fn barcode(amount: i64) -> Self {
        let mut shop = Self::at(make::MORNING);
        assert_eq!(shop.create(Scene::Barcode, amount, None), Ok(()));
        shop
    }

    /// The same under terms of its own.
    pub(super) fn barcode_under(amount: i64, fee: FeeTerms, funds: FundsTerms) -> Self {
        let mut route = make::route(WalletKind::Wechat, Scene::Barcode, fee);
        route.funds = funds;
        Self::barcode_by(amount, route)
    }

    /// The same by a route of its own.
    pub(super) fn barcode_by(amount: i64, route: Route) -> Self {
        let mut shop = Self::at(make::MORNING);
        let (number, now) = (ORDER.as_u64(), shop.now);
        let create = make::order(number, Scene::Barcode, amount, None, now, Some(route));
        let target = Target::NewOrder {
            app_id: create.app_id.clone(),
            merchant_order_no: create.merchant_order_no.clone(),
        };
        let made = shop.take(target, Action::CreateOrder(Box::new(create)));
        assert_eq!(made, Ok(()));
        shop
    }

    /// An order of `amount` fen that waits for its payer on our page.
    pub(super) fn qr(amount: i64) -> Self {
        let mut shop = Self::at(make::MORNING);
        assert_eq!(shop.create(Scene::Qr, amount, None), Ok(()));
        shop
    }

    /// An order inside a wallet's page.
    pub(super) fn jsapi(amount: i64) -> Self {
        let mut shop = Self::at(make::MORNING);
        assert_eq!(shop.create(Scene::Jsapi, amount, None), Ok(()));
        shop
    }

    /// A barcode order in a foreign currency at `rate` CNY for a unit.
    pub(super) fn foreign(amount: i64, rate: &str) -> Result<Self, ErrorCode> {
        let mut shop = Self::at(make::MORNING);
        let rate = ExchangeRate::parse(rate, RateDirection::CnyPerUnit);
        shop.create(Scene::Barcode, amount, rate)?;
        Ok(shop)
    }

    /// The same order number once more.
    pub(super) fn create_again(&mut self, amount: i64) -> Answer {
        self.create(Scene::Barcode, amount, None)
    }

    pub(super) fn take(&mut self, target: Target, action: Action) -> Answer {
        let result = self.book.step(make::step(target, self.now, action));
        self.book.assert_sound();
        assert_eq!(self.book.balances().values().sum::<i64>(), 0);
        result.map_err(|error| error.code)
    }

    fn mint(&mut self) -> u64 {
        self.next_no += 1;
        self.next_no
    }

    fn happens(&mut self, action: Action) {
        assert_eq!(self.take(Target::Order(ORDER), action), Ok(()));
    }

    pub(super) fn wait_ms(&mut self, ms: i64) -> &mut Self {
        self.now = self.now.plus_ms(ms);
        self
    }

    /// The payer chooses a wallet on our page.
    pub(super) fn choose(&mut self, wallet: WalletKind) -> Result<AttemptNo, ErrorCode> {
        let attempt_no = AttemptNo::from_u64(self.mint());
        let mut route = make::route(wallet, Scene::Jsapi, fee());
        route.payer_id = Some(format!("payer {attempt_no}"));
        self.take(
            Target::Order(ORDER),
            Action::AddAttempt {
                attempt_no,
                route: Box::new(route),
            },
        )?;
        let newest = self.book.attempts[&ORDER].last().expect("an attempt");
        Ok(newest.attempt_no)
    }

    pub(super) fn hear(&mut self, attempt_no: AttemptNo, verdict: Verdict) {
        let notification_no = NotificationNo::from_u64(self.mint());
        self.happens(Action::RecordVerdict {
            attempt_no,
            verdict,
            notification_no,
        });
    }

    /// The channel says that all was paid, in money.
    pub(super) fn pay(&mut self, attempt_no: AttemptNo) {
        let charge = self.order().charge_fen;
        self.pay_with(attempt_no, make::evidence(charge, 0, 0));
    }

    pub(super) fn pay_with(&mut self, attempt_no: AttemptNo, evidence: Evidence) {
        self.hear(attempt_no, Verdict::Paid(evidence));
    }

    pub(super) fn decline(&mut self, attempt_no: AttemptNo) {
        self.hear(
            attempt_no,
            Verdict::Declined(make::decline(DeclineKind::Refused)),
        );
    }

    pub(super) fn cancel(&mut self, rules: CancelRules) -> Answer {
        self.take(
            Target::Order(ORDER),
            Action::RequestReversal { rules: Some(rules) },
        )
    }

    pub(super) fn reach_horizon(&mut self) {
        self.happens(Action::RequestReversal { rules: None });
    }

    /// A channel that was asked with what is known now says so.
    pub(super) fn reversed(&mut self, attempt_no: AttemptNo) {
        let saw_money = self.saw_money(attempt_no);
        self.says_reversed(attempt_no, saw_money);
    }

    /// Whether money of this attempt was seen.
    pub(super) fn saw_money(&self, attempt_no: AttemptNo) -> bool {
        let mut attempts = self.book.attempts[&ORDER].iter();
        attempts.any(|attempt| attempt.attempt_no == attempt_no && attempt.evidence.is_some())
    }

    pub(super) fn says_reversed(&mut self, attempt_no: AttemptNo, saw_money: bool) {
        self.happens(Action::RecordReversal {
            attempt_no,
            saw_money,
            result: ReversalResult::Reversed,
        });
    }

    pub(super) fn reversal_unclear(&mut self, attempt_no: AttemptNo) {
        self.happens(Action::RecordReversal {
            attempt_no,
            saw_money: self.saw_money(attempt_no),
            result: ReversalResult::Unknown(make::unknown()),
        });
    }

    pub(super) fn close(&mut self) -> Answer {
        self.take(Target::Order(ORDER), Action::CloseOrder)
    }

    pub(super) fn expire(&mut self) {
        self.happens(Action::ExpireOrder);
    }

    pub(super) fn closed_upstream(&mut self, attempt_no: AttemptNo) {
        self.happens(Action::RecordClose {
            attempt_no,
            result: CloseResult::Closed,
        });
    }

    pub(super) fn refund_as(&mut self, number: &str, amount: i64) -> Result<RefundNo, ErrorCode> {
        let refund_no = self.mint();
        let request = make::refund(refund_no, number, amount);
        let target = Target::NewRefund(ORDER, make::app_id(), number.to_owned());
        self.take(target, Action::RequestRefund(Box::new(request)))?;
        Ok(RefundNo::from_u64(refund_no))
    }

    /// The same number once more, or for the first time.
    pub(super) fn repeat_refund(
        &mut self,
        number: &str,
        amount: i64,
        repeat: RefundRepeat,
    ) -> Result<RefundNo, ErrorCode> {
        let mut request = make::refund(self.mint(), number, amount);
        request.repeat = repeat;
        let target = Target::NewRefund(ORDER, make::app_id(), number.to_owned());
        self.take(target, Action::RequestRefund(Box::new(request)))?;
        let mut refunds = self.book.refunds.values();
        let (_, refund) = refunds
            .find(|(_, refund)| refund.merchant_refund_no == number)
            .expect("it stands");
        Ok(refund.refund_no)
    }

    pub(super) fn refund(&mut self, amount: i64) -> Result<RefundNo, ErrorCode> {
        let number = format!("refund-{}", self.next_no + 1);
        self.refund_as(&number, amount)
    }

    fn refund_ends(&mut self, refund_no: RefundNo, result: RefundResult) {
        let retry_count = self.refund_of(refund_no).details.retry_count;
        self.refund_try_ends(refund_no, retry_count, result);
    }

    /// What a channel says of one try of a refund, perhaps of an earlier one.
    pub(super) fn refund_try_ends(
        &mut self,
        refund_no: RefundNo,
        retry_count: u32,
        result: RefundResult,
    ) {
        let notification_no = NotificationNo::from_u64(self.mint());
        let action = Action::RecordRefund {
            retry_count,
            result,
            notification_no,
        };
        assert_eq!(self.take(Target::Refund(ORDER, refund_no), action), Ok(()));
    }

    pub(super) fn refund_succeeds(&mut self, refund_no: RefundNo, cash_fen: Option<i64>) {
        let evidence = make::refund_evidence(cash_fen);
        self.refund_ends(refund_no, RefundResult::Succeeded(evidence));
    }

    /// The channel refuses a refund: nothing is held of it there.
    pub(super) fn refund_fails(&mut self, refund_no: RefundNo) {
        let decline = make::decline(DeclineKind::Refused);
        self.refund_ends(refund_no, RefundResult::Failed(decline));
    }

    /// The channel had taken a refund and ends it unpaid.
    pub(super) fn refund_is_ended(&mut self, refund_no: RefundNo) {
        let decline = make::decline(DeclineKind::Closed);
        self.refund_ends(refund_no, RefundResult::Failed(decline));
    }

    /// A refund that succeeds at once, as it is booked then.
    pub(super) fn refunded(&mut self, amount: i64) -> Refund {
        let refund_no = self.refund(amount).expect("there is enough left");
        self.refund_succeeds(refund_no, None);
        self.refund_of(refund_no)
    }

    pub(super) fn refund_of(&self, refund_no: RefundNo) -> Refund {
        let refund = self.book.refunds[&refund_no].1.clone();
        assert_eq!(
            refund.ended_at.is_some(),
            refund.state != RefundState::Refunding
        );
        refund
    }

    /// The order's only notification.
    pub(super) fn notification_no(&self) -> NotificationNo {
        let numbers: Vec<_> = self.book.notifications.keys().copied().collect();
        assert_eq!(numbers.len(), 1, "one notification");
        numbers[0]
    }

    pub(super) fn notice(&mut self, action: Action) {
        let target = Target::Notification(ORDER, self.notification_no());
        assert_eq!(self.take(target, action), Ok(()));
    }

    pub(super) fn notice_state(&self) -> NotificationState {
        self.book.notifications[&self.notification_no()].state
    }

    pub(super) fn order(&self) -> &Order {
        &self.book.orders[&ORDER]
    }

    pub(super) fn state(&self) -> OrderState {
        self.order().state
    }

    pub(super) fn attempt_state(&self, attempt_no: AttemptNo) -> AttemptState {
        let mut attempts = self.book.attempts[&ORDER].iter();
        attempts
            .find(|attempt| attempt.attempt_no == attempt_no)
            .expect("an attempt")
            .state
    }

    /// When a job is due, counted in ms from now; `None` if there is none.
    pub(super) fn due_in_ms(&self, kind: JobKind, about: u64) -> Option<i64> {
        let mut jobs = self.book.jobs.values();
        let job = jobs.find(|job| job.key.kind == kind && job.key.about == about)?;
        Some(job.due_at.since_ms(self.now))
    }

    pub(super) fn has_event(&self, kind: EventKind) -> bool {
        self.count_events(kind) > 0
    }

    pub(super) fn count_events(&self, kind: EventKind) -> usize {
        self.book.events[&ORDER]
            .iter()
            .filter(|event| event.kind == kind)
            .count()
    }

    /// What is owed to the merchant, what was earned, and the money that no order wants, in fen.
    pub(super) fn merchant_fee_surplus(&self) -> (i64, i64, i64) {
        let balances = self.book.balances();
        let owed = |account| -balances.get(&account).copied().unwrap_or_default();
        (
            owed(Account::MerchantBalance),
            owed(Account::FeeIncome),
            owed(Account::Surplus),
        )
    }
}
