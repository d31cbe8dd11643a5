//! What every decision about a batch begins with.

use crate::error::{ErrorCode, TradeError};
use crate::record::Draft;

use super::values::{BatchState, PayoutBatch};

/// The batch that the step wants first.
pub(super) fn wanted(draft: &Draft) -> Result<PayoutBatch, TradeError> {
    let found = draft.get::<PayoutBatch>(0)?;
    found.ok_or_else(|| refused("there is no such batch: heliu batches list".to_owned()))
}

/// It stands in a state.
pub(super) fn check_state(batch: &PayoutBatch, state: BatchState) -> Result<(), TradeError> {
    if batch.state == state {
        return Ok(());
    }
    Err(refused(format!(
        "batch {} is {}, not {}",
        batch.batch_no,
        batch.state.as_str(),
        state.as_str()
    )))
}

/// Why it is not done, for people.
pub(super) fn refused(message: String) -> TradeError {
    TradeError::new(ErrorCode::InvalidParameter, message)
}
