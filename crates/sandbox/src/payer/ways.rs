//! How upstreams differ in what happens to their orders by a payer's doing or in time.

use crate::book::{Book, NewNotification, Order, Refund, Verb};
use crate::error::SandboxError;

/// The ways of one upstream.
pub(crate) struct Ways {
    /// The verb of its reversals; faults of the money that arrives after one go by it.
    pub(crate) reversal: Verb,
    /// A fresh number of a payment, in its form.
    pub(crate) transaction_id: fn(&Book<'_>) -> Result<String, SandboxError>,
    /// Takes off what a promotion gives, just before the order is paid.
    pub(crate) promote: fn(&mut Order),
    /// Names the usual payer, where an order that is paid names none.
    pub(crate) name_payer: fn(&mut Order),
    /// What is told of a payment, if anybody asked for that.
    pub(crate) of_payment: fn(&Order) -> Option<NewNotification>,
    /// What is told when the time of an unpaid order is over.
    pub(crate) of_expiry: fn(&Order) -> Option<NewNotification>,
    /// What is told of a refund that has ended.
    pub(crate) of_refund: fn(&Order, &Refund) -> Option<NewNotification>,
}
