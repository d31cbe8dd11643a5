//! `exchange` and `exchange_answer`

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_trade::id::{OrderNo, PlatformNo};

use super::reading;
use crate::columns::{Columns, Result};

macro_rules! selected {
    () => {
        "SELECT q.exchange_no, q.at, q.dialect_id, q.app_id, q.path, q.query, q.body, q.peer, a.status, \
         a.body, a.outcome, a.reading, a.signing, a.order_no, a.duration_ms \
         FROM exchange AS q LEFT JOIN exchange_answer AS a USING (exchange_no)"
    };
}

/// All exchanges about an order with their answers, in order.
pub(crate) const OF_ORDER: &str =
    concat!(selected!(), " WHERE q.order_no = $1 ORDER BY q.exchange_no");
/// One exchange with its answer.
pub(crate) const BY_NUMBER: &str = concat!(selected!(), " WHERE q.exchange_no = $1");

/// Both halves of an exchange.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<(ExchangeRequest, Option<ExchangeAnswer>)> {
    let exchange_no = PlatformNo::from_u64(columns.number()?);
    let request = ExchangeRequest {
        exchange_no,
        at: columns.at()?,
        dialect_id: columns.name()?,
        app_id: columns.name_opt()?,
        path: columns.string()?,
        query: columns.string()?,
        body: columns.string()?,
        peer: columns.string()?,
    };
    let Some(status) = columns.integer_opt()? else {
        return Ok((request, None));
    };
    let answer = ExchangeAnswer {
        exchange_no,
        app_id: request.app_id.clone(),
        status: u16::try_from(status).map_err(|error| columns.damaged(&error.to_string()))?,
        body: columns.string()?,
        outcome: columns.string()?,
        reading: columns.word_opt(|name| Some(reading::constant(name)))?,
        signing: columns.string_opt()?,
        order_no: columns.number_opt()?.map(OrderNo::from_u64),
        duration_ms: columns.integer()?,
    };
    Ok((request, Some(answer)))
}
