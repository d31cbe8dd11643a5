//! `cancel`, 交易撤销. Source: Chaoying v2.5.3, section 4.7.

use heliu_trade::command::Cancel;
use heliu_trade::error::TradeError;

use super::super::attribute;
use super::fields::{Fields, LABEL_MAX, order_reference};

pub(super) fn read(fields: Fields<'_>) -> Result<Cancel, TradeError> {
    fields.has_wallet()?;
    let order = order_reference([fields.by_merchant_number(), None])?;
    fields.text(attribute::OP_USER_ID, LABEL_MAX)?;
    Ok(Cancel { order })
}
