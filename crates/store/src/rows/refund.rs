//! `refund`

use heliu_trade::attempt::Route;
use heliu_trade::funds::FundsMode;
use heliu_trade::id::{OrderNo, PlatformNo, RefundNo};
use heliu_trade::payout::{Payout, RunningRefund};
use heliu_trade::record::RecordKind;
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

/// Refunds of a merchant's ($1) that run, oldest first, each with the route of what paid, and once
/// for each bill that took something for it. Both databases understand it.
pub(crate) fn running() -> String {
    format!(
        "SELECT r.refund_no, r.receivable_fen, a.route, p.body FROM refund r \
         JOIN order_state s ON s.merchant_id = r.merchant_id AND s.order_no = r.order_no \
         JOIN attempt a ON a.merchant_id = s.merchant_id AND a.order_no = s.order_no \
             AND a.attempt_no = s.paid_attempt_no \
         LEFT JOIN record_mark m ON m.kind = '{}' AND m.what = '{}' \
             AND m.text = CAST(r.refund_no AS TEXT) \
         LEFT JOIN record p ON p.owner = m.owner AND p.subject_no = m.subject_no \
         WHERE r.merchant_id = $1 AND r.state = '{}' ORDER BY r.refund_no",
        RecordKind::Payout.as_str(),
        Payout::REFUND,
        RefundState::Refunding.as_str(),
    )
}

/// What [`read_running`] finds in a row: the refund, and whether it is of held money.
pub(crate) type RunningRow = (RunningRefund, bool);

/// A row of [`running`].
pub(crate) fn read_running(columns: &mut Columns<'_>) -> Result<RunningRow> {
    let refund_no = PlatformNo::from_u64(columns.number()?);
    let amount_fen = columns.integer()?;
    let route: Route = columns.json()?;
    let bill: Option<Payout> = columns.json_opt()?;
    let refund = RunningRefund {
        refund_no,
        amount_fen,
        filled_fen: bill.map_or(0, |bill| bill.filled_for_fen(refund_no)),
    };
    Ok((refund, route.funds.mode == FundsMode::Held))
}

/// The refunds of held money that rows of [`running`] tell of.
pub(crate) fn held(rows: Vec<RunningRow>) -> Vec<RunningRefund> {
    let mut running: Vec<RunningRefund> = Vec::new();
    for (refund, _) in rows.into_iter().filter(|(_, is_held)| *is_held) {
        match running.last_mut() {
            Some(last) if last.refund_no == refund.refund_no => {
                last.filled_fen += refund.filled_fen;
            }
            _ => running.push(refund),
        }
    }
    running
}
