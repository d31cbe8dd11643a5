//! What every request for a new order has. Source: Fufu V1.1.1, sections 2.1 and 2.2.

use heliu_trade::command::NewOrder;
use heliu_trade::error::TradeError;
use heliu_trade::goods::SaleTerms;

use super::super::attribute;
use super::fields::{Fields, SUBJECT_MAX};

/// Stored and echoed, in the table's order.
const ATTRIBUTES: [&str; 5] = [
    attribute::OPERATOR_ID,
    attribute::TERMINAL_ID,
    attribute::MERCHANT_PARAM,
    attribute::STORE_ID,
    attribute::TIME_ZONE,
];

/// The order; the amount's value is judged last, as the wire counts that error among the
/// operation's.
pub(super) fn read(fields: &Fields<'_>) -> Result<NewOrder, TradeError> {
    Ok(NewOrder {
        merchant_order_no: fields.required_number("out_trade_no")?.into_owned(),
        subject: fields.required("pay_subject", SUBJECT_MAX)?.into_owned(),
        currency: fields.currency()?,
        notify_url: None,
        return_url: None,
        attributes: fields.attributes(&ATTRIBUTES)?,
        terms: SaleTerms::default(),
        is_same_day: false,
        amount_minor: fields.amount("total_fee")?,
    })
}
