//! Makers of the values that histories and stories are told with.

use std::sync::Arc;

use heliu_trade::attempt::Route;
use heliu_trade::fee::{FeeTerms, Level, ShareTerms};
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::id::{AppId, MerchantId, OrderNo};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::order::OrderDetails;
use heliu_trade::step::{
    Action, CancelRules, CreateOrder, RefundRepeat, RequestRefund, Step, Target,
};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Decline, DeclineKind, Evidence, RefundEvidence, Unknown};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

/// 2026-01-15 10:00:00 in Beijing.
pub(crate) const MORNING: Timestamp = Timestamp::from_ms(1_768_442_400_000);

pub(crate) fn merchant_id() -> MerchantId {
    MerchantId::from("m-1")
}

pub(crate) fn app_id() -> AppId {
    AppId::from("app-1")
}

pub(crate) fn step(target: Target, now: Timestamp, action: Action) -> Step {
    Step {
        merchant_id: merchant_id(),
        target,
        now,
        action,
    }
}

/// The platform holds the money, and nobody has said what the channel takes.
pub(crate) fn held() -> FundsTerms {
    FundsTerms {
        mode: FundsMode::Held,
        cost: None,
    }
}

/// Agents `L1`, `L2` and so on with what they pay, the nearest to the merchant first.
pub(crate) fn levels(costs: &[FeeTerms]) -> ShareTerms {
    let levels = (1..).zip(costs).map(|(level, cost)| Level {
        party_id: format!("L{level}").into(),
        cost: (*cost).into(),
    });
    ShareTerms::of(levels.collect())
}

/// A route whose every wallet has a channel account of its own.
pub(crate) fn route(wallet: WalletKind, scene: Scene, fee: FeeTerms) -> Route {
    Route {
        channel_id: wallet.as_str().into(),
        channel_account_id: format!("{}-main", wallet.as_str()).into(),
        wallet,
        scene,
        sub_merchant_id: "sub-1".to_owned(),
        sub_app_id: None,
        provider_merchant_no: None,
        provider_app_id: None,
        payer_id: None,
        payer_login: None,
        api: "v3".to_owned(),
        fee: fee.into(),
        shares: ShareTerms::default(),
        funds: held(),
        query_gap_ms: 3_000,
        reverse_after_ms: 15_000,
        refund_gap_ms: 60_000,
        refund_count_max: 50,
        reverses_by_call: scene.takes_at_once(),
    }
}

/// An order of `amount_minor` in CNY, or in THB if there is a rate; five minutes or 75 s to live.
pub(crate) fn order(
    order_no: u64,
    scene: Scene,
    amount_minor: i64,
    rate: Option<ExchangeRate>,
    now: Timestamp,
    route: Option<Route>,
) -> CreateOrder {
    let is_barcode = scene.takes_at_once();
    CreateOrder {
        order_no: OrderNo::from_u64(order_no),
        app_id: app_id(),
        merchant_order_no: format!("sale-{order_no}"),
        scene,
        wallet: None,
        amount_minor,
        currency: rate.map_or(Currency::CNY, |_| "THB".parse().expect("a currency")),
        rate,
        route: route.map(Arc::new),
        received_at: now,
        life_ms: (!is_barcode).then_some(300_000),
        horizon_ms: is_barcode.then_some(75_000),
        details: Arc::new(OrderDetails {
            subject: "tea".to_owned(),
            notify_url: Some("https://shop.example/paid".to_owned()),
            fingerprint: format!("fingerprint of {amount_minor}"),
            ..OrderDetails::default()
        }),
    }
}

/// That all of `payable_fen` was paid, less discounts.
pub(crate) fn evidence(
    payable_fen: i64,
    merchant_discount_fen: i64,
    channel_discount_fen: i64,
) -> Evidence {
    Evidence {
        payable_fen,
        cash_fen: payable_fen - merchant_discount_fen - channel_discount_fen,
        merchant_discount_fen,
        channel_discount_fen,
        channel_order_no: "4200001".to_owned(),
        payer_order_no: "4200001".to_owned(),
        payer_id: None,
        funding: Funding::Balance,
        paid_at: MORNING,
        notes: None,
    }
}

pub(crate) fn decline(kind: DeclineKind) -> Decline {
    Decline {
        reason: "NOTENOUGH".to_owned(),
        kind,
    }
}

pub(crate) fn unknown() -> Unknown {
    Unknown::because("timed out")
}

pub(crate) fn refund_evidence(cash_fen: Option<i64>) -> RefundEvidence {
    RefundEvidence {
        channel_refund_no: "5030001".to_owned(),
        cash_fen,
        refunded_at: MORNING,
    }
}

pub(crate) fn refund(refund_no: u64, merchant_refund_no: &str, amount_minor: i64) -> RequestRefund {
    RequestRefund {
        refund_no: heliu_trade::id::RefundNo::from_u64(refund_no),
        merchant_refund_no: merchant_refund_no.to_owned(),
        amount_minor,
        reason: "returned".to_owned(),
        attributes: std::collections::BTreeMap::new(),
        notify_url: Some("https://shop.example/refunded".to_owned()),
        repeat: RefundRepeat::Refuse,
        limit: None,
    }
}

/// The rules of a till's cancel: barcode orders that are not paid, 15 s old, 01:00 to 23:00.
pub(crate) const TILL_CANCEL: CancelRules = CancelRules {
    not_before_ms: 15_000,
    hours_s: Some((3_600, 82_800)),
    takes_paid: false,
    takes_prepay: false,
    paid_until_ms: None,
    accepts_ended: false,
};

/// A cancel that takes whatever can be undone.
pub(crate) const ANY_CANCEL: CancelRules = CancelRules {
    not_before_ms: 0,
    hours_s: None,
    takes_paid: true,
    takes_prepay: true,
    paid_until_ms: None,
    accepts_ended: false,
};

/// A cancel within five minutes of paying, to which an order that has ended without money is a
/// success.
pub(crate) const FIVE_MINUTES_CANCEL: CancelRules = CancelRules {
    paid_until_ms: Some(300_000),
    accepts_ended: true,
    ..ANY_CANCEL
};
