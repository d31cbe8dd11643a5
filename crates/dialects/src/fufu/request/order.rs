//! `/order`, 被掃交易: the shop scans the payer. Source: Fufu V1.1.1, section 2.1.

use heliu_trade::command::{Consent, NewOrder, Pay};
use heliu_trade::error::TradeError;
use heliu_trade::goods::SaleTerms;

use super::super::attribute;
use super::fields::{Fields, SUBJECT_MAX};

/// Stored and echoed, in the table's order.
pub(super) const ATTRIBUTES: [&str; 5] = [
    attribute::OPERATOR_ID,
    attribute::TERMINAL_ID,
    attribute::MERCHANT_PARAM,
    attribute::STORE_ID,
    attribute::TIME_ZONE,
];

pub(super) fn read(fields: &Fields<'_>) -> Result<Pay, TradeError> {
    fields.requires("total_fee")?;
    let wallet = fields.wallet()?;
    let auth_code = fields.required_identifier("auth_code", 100)?.into_owned();
    let order = new_order(fields)?;
    Ok(Pay {
        order,
        wallet,
        consent: Consent::Barcode,
        auth_code,
    })
}

/// The members that every new order has; the amount's value is judged last, as the wire counts that
/// error among the operation's.
pub(super) fn new_order(fields: &Fields<'_>) -> Result<NewOrder, TradeError> {
    Ok(NewOrder {
        merchant_order_no: fields.required_number("out_trade_no")?.into_owned(),
        subject: fields.required("pay_subject", SUBJECT_MAX)?.into_owned(),
        currency: fields.currency()?,
        notify_url: None,
        return_url: None,
        attributes: fields.attributes(&ATTRIBUTES)?,
        terms: SaleTerms::default(),
        amount_minor: fields.amount("total_fee")?,
    })
}
