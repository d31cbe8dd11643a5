//! What a channel's word that money came is worth: whether it fits the order, and what becomes of
//! money that no order wants.

use std::sync::Arc;

use crate::attempt::AttemptState;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::AttemptNo;
use crate::ledger::surplus_received;
use crate::verdict::Evidence;

use super::asking::{settle_query, wait};
use super::draft::Draft;

/// What in the evidence disagrees with our order (ruling 4: compared with payable).
pub(super) fn disagreement(draft: &Draft, evidence: &Evidence) -> Option<String> {
    let charge_fen = draft.order().charge_fen;
    if evidence.payable_fen != charge_fen {
        return Some(format!(
            "the channel has {} fen, the order {charge_fen} fen",
            evidence.payable_fen
        ));
    }
    let parts = [
        evidence.cash_fen,
        evidence.merchant_discount_fen,
        evidence.channel_discount_fen,
    ];
    let sum: i128 = parts.iter().copied().map(i128::from).sum();
    (sum != i128::from(charge_fen) || parts.iter().any(|part| *part < 0))
        .then(|| format!("the parts of the payment, {parts:?} fen, do not make {charge_fen} fen"))
}

/// Evidence that disagrees is not evidence: an alarm, and the attempt stays as unclear as it was.
pub(super) fn refuse_evidence(draft: &mut Draft, attempt_no: AttemptNo, why: &str) {
    draft.event(EventKind::EvidenceRefused, why);
    wait(draft, attempt_no, None, "evidence refused");
}

/// Money that no order wants: booked, an alarm, and given back (ruling 2), by what `next` stands
/// for.
pub(super) fn take_surplus(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    evidence: Evidence,
    next: AttemptState,
) {
    let now = draft.now;
    let attempt = draft.attempt_mut(attempt_no);
    let was = attempt.state;
    // What is known of a payment stays, whatever else is told of it later.
    let evidence = attempt.evidence.get_or_insert_with(|| Arc::new(evidence));
    let receivable_fen = evidence.receivable_fen();
    let channel_order_no = evidence.channel_order_no.clone();
    attempt.state = next;
    attempt.asked_at = Some(now);
    let channel = attempt.route.channel_account_id.clone();
    let (sent_at, after_ms) = (attempt.sent_at, attempt.route.reverse_after_ms);
    let lines = surplus_received::lines(&channel, receivable_fen);
    draft.post(surplus_received::KIND, attempt_no, None, lines);
    draft.event(
        EventKind::SurplusArrived,
        format!(
            "{channel_order_no} on an attempt that was {}; it is given back",
            was.as_str()
        ),
    );
    settle_query(draft, attempt_no);
    match was {
        AttemptState::Closing => draft.drop_job(JobKind::CloseAttempt, attempt_no.as_u64()),
        AttemptState::Reversed => draft.drop_job(JobKind::CheckReversal, attempt_no.as_u64()),
        _ => {}
    }
    let due_at = draft.not_before(sent_at, after_ms);
    draft.put_job(JobKind::ReverseUnknown, attempt_no.as_u64(), due_at);
}
