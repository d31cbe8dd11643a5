//! `unified_refund`, 退款. Source: Leshua trade services, section 4.5.

use heliu_trade::command::RefundCommand;
use heliu_trade::error::TradeError;

use super::super::attribute;
use super::fields::{ATTACH_MAX, Fields};

pub(super) fn read(fields: Fields<'_>) -> Result<RefundCommand, TradeError> {
    Ok(RefundCommand {
        order: fields.required_order()?,
        merchant_refund_no: fields.new_number(attribute::MERCHANT_REFUND_ID)?.to_owned(),
        amount_minor: fields.amount(attribute::REFUND_AMOUNT)?,
        order_amount_minor: None,
        reason: String::new(),
        notify_url: fields.address(attribute::NOTIFY_URL)?,
        attributes: fields.attributes(&[(attribute::ATTACH, ATTACH_MAX)])?,
    })
}
