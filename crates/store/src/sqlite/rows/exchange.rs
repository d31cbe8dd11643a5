//! `exchange` and `exchange_answer`

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_trade::id::{OrderNo, PlatformNo};
use rusqlite::{Result, Row};

use crate::reading;
use crate::sqlite::columns::Columns;

/// All exchanges about an order with their answers, in order.
pub(crate) const OF_ORDER: &str = "SELECT q.exchange_no, q.at, q.dialect_id, q.app_id, q.path, \
    q.query, q.body, q.peer, a.status, a.body, a.outcome, a.reading, a.signing, a.order_no, \
    a.duration_ms FROM exchange AS q LEFT JOIN exchange_answer AS a USING (exchange_no) \
    WHERE q.order_no = ?1 ORDER BY q.exchange_no";

/// Both halves of an exchange.
pub(crate) fn read(row: &Row<'_>) -> Result<(ExchangeRequest, Option<ExchangeAnswer>)> {
    let mut columns = Columns::of(row);
    let exchange_no = PlatformNo::from_u64(columns.number()?);
    let request = ExchangeRequest {
        exchange_no,
        at: columns.at()?,
        dialect_id: columns.name()?,
        app_id: columns.name_opt()?,
        path: columns.value()?,
        query: columns.value()?,
        body: columns.value()?,
        peer: columns.value()?,
    };
    let status: Option<u16> = columns.value()?;
    let Some(status) = status else {
        return Ok((request, None));
    };
    let answer = ExchangeAnswer {
        exchange_no,
        status,
        body: columns.value()?,
        outcome: columns.value()?,
        reading: columns.word_opt(|name| Some(reading::constant(name)))?,
        signing: columns.value()?,
        order_no: columns.number_opt()?.map(OrderNo::from_u64),
        duration_ms: columns.value()?,
    };
    Ok((request, Some(answer)))
}
