//! `/refund`, 退款. `fee_type` is ignored: a refund is in its order's currency. Source: Fufu
//! V1.1.1, section 2.4.

use heliu_trade::command::RefundCommand;
use heliu_trade::error::TradeError;

use super::fields::Fields;

/// Longest `refund_subject`; the table names no length.
const REASON_MAX: usize = 256;

pub(super) fn read(fields: &Fields<'_>) -> Result<RefundCommand, TradeError> {
    fields.requires("refund_fee")?;
    Ok(RefundCommand {
        order: fields.order(false)?,
        order_amount_minor: None,
        merchant_refund_no: fields.required_number("out_refund_no")?.into_owned(),
        notify_url: None,
        reason: fields.required("refund_subject", REASON_MAX)?.into_owned(),
        attributes: fields.actor()?,
        amount_minor: fields.amount("refund_fee")?,
    })
}
