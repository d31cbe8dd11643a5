//! `refundquery`, 退款查询: `refund_id`, then `out_refund_no`; the order's numbers, which v2.5.1
//! removed, still find all its refunds. Source: Chaoying v2.5.3, section 4.6.

use heliu_trade::command::{QueryRefund, RefundReference};
use heliu_trade::error::TradeError;

use crate::parameters::missing;

use super::fields::{Fields, order_reference};

pub(super) fn read(fields: Fields<'_>) -> Result<QueryRefund, TradeError> {
    fields.has_wallet()?;
    let refund = if let Some(number) = fields.any("refund_id") {
        RefundReference::Platform(number.parse().ok())
    } else if let Some(number) = fields.any("out_refund_no") {
        RefundReference::Merchant(number.to_owned())
    } else {
        let candidates = [fields.by_merchant_number(), fields.by_platform_number()];
        let order = order_reference(candidates).map_err(|_| missing("out_refund_no"))?;
        RefundReference::OfOrder(order)
    };
    Ok(QueryRefund {
        refund,
        order: None,
    })
}
