//! `attempt` and `evidence`; what became of an attempt stands in `order_state`.

use std::sync::Arc;

use heliu_trade::attempt::{Attempt, AttemptState, Handoff, Route};
use heliu_trade::id::AttemptNo;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;
use rusqlite::{Result, Row};

use crate::sqlite::columns::Columns;

/// All attempts of an order, oldest first.
pub(crate) const OF_ORDER: &str = "SELECT a.attempt_no, a.sent_at, a.route, a.handoff, e.evidence \
    FROM attempt AS a LEFT JOIN evidence AS e USING (merchant_id, order_no, attempt_no) \
    WHERE a.merchant_id = ?1 AND a.order_no = ?2 ORDER BY a.attempt_no";

/// An attempt without what became of it.
pub(crate) struct Head {
    attempt_no: AttemptNo,
    sent_at: Timestamp,
    route: Arc<Route>,
    handoff: Option<Handoff>,
    evidence: Option<Arc<Evidence>>,
}

impl Head {
    pub(crate) fn with_state(self, state: AttemptState, asked_at: Option<Timestamp>) -> Attempt {
        Attempt {
            attempt_no: self.attempt_no,
            state,
            sent_at: self.sent_at,
            asked_at,
            route: self.route,
            handoff: self.handoff,
            evidence: self.evidence,
        }
    }
}

/// An attempt without what became of it.
pub(crate) fn read(row: &Row<'_>) -> Result<Head> {
    let mut columns = Columns::of(row);
    Ok(Head {
        attempt_no: AttemptNo::from_u64(columns.number()?),
        sent_at: columns.at()?,
        route: columns.json()?,
        handoff: columns.json_opt()?,
        evidence: columns.json_opt()?,
    })
}
