//! `unified_query_refund`, 退款查询: a refund of an order; clients are known that name the order
//! only and mean its newest refund. Source: Leshua trade services, section 4.6.

use heliu_trade::command::{QueryRefund, RefundReference};
use heliu_trade::error::TradeError;

use super::super::attribute;
use super::fields::{Fields, no_number};

pub(super) fn read(fields: Fields<'_>) -> Result<QueryRefund, TradeError> {
    let ours = fields
        .any("leshua_refund_id")
        .map(|number| RefundReference::Platform(number.parse().ok()));
    let theirs = || {
        let number = fields.any(attribute::MERCHANT_REFUND_ID)?;
        Some(RefundReference::Merchant(number.to_owned()))
    };
    let order = fields.order();
    match (ours.or_else(theirs), order) {
        (Some(refund), order) => Ok(QueryRefund { refund, order }),
        (None, Some(order)) => Ok(QueryRefund {
            refund: RefundReference::NewestOf(order),
            order: None,
        }),
        (None, None) => Err(no_number()),
    }
}
