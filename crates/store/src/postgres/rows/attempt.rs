//! `attempt` and `evidence`; what became of an attempt stands in `order_state`.

use heliu_trade::attempt::{Attempt, AttemptState};
use heliu_trade::id::AttemptNo;
use heliu_trade::time::Timestamp;

use crate::postgres::columns::Columns;
use crate::postgres::fault::Fault;

/// States of attempts, oldest first, and when each was last asked about.
pub(crate) type States = Vec<(AttemptState, Option<Timestamp>)>;

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "a.attempt_no, a.sent_at, a.route, a.handoff, e.evidence";

/// An attempt whose state is `state`; `None` where an order has none, so that its row is empty here.
pub(crate) fn read(
    columns: &mut Columns<'_>,
    state: Option<(AttemptState, Option<Timestamp>)>,
) -> Result<Option<Attempt>, Fault> {
    let Some(attempt_no) = columns.number_opt()? else {
        return Ok(None);
    };
    let unknown = || Fault::Damaged(format!("attempt {attempt_no} has no state"));
    let (state, asked_at) = state.ok_or_else(unknown)?;
    Ok(Some(Attempt {
        attempt_no: AttemptNo::from_u64(attempt_no),
        state,
        sent_at: columns.at()?,
        asked_at,
        route: columns.json()?,
        handoff: columns.json_opt()?,
        evidence: columns.json_opt()?,
    }))
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
pub(crate) fn read_states(columns: &mut Columns<'_>) -> Result<States, Fault> {
    let words: Vec<(String, Option<i64>)> = columns.json()?;
    let states = words.into_iter().map(|(word, asked_at)| {
        let state = AttemptState::parse(&word);
        Some((state?, asked_at.map(Timestamp::from_ms)))
    });
    let states: Option<States> = states.collect();
    states.ok_or_else(|| Fault::Damaged("an attempt's state is not a known word".to_owned()))
}
