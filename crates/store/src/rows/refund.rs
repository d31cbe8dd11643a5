//! `refund`

use heliu_trade::id::{OrderNo, RefundNo};
use heliu_trade::refund::{Refund, RefundState};

use super::order::read_totals;
use crate::columns::{Columns, Result};

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "order_no, refund_no, merchant_refund_no, state, amount_minor, \
    payable_fen, cash_fen, receivable_fen, created_at, sent_at, ended_at, details";

/// A refund.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Refund> {
    let order_no = OrderNo::from_u64(columns.number()?);
    Ok(Refund {
        refund_no: RefundNo::from_u64(columns.number()?),
        order_no,
        merchant_refund_no: columns.string()?,
        state: columns.word(RefundState::parse)?,
        amounts: read_totals(columns)?,
        created_at: columns.at()?,
        sent_at: columns.at_opt()?,
        ended_at: columns.at_opt()?,
        details: columns.json()?,
    })
}
