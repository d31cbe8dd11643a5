//! An order as its upstream knows it, and its refunds.

use serde::{Deserialize, Serialize};

use super::{Goods, Parts, Promotion, split};
use crate::crypto::stable_hash;

/// How the payer comes to the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scene {
    /// The payer shows a code.
    Barcode,
    /// The payer shows a face.
    Face,
    Native,
    Jsapi,
    App,
    H5,
}

impl Scene {
    /// Whether the payer stands at the till: charged at once, reversed and never closed, not
    /// notified.
    pub(crate) fn is_at_till(self) -> bool {
        matches!(self, Scene::Barcode | Scene::Face)
    }
}

/// The true state machine, below the upstreams' words.
///
/// `Lost` is payment code 97: the request never arrived, queries know nothing.
/// `Unscanned` is a code that nobody has scanned, where that makes the order (channels.md 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Lost,
    Unscanned,
    NotPay,
    UserPaying,
    Paid,
    PayError,
    Closed,
    Revoked,
}

/// How far a refund has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RefundState {
    Processing,
    Success,
    Closed,
}

impl RefundState {
    /// What `/control` calls it; also the word of more than one wire (channels.md 1.7).
    pub(crate) fn word(self) -> &'static str {
        match self {
            RefundState::Processing => "PROCESSING",
            RefundState::Success => "SUCCESS",
            RefundState::Closed => "CLOSED",
        }
    }
}

/// One refund, keyed by the caller's number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) number: String,
    pub(crate) refund_id: String,
    pub(crate) amount_fen: i64,
    pub(crate) cash_fen: i64,
    pub(crate) coupon_fen: i64,
    pub(crate) state: RefundState,
    pub(crate) reason: Option<String>,
    pub(crate) notify_url: Option<String>,
    /// The interface that asked for it.
    pub(crate) api: String,
    pub(crate) created_ms: i64,
    pub(crate) done_ms: Option<i64>,
}

/// One order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The upstream it lives in; numbers are unique there within one owner.
    pub(crate) channel: String,
    /// Scope of the number: the merchant, or empty where numbers are the service provider's.
    pub(crate) owner: String,
    pub(crate) number: String,
    pub(crate) scene: Scene,
    /// Which interface of the upstream made it: they may share one book (channels.md 7).
    pub(crate) api: String,
    /// Who is paid, by the number that the upstream gave.
    pub(crate) merchant: String,
    pub(crate) app_id: String,
    pub(crate) sub_app_id: Option<String>,
    pub(crate) total_fen: i64,
    pub(crate) discount_fen: i64,
    pub(crate) subject: String,
    pub(crate) attach: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) goods_tag: Option<String>,
    /// The basket, where the merchant sent one. Older books do not have it, nor the promotion or
    /// the body.
    #[serde(default)]
    pub(crate) goods: Vec<Goods>,
    /// Which promotion gave the discount; see [`Order::promotion`].
    #[serde(default)]
    pub(crate) promotion: Option<Promotion>,
    /// A longer description than the subject.
    #[serde(default)]
    pub(crate) body: Option<String>,
    pub(crate) notify_url: Option<String>,
    /// `MD5`, `HMAC-SHA256` or `RSA`: what paySign and notifications use.
    pub(crate) sign_type: String,
    /// The business content of the creating request; a repeat must equal it.
    pub(crate) content: String,
    pub(crate) state: State,
    /// The definite refusal a repeat gets again.
    pub(crate) failure: Option<String>,
    pub(crate) transaction_id: String,
    pub(crate) prepay_id: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) prepaid_ms: i64,
    pub(crate) openid: String,
    pub(crate) sub_openid: Option<String>,
    /// How the payer signs in, masked, if it is not as everybody does here.
    #[serde(default)]
    pub(crate) logon_id: Option<String>,
    /// A JSAPI order belongs to one payer; others have none until paid.
    pub(crate) bound_to_payer: bool,
    pub(crate) created_ms: i64,
    pub(crate) expires_ms: Option<i64>,
    pub(crate) paid_ms: Option<i64>,
    pub(crate) closed_ms: Option<i64>,
    /// A paid order that was reversed or cancelled: everything went back.
    pub(crate) money_back: bool,
    /// Reversed before it was ever seen (ruling 43).
    pub(crate) tombstone: bool,
    pub(crate) refunds: Vec<Refund>,
}

impl Order {
    /// An order nobody has paid, with everything optional empty.
    pub(crate) fn new(channel: &str, api: &str, owner: &str, number: &str, now_ms: i64) -> Self {
        Self {
            channel: channel.to_owned(),
            owner: owner.to_owned(),
            number: number.to_owned(),
            scene: Scene::Barcode,
            api: api.to_owned(),
            merchant: String::new(),
            app_id: String::new(),
            sub_app_id: None,
            total_fen: 0,
            discount_fen: 0,
            subject: String::new(),
            attach: None,
            device: None,
            goods_tag: None,
            goods: Vec::new(),
            promotion: None,
            body: None,
            notify_url: None,
            sign_type: String::from("MD5"),
            content: String::new(),
            state: State::NotPay,
            failure: None,
            transaction_id: String::new(),
            prepay_id: None,
            code: None,
            prepaid_ms: now_ms,
            openid: String::new(),
            sub_openid: None,
            logon_id: None,
            bound_to_payer: false,
            created_ms: now_ms,
            expires_ms: None,
            paid_ms: None,
            closed_ms: None,
            money_back: false,
            tombstone: false,
            refunds: Vec::new(),
        }
    }

    pub(crate) fn cash_fen(&self) -> i64 {
        self.total_fen - self.discount_fen
    }

    /// The promotion behind the discount, if there is one. A discount that no promotion gave
    /// (code 98) is off the whole order.
    pub(crate) fn promotion(&self) -> Option<Promotion> {
        if self.discount_fen == 0 {
            return None;
        }
        Some(self.promotion.clone().unwrap_or_else(|| Promotion {
            id: format!("{:010}", stable_hash(&self.number) % 10_000_000_000),
            name: "商户立减".to_owned(),
            activity_id: "20260101".to_owned(),
            goods: Vec::new(),
        }))
    }

    /// Whether the payer can still pay.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self.state,
            State::Unscanned | State::NotPay | State::UserPaying
        )
    }

    /// Refunds that hold or have moved money, in fen.
    pub(crate) fn refunding_fen(&self) -> i64 {
        self.refunds
            .iter()
            .filter(|refund| refund.state != RefundState::Closed)
            .map(|refund| refund.amount_fen)
            .sum()
    }

    /// Refunds that have moved money, in fen.
    pub(crate) fn refunded_fen(&self) -> i64 {
        self.refunds
            .iter()
            .filter(|refund| refund.state == RefundState::Success)
            .map(|refund| refund.amount_fen)
            .sum()
    }

    /// The split of a further refund, by ruling 6.
    pub(crate) fn split_refund(&self, refund_fen: i64) -> (i64, i64) {
        let live = || {
            self.refunds
                .iter()
                .filter(|refund| refund.state != RefundState::Closed)
        };
        split(
            refund_fen,
            Parts {
                payable_fen: self.total_fen,
                cash_total_fen: self.cash_fen(),
                cash_left_fen: self.cash_fen() - live().map(|refund| refund.cash_fen).sum::<i64>(),
                coupon_left_fen: self.discount_fen
                    - live().map(|refund| refund.coupon_fen).sum::<i64>(),
            },
        )
    }
}
