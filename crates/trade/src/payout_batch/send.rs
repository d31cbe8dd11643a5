//! A bill of a batch on its way: with a batch that is being sent, and with no other.

use crate::error::TradeError;
use crate::id::PlatformNo;
use crate::payout;
use crate::record::Draft;

use super::values::{BatchState, PayoutBatch};
use super::wanted::refused;

/// Where the step wants the batch, behind the bill.
const BATCH: usize = 1;

pub(super) fn decide(draft: &mut Draft, request_no: PlatformNo) -> Result<(), TradeError> {
    let batch = draft.get::<PayoutBatch>(BATCH)?;
    let sending = batch.filter(|batch| batch.state == BatchState::Sending);
    let bill_no = draft.record(0).map(|bill| bill.subject.no);
    let planned = sending.as_ref().zip(bill_no);
    let planned = planned.and_then(|(batch, bill_no)| batch.request_no_of(bill_no));
    if planned.is_some_and(|planned| planned != request_no) {
        return Err(refused(format!(
            "the batch's file has another number than {request_no} for this bill"
        )));
    }
    payout::begin_sending(draft, request_no, sending.map(|batch| batch.batch_no))
}
