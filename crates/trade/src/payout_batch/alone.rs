//! A batch is sent by itself once it has passed, by a job that people neither wait for nor call.

use crate::approval::{Approval, ApprovalState};
use crate::error::TradeError;
use crate::followup::job::JobKind;
use crate::record::Draft;

use super::values::{BatchState, PayoutBatch};

/// Where a step wants the approval, behind the batch.
const APPROVAL: usize = 1;

/// The approval of the batch at a place was given: the batch is sent at once or in the morning. One
/// that is no longer submitted stays where it is.
pub(crate) fn plan_sending(draft: &mut Draft, place: usize) -> Result<(), TradeError> {
    let batch = draft.get::<PayoutBatch>(place)?;
    if let Some(batch) = batch.filter(|batch| batch.state == BatchState::Submitted) {
        draft.put_job(place, JobKind::SendBatch, batch.sent_from(draft.now));
    }
    Ok(())
}

/// Nothing more of it is sent by itself; but of one that people let pass meanwhile, all is.
pub(super) fn leave(draft: &mut Draft) -> Result<(), TradeError> {
    let batch = draft.get::<PayoutBatch>(0)?;
    let approval = draft.get::<Approval>(APPROVAL)?;
    let passes = match batch.map(|batch| batch.state) {
        Some(BatchState::Submitted) => {
            approval.is_none_or(|it| it.state == ApprovalState::Approved)
        }
        Some(BatchState::Approved) => true,
        _ => false,
    };
    if !passes {
        draft.drop_job(0, JobKind::SendBatch);
    }
    Ok(())
}
