//! `query_status`, 交易结果查询. Source: Leshua trade services, section 4.3.

use heliu_trade::command::Query;
use heliu_trade::error::TradeError;

use super::fields::Fields;

pub(super) fn read(fields: Fields<'_>) -> Result<Query, TradeError> {
    Ok(Query {
        order: fields.required_order()?,
        finds_refunds: false,
    })
}
