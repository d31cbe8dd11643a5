//! The narrow waist: what a merchant can ask and what it is answered, in our own words.
//!
//! Written for an ideal merchant; no field name of a wire occurs. A dialect translates both ways.

use crate::attempt::Handoff;
use crate::id::{OrderNo, RefundNo};
use crate::money::Currency;
use crate::order::{Attributes, Order};
use crate::refund::Refund;
use crate::wallet::WalletKind;

/// What a merchant asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// 付款码支付: take the money now. A repeat of the number never has a second effect.
    Pay(Pay),
    /// 预下单: make an order that waits for its payer.
    Prepay(Prepay),
    /// 查询: never changes what was asked; may bring news from the channel.
    Query(Query),
    /// 撤销: make it as if not paid. A repeat finds it reversed.
    Cancel(Cancel),
    /// 关单: no further payment possible. A repeat finds it closed.
    Close(Close),
    /// 退款: give back all or part. A repeat of the number never has a second effect.
    Refund(RefundCommand),
    /// 退款查询
    QueryRefund(QueryRefund),
}

impl Command {
    /// The verb, for logs and metrics.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Pay(_) => "pay",
            Self::Prepay(_) => "prepay",
            Self::Query(_) => "query",
            Self::Cancel(_) => "cancel",
            Self::Close(_) => "close",
            Self::Refund(_) => "refund",
            Self::QueryRefund(_) => "query_refund",
        }
    }
}

/// Members that every new order has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// 商户订单号
    pub merchant_order_no: String,
    /// In minor units of `currency`; above zero.
    pub amount_minor: i64,
    /// The merchant's currency.
    pub currency: Currency,
    /// What is sold.
    pub subject: String,
    /// Where to notify.
    pub notify_url: Option<String>,
    /// The dialect's own texts, stored and echoed.
    pub attributes: Attributes,
}

/// A barcode payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    /// The order.
    pub order: NewOrder,
    /// The wallet that the merchant states; `None`: tell it from the code.
    pub wallet: Option<WalletKind>,
    /// The payer's code: a secret.
    pub auth_code: String,
}

/// An order that waits for its payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepay {
    /// The order.
    pub order: NewOrder,
    /// How the payer will meet it.
    pub scene: PrepayScene,
    /// Life in ms from now; `None`: the dialect's default.
    pub life_ms: Option<i64>,
}

/// How the payer of a prepay order meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepayScene {
    /// By scanning an address that leads to our cashier page; `None`: any wallet.
    Qr {
        /// The only wallet that may pay.
        wallet: Option<WalletKind>,
    },
    /// Inside a wallet's page.
    Jsapi {
        /// Which wallet.
        wallet: WalletKind,
        /// The payer's id at that wallet.
        payer_id: String,
        /// The app id under which that id is known, if it is the merchant's own.
        sub_app_id: Option<String>,
    },
}

/// Which order is meant: the first present reference decides (ruling 23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderReference {
    /// References, strongest first.
    pub candidates: Vec<Reference>,
    /// Whether an unknown first reference falls back to the next one.
    pub falls_back: bool,
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Our number; `None` if the text has not its form, so that it is simply not found.
    Platform(Option<OrderNo>),
    /// The merchant's number.
    Merchant(String),
}

/// 查询
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which order.
    pub order: OrderReference,
}

/// 撤销
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Which order.
    pub order: OrderReference,
}

/// 关单
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Which order.
    pub order: OrderReference,
}

/// 退款
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundCommand {
    /// Of which order.
    pub order: OrderReference,
    /// 商户退款单号
    pub merchant_refund_no: String,
    /// In minor units of the order's currency; above zero.
    pub amount_minor: i64,
    /// The merchant's reason.
    pub reason: String,
    /// The dialect's own texts.
    pub attributes: Attributes,
}

/// 退款查询
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryRefund {
    /// Which refund.
    pub refund: RefundReference,
}

/// Which refund is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundReference {
    /// Our number; `None` if the text has not its form.
    Platform(Option<RefundNo>),
    /// The merchant's number.
    Merchant(String),
}

/// What a merchant is answered when its call worked. A declined payment is an order too: the dialect
/// reads its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An order as it stands, after pay, query, cancel or close.
    Order {
        /// The order.
        order: Box<Order>,
        /// The payer's code, opened for wires that echo it.
        auth_code: Option<String>,
    },
    /// A prepay order, with what its payer's wallet takes.
    Prepaid {
        /// The order.
        order: Box<Order>,
        /// What the channel gave; `None` for an order whose payer comes to our page.
        handoff: Option<Handoff>,
    },
    /// A refund as it stands.
    Refund {
        /// Its order.
        order: Box<Order>,
        /// The refund.
        refund: Box<Refund>,
    },
}
