//! `close_order`, 订单关闭. Source: Leshua trade services, section 4.4.

use heliu_trade::command::Close;
use heliu_trade::error::TradeError;

use super::fields::Fields;

pub(super) fn read(fields: Fields<'_>) -> Result<Close, TradeError> {
    Ok(Close {
        order: fields.required_order()?,
    })
}
