//! `/close`, 關閉訂單: for preOrder orders. Source: Fufu V1.1.1, section 2.7.

use heliu_trade::command::Close;
use heliu_trade::error::TradeError;

use super::fields::Fields;

pub(super) fn read(fields: &Fields<'_>) -> Result<Close, TradeError> {
    fields.actor()?;
    Ok(Close {
        order: fields.order(false)?,
    })
}
