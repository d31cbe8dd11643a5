//! `attempt`

use heliu_trade::attempt::{Attempt, AttemptState};
use heliu_trade::id::AttemptNo;
use rusqlite::{Result, Row};

use crate::sqlite::columns::Columns;

/// All attempts of an order, oldest first.
pub(crate) const OF_ORDER: &str = "SELECT attempt_no, state, sent_at, asked_at, route, handoff, \
    evidence FROM attempt WHERE merchant_id = ?1 AND order_no = ?2 ORDER BY attempt_no";

/// An attempt.
pub(crate) fn read(row: &Row<'_>) -> Result<Attempt> {
    let mut columns = Columns::of(row);
    Ok(Attempt {
        attempt_no: AttemptNo::from_u64(columns.number()?),
        state: columns.word(AttemptState::parse)?,
        sent_at: columns.at()?,
        asked_at: columns.at_opt()?,
        route: columns.json()?,
        handoff: columns.json_opt()?,
        evidence: columns.json_opt()?,
    })
}
