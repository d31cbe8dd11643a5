//! Barcode payments of one merchant, step by step.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeSet;
use std::sync::Arc;

use heliu_ports::store::{Commit, DirectoryChange, Enrolment, RecordCommit, Store};
use heliu_trade::application::{
    Action as ApplicationAction, Applicant, Application, ApplicationState,
};
use heliu_trade::attempt::Route;
use heliu_trade::directory::{App, Merchant, MerchantState};
use heliu_trade::fee::{FeeTerms, ShareTerms, Tariff};
use heliu_trade::id::{AppId, AttemptNo, MerchantId, NotificationNo, OrderNo, RefundNo};
use heliu_trade::invariant;
use heliu_trade::money::Currency;
use heliu_trade::order::Attributes;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::step::{Action, CreateOrder, RefundRepeat, RequestRefund, Step, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Evidence, Verdict};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

pub(crate) const START: Timestamp = Timestamp::from_ms(1_768_442_400_000);

pub(crate) fn merchant() -> MerchantId {
    "a merchant".into()
}

pub(crate) fn order_no(index: u64) -> OrderNo {
    OrderNo::from_u64((190_605_600 << 23) + index)
}

/// The merchant's number of an order.
pub(crate) fn number(index: u64) -> String {
    format!("n-{index}")
}

/// The merchant's numbers of all orders that are in the books, each once, each order whole.
pub(crate) async fn orders(store: &dyn Store) -> BTreeSet<String> {
    let mut after = None;
    let mut found = BTreeSet::new();
    loop {
        let books = store.order_books(after.clone(), 1000).await.expect("read");
        let Some(last) = books.last() else { break };
        after = Some((last.order.merchant_id.clone(), last.order.order_no));
        for book in books {
            assert_eq!(invariant::check(&book), []);
            let is_new = found.insert(book.order.merchant_order_no.clone());
            assert!(is_new, "{} is there twice", book.order.merchant_order_no);
        }
    }
    assert_eq!(store.journal_sum_fen().await, Ok(0));
    found
}

pub(crate) fn create(index: u64, number: &str) -> Commit {
    let app_id = AppId::from("an app");
    let route = Route {
        channel_id: "a_channel".into(),
        channel_account_id: "an_account".into(),
        wallet: WalletKind::Alipay,
        scene: Scene::Barcode,
        sub_merchant_id: "2088".to_owned(),
        sub_app_id: None,
        provider_merchant_no: None,
        provider_app_id: None,
        payer_id: None,
        payer_login: None,
        api: "pay".to_owned(),
        fee: Tariff::from(FeeTerms {
            rate_ppm: 3_800,
            ..FeeTerms::default()
        }),
        shares: ShareTerms::default(),
        funds: heliu_trade::funds::FundsTerms {
            mode: heliu_trade::funds::FundsMode::Held,
            cost: None,
        },
        query_gap_ms: 3_000,
        reverse_after_ms: 15_000,
        refund_gap_ms: 0,
        refund_count_max: 50,
        reverses_by_call: true,
    };
    let create = CreateOrder {
        order_no: order_no(index),
        app_id: app_id.clone(),
        merchant_order_no: number.to_owned(),
        scene: Scene::Barcode,
        wallet: None,
        amount_minor: 8888,
        currency: Currency::CNY,
        rate: None,
        route: Some(Arc::new(route)),
        received_at: START,
        life_ms: None,
        horizon_ms: None,
        details: Arc::default(),
    };
    let step = Step {
        merchant_id: merchant(),
        target: Target::NewOrder {
            app_id,
            merchant_order_no: number.to_owned(),
        },
        now: START,
        action: Action::CreateOrder(Box::new(create)),
    };
    Commit {
        step,
        exchange: None,
        audit: None,
    }
}

pub(crate) fn evidence_step(index: u64) -> Commit {
    let evidence = Evidence {
        payable_fen: 8888,
        cash_fen: 8888,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: format!("C{index}"),
        payer_order_no: format!("C{index}"),
        payer_id: None,
        funding: Funding::Balance,
        paid_at: START,
        notes: None,
    };
    let action = Action::RecordVerdict {
        attempt_no: AttemptNo(order_no(index).0),
        verdict: Verdict::Paid(evidence),
        notification_no: NotificationNo::from_u64(order_no(index).as_u64() + 1_000_000),
    };
    let step = Step {
        merchant_id: merchant(),
        target: Target::Order(order_no(index)),
        now: START.plus_ms(1000),
        action,
    };
    Commit {
        step,
        exchange: None,
        audit: None,
    }
}

/// A refund of the order of `index`, with a number of ours of its own.
pub(crate) fn refund_step(index: u64, refund: u64, number: &str, amount_minor: i64) -> Commit {
    let request = RequestRefund {
        refund_no: RefundNo(order_no(2_000_000 + refund).0),
        merchant_refund_no: number.to_owned(),
        amount_minor,
        reason: "cold".to_owned(),
        attributes: Attributes::new(),
        notify_url: None,
        repeat: RefundRepeat::Refuse,
        limit: None,
    };
    let step = Step {
        merchant_id: merchant(),
        target: Target::NewRefund(order_no(index), "an app".into(), number.to_owned()),
        now: START.plus_ms(2000),
        action: Action::RequestRefund(Box::new(request)),
    };
    Commit {
        step,
        exchange: None,
        audit: None,
    }
}

/// A merchant that applies through an agent.
pub(crate) fn application() -> RecordCommit {
    let merchant = Merchant {
        merchant_id: merchant(),
        name: "a shop".to_owned(),
        short_name: "shop".to_owned(),
        state: MerchantState::Enabled,
    };
    let app = App {
        dialect_id: "a_dialect".into(),
        app_id: "an app".into(),
        merchant_id: merchant.merchant_id.clone(),
        agent_id: Some("an agent".into()),
        partners: Default::default(),
        settings: Default::default(),
    };
    let application = Application {
        application_no: order_no(99).0,
        applicant: Applicant {
            dialect_id: "a_dialect".into(),
            agent_id: "an agent".into(),
            name_digest: "name".to_owned(),
            mobile_digest: Some("mobile".to_owned()),
            username_digest: None,
        },
        app_id: "an app".into(),
        merchant_id: merchant.merchant_id.clone(),
        password_sealed: None,
        trade_code_sealed: "sealed".to_owned(),
        members_sealed: "sealed".to_owned(),
        state: ApplicationState::Passed,
        reason: None,
    };
    let enrolment = Enrolment {
        merchant,
        apps: vec![app],
        contracts: Vec::new(),
    };
    RecordCommit {
        step: RecordStep {
            wants: application.wants(),
            now: START,
            action: RecordAction::Application(ApplicationAction::Submit(Box::new(application))),
        },
        directory: vec![DirectoryChange::Enrol {
            enrolment,
            keys: Vec::new(),
        }],
        audit: None,
    }
}
