//! A bill's request, written down before it is sent.

use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::PlatformNo;
use crate::ledger::payout_sent;
use crate::record::Draft;
use crate::time::MINUTE_MS;

use super::values::{Payout, PayoutRequest, PayoutState};
use super::wanted::{refused, wanted};

/// Gap between two askings about a bill whose end is not certain, in ms (back-half.md, section 6).
pub const QUERY_GAP_MS: i64 = 5 * MINUTE_MS;

/// Writes the request of the bill that the step wants first down. `sending` is the batch that is
/// being sent; a bill goes with its own only. A repeat finds it on its way and changes nothing.
pub(crate) fn begin(
    draft: &mut Draft,
    request_no: PlatformNo,
    sending: Option<PlatformNo>,
) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    if payout.state.is_in_transit() {
        return Ok(());
    }
    let is_released = sending.is_some() && payout.batch_no == sending;
    if payout.state != PayoutState::Approved || !is_released {
        return Err(refused(format!(
            "bill {} is {}, and only what two people have let pass is sent",
            payout.bill_id(),
            payout.state.as_str()
        )));
    }
    payout.state = PayoutState::Sending;
    payout.requests.push(PayoutRequest {
        request_no: request_no.to_string(),
        sent_at: draft.now,
        refused: None,
        end: None,
    });
    draft.update(0, &payout)?;
    draft.gives(request_no);
    let lines = payout_sent::lines(payout.amounts.real_fen);
    draft.post(0, payout_sent::KIND, lines);
    draft.event(0, EventKind::Sent, format!("request {request_no}"));
    draft.put_job(0, JobKind::QueryPayout, draft.now.plus_ms(QUERY_GAP_MS));
    Ok(())
}

/// The same number goes out once more: the bank does not know it.
pub(super) fn again(draft: &mut Draft) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    let now = draft.now;
    let Some(request) = open_request(&mut payout) else {
        return Err(refused("there is no request without an end"));
    };
    request.sent_at = now;
    request.refused = None;
    let told = format!("request {} again", request.request_no);
    draft.update(0, &payout)?;
    draft.event(0, EventKind::Sent, told);
    draft.put_job(0, JobKind::QueryPayout, now.plus_ms(QUERY_GAP_MS));
    Ok(())
}

/// The request of which nobody knows the end.
pub(super) fn open_request(payout: &mut Payout) -> Option<&mut PayoutRequest> {
    let last = payout.requests.last_mut();
    last.filter(|request| request.end.is_none())
}
