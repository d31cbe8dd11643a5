//! What finance does with bills, and what becomes free of them later.

use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::PlatformNo;
use crate::ledger::{Account, hold_released, payout_fee_returned, payout_voided, reserve_released};
use crate::record::{Draft, Record, SavedRecord};
use crate::settlement_terms::Cycle;
use crate::time::{MINUTE_MS, Timestamp};

use super::values::{FillCause, Payout, PayoutCard, PayoutState};
use super::wanted::{CARDS, active_card, refused, wanted};

/// Bills that are repaired within so much time stand in one batch, in ms.
const GATHER_MS: i64 = 5 * MINUTE_MS;

/// The bill in the stead of another, which says so from now on. What was held back stays with the
/// first bill, so that it is freed once.
pub(super) fn stand_in(
    draft: &Draft,
    old: &mut Payout,
    payout_no: PlatformNo,
    card: PayoutCard,
) -> Payout {
    old.replaced_by = Some(payout_no);
    Payout {
        payout_no,
        card,
        fills: Vec::new(),
        reserve_until: None,
        state: PayoutState::Drafted,
        batch_no: None,
        requests: Vec::new(),
        previous: Some(old.payout_no),
        replaced_by: None,
        told: None,
        remark: String::new(),
        reason: String::new(),
        created_at: draft.now,
        answered_at: None,
        ..old.clone()
    }
}

/// Finance sends it again: it is drafted once more, for another batch and with another request
/// number. A repeat finds it drafted and changes nothing.
pub(super) fn repair(draft: &mut Draft) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    if payout.state == PayoutState::Drafted && !payout.requests.is_empty() {
        return Ok(());
    }
    if !payout.awaits_repair() {
        return Err(refused(format!(
            "bill {} {}; only one that failed, or came back and has no bill in its stead, is sent \
             again",
            payout.bill_id(),
            told(&payout)
        )));
    }
    payout.card = active_card(draft, CARDS, &payout.owner)?;
    payout.state = PayoutState::Drafted;
    payout.told = None;
    payout.batch_no = None;
    draft.update(0, &payout)?;
    let told = format!("card {}", payout.card.mask);
    draft.event(0, EventKind::Repaired, told);
    draft.put_job(0, JobKind::FormBatch, gathered_at(draft.now));
    draft.take_effect();
    Ok(())
}

/// When bills that are repaired now come into a batch: those of some minutes together, so that
/// people look at them together.
fn gathered_at(now: Timestamp) -> Timestamp {
    let next = now.as_ms().div_euclid(GATHER_MS) + 1;
    Timestamp::from_ms(next * GATHER_MS)
}

/// The owner may have another card. A repeat finds it replaced and changes nothing.
pub(super) fn redraw(draft: &mut Draft, next_no: PlatformNo) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    if payout.state == PayoutState::Voided && payout.replaced_by.is_some() {
        return Ok(());
    }
    check_unsent(&payout, "drawn anew")?;
    let card = active_card(draft, CARDS, &payout.owner)?;
    if card.card_no == payout.card.card_no {
        return Ok(());
    }
    let new = stand_in(draft, &mut payout, next_no, card);
    payout.state = PayoutState::Voided;
    "another card".clone_into(&mut payout.reason);
    draft.update(0, &payout)?;
    draft.event(0, EventKind::Voided, format!("for card {}", new.card.mask));
    let place = draft.insert(new.subject(), &new)?;
    let told = format!("for {}, of another card", payout.bill_id());
    draft.event(place, EventKind::Created, told);
    draft.take_effect();
    Ok(())
}

/// It is undone for good: what was to be sent, and its fee, come with the owner's next bill. What
/// it filled of holds and its reserve stay where they are.
pub(super) fn void(draft: &mut Draft, reason: &str) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    if payout.state == PayoutState::Voided && payout.replaced_by.is_none() {
        return Ok(());
    }
    if !payout.awaits_repair() {
        check_unsent(&payout, "undone")?;
    }
    let (owner, amounts) = (payout.owner.clone(), payout.amounts);
    let to = match payout.cycle {
        Cycle::Manual => Account::Available,
        Cycle::D0 | Cycle::D1 | Cycle::T1 => owner.balance(),
    };
    payout.state = PayoutState::Voided;
    reason.clone_into(&mut payout.reason);
    draft.update(0, &payout)?;
    let lines = payout_voided::lines(to, amounts.real_fen);
    draft.post(0, payout_voided::KIND, lines);
    if amounts.fee_fen > 0 {
        let lines = payout_fee_returned::lines(owner.balance(), amounts.fee_fen);
        draft.post(0, payout_fee_returned::KIND, lines);
    }
    draft.event(0, EventKind::Voided, reason);
    draft.take_effect();
    Ok(())
}

/// The notice counts as sent from here on: it goes out once at the most (back-half.md, section 4).
pub(super) fn begin_telling(draft: &mut Draft) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    draft.drop_job(0, JobKind::TellPayout);
    let standing = Some(payout.state);
    if payout.told == standing {
        return Ok(());
    }
    payout.told = standing;
    draft.update(0, &payout)?;
    draft.event(0, EventKind::Told, payout.state.as_str());
    draft.take_effect();
    Ok(())
}

/// The reserve's time is over. A repeat finds it free and changes nothing.
pub(super) fn release_reserve(draft: &mut Draft) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    draft.drop_job(0, JobKind::ReleaseReserve);
    if payout.reserve_until.take().is_none() {
        return Ok(());
    }
    draft.update(0, &payout)?;
    let lines = reserve_released::lines(payout.owner.balance(), payout.amounts.reserve_fen);
    draft.post(0, reserve_released::KIND, lines);
    Ok(())
}

/// A refund has ended: what the bill took for it is free. A repeat finds nothing and changes
/// nothing.
pub(super) fn release_refund(draft: &mut Draft, refund_no: PlatformNo) -> Result<(), TradeError> {
    let mut payout = wanted(draft)?;
    let is_its = |cause, no| cause == FillCause::Refund && no == refund_no;
    let fills = std::mem::take(&mut payout.fills);
    let (freed, kept): (Vec<_>, Vec<_>) = fills
        .into_iter()
        .partition(|fill| is_its(fill.cause, fill.no));
    payout.fills = kept;
    if freed.is_empty() {
        return Ok(());
    }
    for fill in freed {
        let lines = hold_released::lines(payout.owner.balance(), fill.amount_fen);
        draft.post(0, hold_released::KIND, lines);
    }
    if !payout
        .fills
        .iter()
        .any(|fill| fill.cause == FillCause::Refund)
    {
        draft.drop_job(0, JobKind::ReleaseRefunds);
    }
    draft.update(0, &payout)
}

/// What becomes of a bill when a refund ends for which it keeps something.
///
/// # Errors
/// It cannot be read.
pub(crate) fn freed(
    now: Timestamp,
    bill: Record,
    refund_no: PlatformNo,
) -> Result<Vec<SavedRecord>, TradeError> {
    let mut draft = Draft::new(now, vec![Some(bill)].into());
    release_refund(&mut draft, refund_no)?;
    Ok(draft.finish().saved)
}

fn check_unsent(payout: &Payout, what: &str) -> Result<(), TradeError> {
    if matches!(payout.state, PayoutState::Drafted | PayoutState::Approved) {
        return Ok(());
    }
    Err(refused(format!(
        "bill {} {}; only one that was not sent is {what}",
        payout.bill_id(),
        told(payout)
    )))
}

fn told(payout: &Payout) -> String {
    match payout.replaced_by {
        Some(by) => format!(
            "is {}, and bill {} stands in for it",
            payout.state.as_str(),
            super::BillId::of(by)
        ),
        None => format!("is {}", payout.state.as_str()),
    }
}
