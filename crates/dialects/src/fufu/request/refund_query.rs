//! `/refundQuery`, 退款查詢: `out_trade_no` holds the merchant's refund number; `out_refund_no` is
//! taken if it is absent, and there is no falling back to an order's number. Source: Fufu V1.1.1,
//! section 2.8.

use heliu_trade::command::{QueryRefund, RefundReference};
use heliu_trade::error::TradeError;

use crate::parameters::illegal;

use super::fields::Fields;

pub(super) fn read(fields: &Fields<'_>) -> Result<QueryRefund, TradeError> {
    fields.actor()?;
    let number = match fields.number("out_trade_no")? {
        Some(number) => Some(number),
        None => fields.number("out_refund_no")?,
    };
    let problem = "out_trade_no is missing: it holds the refund's number here";
    let number = number.ok_or_else(|| illegal("out_trade_no", problem))?;
    Ok(QueryRefund {
        refund: RefundReference::Merchant(number.into_owned()),
        order: None,
    })
}
