//! A merchant, its orders, and the steps that a suite takes with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use heliu_trade::attempt::Route;
use heliu_trade::fee::{FeeTerms, ShareTerms, Tariff};
use heliu_trade::followup::subject::Subject;
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::goods::SaleTerms;
use heliu_trade::id::{
    AppId, AttemptNo, MerchantId, NotificationNo, OrderNo, PlatformNo, RefundNo,
};
use heliu_trade::money::Currency;
use heliu_trade::order::{Attributes, OrderDetails};
use heliu_trade::refund_limit::RefundLimit;
use heliu_trade::step::{Action, CreateOrder, RefundRepeat, RequestRefund, Step, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Evidence, RefundEvidence, RefundResult, Verdict};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use crate::exchange::ExchangeRequest;
use crate::store::{Commit, CommitError, Committed, Store};

/// The instant at which suites begin: 2026-01-15 10:00:00 Beijing time.
pub(super) const START: Timestamp = Timestamp::from_ms(1_768_442_400_000);
/// The second of the first number, from 2020-01-01 UTC, as a mint of that instant would have it.
pub(super) const FIRST_SECOND: u64 = 190_605_600;

/// A till: one merchant's app over some books.
pub(super) struct Till {
    pub(super) store: Arc<dyn Store>,
    pub(super) merchant: MerchantId,
    pub(super) app: AppId,
    next: AtomicU64,
}

impl Till {
    /// Tills of one suite have different `index`es, so that their numbers differ.
    pub(super) fn new(store: &Arc<dyn Store>, index: u64) -> Self {
        Self {
            store: Arc::clone(store),
            merchant: MerchantId::from(format!("merchant-{index}")),
            app: AppId::from(format!("app-{index}")),
            next: AtomicU64::new((FIRST_SECOND << 23) + index * 10_000),
        }
    }

    /// How what follows from an order names it.
    pub(super) fn subject(&self, order_no: OrderNo) -> Subject {
        Subject::of_merchant(&self.merchant, order_no.0)
    }

    pub(super) fn number(&self) -> PlatformNo {
        PlatformNo::from_u64(self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) async fn commit(
        &self,
        target: Target,
        now: Timestamp,
        action: Action,
    ) -> Result<Committed, CommitError> {
        let step = Step {
            merchant_id: self.merchant.clone(),
            target,
            now,
            action,
        };
        self.store
            .commit(Commit {
                step,
                exchange: None,
                audit: None,
            })
            .await
    }

    pub(super) fn create_step(&self, order_no: OrderNo, number: &str, amount_fen: i64) -> Step {
        let create = CreateOrder {
            order_no,
            app_id: self.app.clone(),
            merchant_order_no: number.to_owned(),
            scene: Scene::Barcode,
            wallet: None,
            amount_minor: amount_fen,
            currency: Currency::CNY,
            rate: None,
            route: Some(Arc::new(route())),
            received_at: START,
            life_ms: None,
            horizon_ms: Some(75_000),
            details: Arc::new(OrderDetails {
                subject: "咖啡 ☕ 'quoted' \"twice\"".to_owned(),
                notify_url: Some("http://127.0.0.1:9/notify".to_owned()),
                auth_code_sealed: Some("sealed".to_owned()),
                attributes: Attributes::from([("remark".to_owned(), "桌 7".to_owned())]),
                terms: SaleTerms {
                    goods_tag: Some("a tag".to_owned()),
                    ..SaleTerms::default()
                },
                return_url: Some("https://shop.example/done".to_owned()),
                fingerprint: format!("of {number}"),
            }),
        };
        Step {
            merchant_id: self.merchant.clone(),
            target: Target::NewOrder {
                app_id: self.app.clone(),
                merchant_order_no: number.to_owned(),
            },
            now: START,
            action: Action::CreateOrder(Box::new(create)),
        }
    }

    pub(super) async fn create(
        &self,
        number: &str,
        amount_fen: i64,
    ) -> Result<Committed, CommitError> {
        let step = self.create_step(OrderNo(self.number()), number, amount_fen);
        self.store
            .commit(Commit {
                step,
                exchange: None,
                audit: None,
            })
            .await
    }

    /// Creates an order; the suite is about something else.
    pub(super) async fn order(&self, number: &str, amount_fen: i64) -> OrderNo {
        let committed = self
            .create(number, amount_fen)
            .await
            .expect("a new number is accepted");
        committed.after.order.expect("a created order").order_no
    }

    pub(super) async fn pay(
        &self,
        order_no: OrderNo,
        amount_fen: i64,
    ) -> Result<Committed, CommitError> {
        self.pay_by(order_no, AttemptNo(order_no.0), amount_fen)
            .await
    }

    /// Pays an order through the attempt of this number.
    pub(super) async fn pay_by(
        &self,
        order_no: OrderNo,
        attempt_no: AttemptNo,
        amount_fen: i64,
    ) -> Result<Committed, CommitError> {
        let action = Action::RecordVerdict {
            attempt_no,
            verdict: Verdict::Paid(evidence(order_no, amount_fen)),
            notification_no: NotificationNo(self.number()),
        };
        self.commit(Target::Order(order_no), START.plus_ms(1000), action)
            .await
    }

    /// Creates and pays an order.
    pub(super) async fn paid(&self, number: &str, amount_fen: i64) -> OrderNo {
        let order_no = self.order(number, amount_fen).await;
        self.pay(order_no, amount_fen)
            .await
            .expect("a payment is recorded");
        order_no
    }

    pub(super) async fn refund(
        &self,
        order_no: OrderNo,
        number: &str,
        amount_minor: i64,
    ) -> Result<Committed, CommitError> {
        self.refund_within(order_no, number, amount_minor, None)
            .await
    }

    /// The same under a limit.
    pub(super) async fn refund_within(
        &self,
        order_no: OrderNo,
        number: &str,
        amount_minor: i64,
        limit: Option<RefundLimit>,
    ) -> Result<Committed, CommitError> {
        let request = RequestRefund {
            refund_no: RefundNo(self.number()),
            merchant_refund_no: number.to_owned(),
            amount_minor,
            reason: "cold".to_owned(),
            attributes: Attributes::new(),
            notify_url: Some("http://127.0.0.1:9/refund".to_owned()),
            repeat: RefundRepeat::Refuse,
            limit,
        };
        let target = Target::NewRefund(order_no, self.app.clone(), number.to_owned());
        let action = Action::RequestRefund(Box::new(request));
        self.commit(target, START.plus_ms(2000), action).await
    }

    pub(super) async fn end_refund(
        &self,
        order_no: OrderNo,
        refund_no: RefundNo,
    ) -> Result<Committed, CommitError> {
        let result = RefundResult::Succeeded(RefundEvidence {
            channel_refund_no: format!("R{refund_no}"),
            cash_fen: None,
            refunded_at: START.plus_ms(3000),
        });
        let notification_no = NotificationNo(self.number());
        let action = Action::RecordRefund {
            retry_count: 0,
            result,
            notification_no,
        };
        self.commit(
            Target::Refund(order_no, refund_no),
            START.plus_ms(3000),
            action,
        )
        .await
    }

    pub(super) fn request(&self, exchange_no: PlatformNo) -> ExchangeRequest {
        ExchangeRequest {
            exchange_no,
            at: START,
            dialect_id: "a_dialect".into(),
            app_id: Some(self.app.clone()),
            path: "/pay".to_owned(),
            query: "a=1".to_owned(),
            body: "{}".to_owned(),
            peer: "127.0.0.1:5000".to_owned(),
        }
    }
}

/// The platform holds the money.
pub(super) const fn held() -> FundsTerms {
    FundsTerms {
        mode: FundsMode::Held,
        cost: None,
    }
}

/// The channel pays the merchant, and takes 4 %, so that a small refund gives some back.
pub(super) fn direct() -> FundsTerms {
    let cost = FeeTerms {
        rate_ppm: 40_000,
        ..FeeTerms::default()
    };
    FundsTerms {
        mode: FundsMode::Direct,
        cost: Some(cost),
    }
}

pub(super) fn route() -> Route {
    Route {
        channel_id: "a_channel".into(),
        channel_account_id: "an_account".into(),
        wallet: WalletKind::Alipay,
        scene: Scene::Barcode,
        sub_merchant_id: "2088".to_owned(),
        sub_app_id: None,
        provider_merchant_no: Some("190".to_owned()),
        provider_app_id: None,
        payer_id: None,
        payer_login: None,
        api: "pay".to_owned(),
        fee: Tariff::from(FeeTerms {
            rate_ppm: 3_800,
            ..FeeTerms::default()
        }),
        shares: ShareTerms::default(),
        funds: held(),
        query_gap_ms: 3_000,
        reverse_after_ms: 15_000,
        refund_gap_ms: 0,
        refund_count_max: 50,
        reverses_by_call: true,
    }
}

/// The channel's number of a payment.
pub(super) fn channel_order_no(order_no: OrderNo) -> String {
    format!("C{order_no}")
}

pub(super) fn evidence(order_no: OrderNo, amount_fen: i64) -> Evidence {
    Evidence {
        payable_fen: amount_fen,
        cash_fen: amount_fen,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: channel_order_no(order_no),
        payer_order_no: channel_order_no(order_no),
        payer_id: None,
        funding: Funding::Balance,
        paid_at: START.plus_ms(900),
        notes: None,
    }
}
