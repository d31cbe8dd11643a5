//! 日切: nothing is booked into the date any more.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{StepDone, digest};

use super::super::context::{Context, StepError};

/// What was closed, and how: the steps behind this one work on that.
pub(super) async fn inputs(context: &Context<'_>, date: BusinessDate) -> Result<String, StepError> {
    let closed = context.inner.store.closed_date(date).await?;
    let closed = closed.ok_or_else(|| StepError::Failed(format!("{date} is not closed")))?;
    let (closed_at, seq) = (closed.closed_at.to_string(), closed.audit.seq.to_string());
    Ok(digest([
        &date.to_string(),
        &closed_at,
        &seq,
        &closed.audit.hash,
    ]))
}

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let inner = context.inner;
    let closed = inner.store.close_date(date, inner.now()).await?;
    let message = format!(
        "closed at {}; the record of acts ends with row {} {}",
        closed.closed_at, closed.audit.seq, closed.audit.hash
    );
    Ok(StepDone::all_well(1, message))
}
