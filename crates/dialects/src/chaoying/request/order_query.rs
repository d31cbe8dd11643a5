//! `orderquery`, 订单查询: `out_trade_no` wins. Source: Chaoying v2.5.3, section 4.4.

use heliu_trade::command::Query;
use heliu_trade::error::TradeError;

use super::fields::{Fields, order_reference};

pub(super) fn read(fields: Fields<'_>) -> Result<Query, TradeError> {
    fields.has_wallet()?;
    let order = order_reference([fields.by_merchant_number(), fields.by_platform_number()])?;
    Ok(Query {
        order,
        finds_refunds: false,
    })
}
