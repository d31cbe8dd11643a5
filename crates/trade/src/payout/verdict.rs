//! What a bank says of a bill.

use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::PlatformNo;
use crate::ledger::{payout_failed, payout_paid, payout_returned};
use crate::record::Draft;
use crate::time::{DAY_MS, Timestamp};
use crate::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};

use super::change::stand_in;
use super::send::{QUERY_GAP_MS, open_request};
use super::values::{Payout, PayoutState, RequestEnd};
use super::wanted::{CARDS, active_card, wanted};

/// For how many days a paid bill is asked about: a bank takes back within them.
const RETURN_DAYS: i64 = 5;
/// Gap between two askings about a paid bill, in ms: six hours.
const WATCH_GAP_MS: i64 = DAY_MS / 4;

/// Records what the bank says. What says nothing new changes nothing but when it is asked again.
pub(super) fn record(
    draft: &mut Draft,
    result: &PayoutResult,
    next_no: PlatformNo,
) -> Result<(), TradeError> {
    let payout = wanted(draft)?;
    match payout.state {
        PayoutState::Sending | PayoutState::Unknown => in_transit(draft, payout, result, next_no),
        PayoutState::Paid => after_paid(draft, payout, result, next_no),
        _ => {
            draft.drop_job(0, JobKind::QueryPayout);
            // Ends are ends: whoever ended it was wrong, or the bank is.
            if payout.state == PayoutState::Failed && matches!(result, PayoutResult::Paid(_)) {
                let told = "the bank had not paid, and says now that it has";
                draft.event(0, EventKind::EvidenceRefused, told);
            }
            Ok(())
        }
    }
}

fn in_transit(
    draft: &mut Draft,
    mut payout: Payout,
    result: &PayoutResult,
    next_no: PlatformNo,
) -> Result<(), TradeError> {
    match result {
        PayoutResult::Paid(evidence) => paid(draft, &mut payout, evidence),
        PayoutResult::Failed(failure) => failed(draft, payout, failure),
        PayoutResult::Returned(returned) => {
            paid(draft, &mut payout, &returned.payment)?;
            come_back(draft, payout, returned, next_no)
        }
        PayoutResult::Refused(failure) => {
            if let Some(request) = open_request(&mut payout) {
                request.refused = Some(failure.clone());
            }
            let told = format!("the bank refused the call: {}", failure.reason);
            uncertain(draft, payout, told)
        }
        PayoutResult::NotFound => {
            let refused = open_request(&mut payout).and_then(|request| request.refused.take());
            match refused {
                Some(failure) => failed(draft, payout, &failure),
                None => not_certain(draft, payout),
            }
        }
        PayoutResult::Unknown(_) => not_certain(draft, payout),
    }
}

/// Nobody knows; a bill of which that is written down already changes nothing.
fn not_certain(draft: &mut Draft, payout: Payout) -> Result<(), TradeError> {
    if payout.state == PayoutState::Unknown {
        draft.put_job(0, JobKind::QueryPayout, draft.now.plus_ms(QUERY_GAP_MS));
        return Ok(());
    }
    uncertain(draft, payout, "the bank's answer is not certain".to_owned())
}

fn uncertain(draft: &mut Draft, mut payout: Payout, told: String) -> Result<(), TradeError> {
    payout.state = PayoutState::Unknown;
    draft.update(0, &payout)?;
    draft.event(0, EventKind::Unknown, told);
    draft.put_job(0, JobKind::QueryPayout, draft.now.plus_ms(QUERY_GAP_MS));
    Ok(())
}

/// A paid bill is asked about for some days, in case it comes back.
fn after_paid(
    draft: &mut Draft,
    payout: Payout,
    result: &PayoutResult,
    next_no: PlatformNo,
) -> Result<(), TradeError> {
    if let PayoutResult::Returned(returned) = result {
        return come_back(draft, payout, returned, next_no);
    }
    if matches!(result, PayoutResult::Failed(_) | PayoutResult::NotFound) {
        let told = "the bank had paid, and says now that it has not";
        draft.event(0, EventKind::EvidenceRefused, told);
    }
    let paid_at = payout.answered_at.unwrap_or(draft.now);
    let next_at = draft.now.plus_ms(WATCH_GAP_MS);
    if next_at.since_ms(paid_at) <= RETURN_DAYS * DAY_MS {
        draft.put_job(0, JobKind::QueryPayout, next_at);
    } else {
        draft.drop_job(0, JobKind::QueryPayout);
    }
    Ok(())
}

fn paid(
    draft: &mut Draft,
    payout: &mut Payout,
    evidence: &PayoutEvidence,
) -> Result<(), TradeError> {
    payout.state = PayoutState::Paid;
    end(payout, draft.now, RequestEnd::Paid(evidence.clone()), "");
    draft.update(0, payout)?;
    let lines = payout_paid::lines(&payout.channel_account_id, payout.amounts.real_fen);
    draft.post(0, payout_paid::KIND, lines);
    draft.event(0, EventKind::Paid, &*evidence.remark);
    draft.put_job(0, JobKind::TellPayout, draft.now);
    draft.put_job(0, JobKind::QueryPayout, draft.now.plus_ms(WATCH_GAP_MS));
    Ok(())
}

fn failed(
    draft: &mut Draft,
    mut payout: Payout,
    failure: &PayoutFailure,
) -> Result<(), TradeError> {
    payout.state = PayoutState::Failed;
    let said = RequestEnd::Failed(failure.clone());
    end(&mut payout, draft.now, said, &failure.reason);
    draft.update(0, &payout)?;
    let lines = payout_failed::lines(payout.amounts.real_fen);
    draft.post(0, payout_failed::KIND, lines);
    draft.event(0, EventKind::PayoutFailed, &*failure.reason);
    draft.put_job(0, JobKind::TellPayout, draft.now);
    draft.drop_job(0, JobKind::QueryPayout);
    Ok(())
}

/// 退票. By the cycle a new bill stands in for it, with its numbers and without a second fee, or it
/// waits for finance.
fn come_back(
    draft: &mut Draft,
    mut payout: Payout,
    returned: &PayoutReturn,
    next_no: PlatformNo,
) -> Result<(), TradeError> {
    payout.state = PayoutState::Returned;
    let said = RequestEnd::Returned(returned.clone());
    end(&mut payout, draft.now, said, &returned.reason);
    let lines = payout_returned::lines(&payout.channel_account_id, payout.amounts.real_fen);
    draft.post(0, payout_returned::KIND, lines);
    draft.event(0, EventKind::PayoutReturned, &*returned.reason);
    draft.put_job(0, JobKind::TellPayout, draft.now);
    draft.drop_job(0, JobKind::QueryPayout);
    if !payout.cycle.has_new_bill_after_return() {
        return draft.update(0, &payout);
    }
    // Without a card of now the new bill is for the one that it came back from, until it is drawn
    // anew.
    let card = active_card(draft, CARDS, &payout.owner).unwrap_or_else(|_| payout.card.clone());
    let mut new = stand_in(draft, &mut payout, next_no, card);
    new.remark = payout.bill_id().to_string();
    new.amounts.fee_fen = 0;
    draft.update(0, &payout)?;
    let place = draft.insert(new.subject(), &new)?;
    let told = format!("for {}, which came back", payout.bill_id());
    draft.event(place, EventKind::Created, told);
    Ok(())
}

/// Writes the certain end of the last request down.
fn end(payout: &mut Payout, now: Timestamp, said: RequestEnd, reason: &str) {
    reason.clone_into(&mut payout.reason);
    payout.answered_at = Some(now);
    if let Some(request) = payout.requests.last_mut() {
        request.end = Some(said);
    }
}
