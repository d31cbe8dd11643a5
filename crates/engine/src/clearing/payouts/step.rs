//! A step of a batch, and its end.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::PlatformNo;
use heliu_trade::payout_batch::{self, BatchState, PayoutBatch};
use heliu_trade::record::Want;
use heliu_trade::records::{RecordAction, RecordStep};

use crate::Inner;
use crate::clearing::found::{find, read};

/// Takes a step of a batch, which wants the batch, its bills, and what is given; the batch
/// afterwards.
pub(super) async fn step(
    inner: &Inner,
    batch: &PayoutBatch,
    behind: Vec<Want>,
    action: payout_batch::Action,
) -> Result<PayoutBatch, TradeError> {
    let mut wants = batch.wants();
    wants.extend(behind);
    let step = RecordStep {
        wants,
        now: inner.now(),
        action: RecordAction::PayoutBatch(action),
    };
    let committed = inner.commit_records(step, Vec::new(), None).await?;
    let after = committed.after.into_iter().next().flatten();
    let after = after.ok_or_else(|| TradeError::advised(ErrorCode::Internal, "a batch is gone"))?;
    read(&after)
}

/// A batch of which each bill has an end is done.
pub(super) async fn finish(inner: &Inner, batch_no: PlatformNo) -> Result<(), TradeError> {
    let batch: Option<PayoutBatch> = find(inner, PayoutBatch::want(batch_no)).await?;
    if let Some(batch) = batch.filter(|batch| batch.state == BatchState::Sending) {
        step(inner, &batch, Vec::new(), payout_batch::Action::Finish).await?;
    }
    Ok(())
}
