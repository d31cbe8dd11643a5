//! `/cancel`, 撤單: for barcode orders. Source: Fufu V1.1.1, section 2.6.

use heliu_trade::command::Cancel;
use heliu_trade::error::TradeError;

use super::fields::Fields;

pub(super) fn read(fields: &Fields<'_>) -> Result<Cancel, TradeError> {
    fields.actor()?;
    Ok(Cancel {
        order: fields.order(false)?,
    })
}
