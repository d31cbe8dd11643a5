//! A bill of a batch on its way: with a batch that is being sent, and with no other.

use crate::error::TradeError;
use crate::id::PlatformNo;
use crate::payout;
use crate::record::Draft;

use super::values::{BatchState, PayoutBatch};

/// Where the step wants the batch, behind the bill.
const BATCH: usize = 1;

pub(super) fn decide(draft: &mut Draft, request_no: PlatformNo) -> Result<(), TradeError> {
    let batch = draft.get::<PayoutBatch>(BATCH)?;
    let sending = batch.filter(|batch| batch.state == BatchState::Sending);
    payout::begin_sending(draft, request_no, sending.map(|batch| batch.batch_no))
}
