//! `/query`, 查詢: the only interface where an unknown `trade_no` falls back to `out_trade_no`, and
//! where both may be a refund's (ruling 55). Source: Fufu V1.1.1, section 2.5.

use heliu_trade::command::Query;
use heliu_trade::error::TradeError;

use super::fields::Fields;

pub(super) fn read(fields: &Fields<'_>) -> Result<Query, TradeError> {
    fields.time_zone()?;
    Ok(Query {
        order: fields.order(true)?,
        finds_refunds: true,
    })
}
