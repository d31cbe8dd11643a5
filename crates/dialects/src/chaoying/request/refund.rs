//! `refund`, 交易退款: `transaction_id` wins; amounts are of the payable. Source: Chaoying v2.5.3,
//! section 4.5.

use heliu_trade::command::RefundCommand;
use heliu_trade::error::TradeError;

use super::super::attribute;
use super::fields::{Fields, LABEL_MAX, order_reference};

pub(super) fn read(fields: Fields<'_>) -> Result<RefundCommand, TradeError> {
    fields.has_wallet()?;
    let order = order_reference([fields.by_platform_number(), fields.by_merchant_number()])?;
    Ok(RefundCommand {
        order,
        merchant_refund_no: fields.new_refund_number()?.to_owned(),
        order_amount_minor: Some(fields.amount("total_fee")?),
        amount_minor: fields.amount("refund_fee")?,
        notify_url: None,
        reason: String::new(),
        attributes: fields.attributes(&[(attribute::OP_USER_ID, LABEL_MAX)])?,
    })
}
