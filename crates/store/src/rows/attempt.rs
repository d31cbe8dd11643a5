//! `attempt` and `evidence`; what became of an attempt stands in `order_state`.

use std::sync::Arc;

use heliu_trade::attempt::{Attempt, AttemptState, Handoff, Route};
use heliu_trade::id::AttemptNo;
use heliu_trade::order::Order;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;

use crate::columns::{Columns, Result};

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "a.attempt_no, a.sent_at, a.route, a.handoff, e.evidence";

/// States of attempts, by their numbers, and when each was last asked about.
pub(crate) type States = Vec<(AttemptState, Option<Timestamp>)>;

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

/// An attempt without what became of it; `None` where a row has none.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Option<Head>> {
    let Some(attempt_no) = columns.number_opt()? else {
        return Ok(None);
    };
    Ok(Some(Head {
        attempt_no: AttemptNo::from_u64(attempt_no),
        sent_at: columns.at()?,
        route: columns.json()?,
        handoff: columns.json_opt()?,
        evidence: columns.json_opt()?,
    }))
}

/// The channel account that lists show of an order: of the attempt that paid it, else of the
/// newest.
pub(crate) fn channel_account<'a>(order: &Order, attempts: &'a [Attempt]) -> Option<&'a str> {
    let paid = order.payment.as_ref().map(|payment| payment.attempt_no);
    let shown = attempts
        .iter()
        .find(|attempt| Some(attempt.attempt_no) == paid);
    let shown = shown.or_else(|| attempts.iter().max_by_key(|attempt| attempt.attempt_no));
    shown.map(|attempt| attempt.route.channel_account_id.as_str())
}

/// States as `order_state` has them.
pub(crate) fn states(attempts: &[Attempt]) -> Vec<(&'static str, Option<i64>)> {
    let state = |attempt: &Attempt| {
        let asked_at = attempt.asked_at.map(Timestamp::as_ms);
        (attempt.state.as_str(), asked_at)
    };
    attempts.iter().map(state).collect()
}

/// Reads what [`states`] wrote.
pub(crate) fn read_states(columns: &mut Columns<'_>) -> Result<States> {
    let words: Vec<(String, Option<i64>)> = columns.json()?;
    let states = words.into_iter().map(|(word, asked_at)| {
        let state = AttemptState::parse(&word);
        Some((state?, asked_at.map(Timestamp::from_ms)))
    });
    let states: Option<States> = states.collect();
    states.ok_or_else(|| columns.damaged("an attempt's state is not a known word"))
}
