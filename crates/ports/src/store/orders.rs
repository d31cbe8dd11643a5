//! Orders and their refunds: the one commit in which the core decides, and what a payment reads.

use futures::future::BoxFuture;
use heliu_trade::attempt::Attempt;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{AppId, MerchantId, OrderNo, RefundNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Loaded, Step};
use heliu_trade::time::Timestamp;

use super::outcome::CommitError;
use crate::exchange::ExchangeRequest;
use crate::store_error::Answer;

/// What to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The step.
    pub step: Step,
    /// The request half of the exchange that caused it.
    pub exchange: Option<ExchangeRequest>,
    /// Who of the office does it; written down with it, if the core does not refuse it.
    pub audit: Option<Box<NewAudit>>,
}

/// What was committed: on disk when this returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The target afterwards.
    pub after: Loaded,
    /// When the earliest job that it wrote is due.
    pub next_job_at: Option<Timestamp>,
}

/// How an order is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKey {
    /// By our number.
    Platform(OrderNo),
    /// By the merchant's number, under an app.
    Merchant(AppId, String),
}

/// How a refund is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundKey {
    /// By our number.
    Platform(RefundNo),
    /// By the merchant's number, under an app.
    Merchant(AppId, String),
}

/// Orders and their refunds. A facet of the books.
pub trait Orders: Send + Sync {
    /// Loads what the step names, lets the core decide, saves what it says, in one transaction.
    /// Steps of concurrent callers share a transaction, with an individual answer each; earlier
    /// ones of a batch are seen by later ones (ruling 11).
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// An order and its attempts.
    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>>;

    /// A refund and its order's number.
    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>>;

    /// All refunds of an order, oldest first.
    fn refunds_of_order(&self, merchant: &MerchantId, order_no: OrderNo)
    -> Answer<'_, Vec<Refund>>;

    /// Whether a channel gave this QR code's content to an order of ours.
    fn is_issued_code(&self, content: String) -> Answer<'_, bool>;

    /// The highest second (from 2020-01-01 UTC) of any number this node has committed.
    fn high_water_second(&self) -> Answer<'_, u64>;
}
