//! `refund`

use heliu_trade::id::{OrderNo, RefundNo};
use heliu_trade::refund::{Refund, RefundState};
use tokio_postgres::Row;

use super::order::read_totals;
use crate::postgres::columns::Columns;
use crate::postgres::fault::Fault;

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "order_no, refund_no, merchant_refund_no, state, amount_minor, \
    payable_fen, cash_fen, receivable_fen, created_at, sent_at, ended_at, details";

/// A refund and its order's number.
pub(crate) fn read(row: &Row) -> Result<(OrderNo, Refund), Fault> {
    let mut columns = Columns::of(row);
    let refund = read_columns(&mut columns)?;
    Ok((refund.order_no, refund))
}

/// A refund.
pub(crate) fn read_columns(columns: &mut Columns<'_>) -> Result<Refund, Fault> {
    let order_no = OrderNo::from_u64(columns.number()?);
    Ok(Refund {
        refund_no: RefundNo::from_u64(columns.number()?),
        order_no,
        merchant_refund_no: columns.value()?,
        state: columns.word(RefundState::parse)?,
        amounts: read_totals(columns)?,
        created_at: columns.at()?,
        sent_at: columns.at_opt()?,
        ended_at: columns.at_opt()?,
        details: columns.json()?,
    })
}
