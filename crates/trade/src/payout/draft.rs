//! A bill of all settlements of an owner that are due.

use crate::calendar::BusinessDate;
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::followup::subject::Owner;
use crate::id::{ChannelAccountId, PlatformNo};
use crate::ledger::{Account, hold_placed, payout_fee_charged, reserve_held, settlement_made};
use crate::record::Draft;
use crate::settlement::{Cycle, Settlement, SettlementState};

use super::amounts::{Amounts, BillTerms, Plan, plan};
use super::decide::refused;
use super::values::{Fill, FillCause, Payout, PayoutCard, PayoutState};

/// A refund that runs while a bill is made: it counts as a hold of what it may cost the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningRefund {
    /// Our number of it.
    pub refund_no: PlatformNo,
    /// What it takes off the owner's balance if it ends well, in fen.
    pub amount_fen: i64,
}

/// A bill that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayout {
    /// Our number of it.
    pub payout_no: PlatformNo,
    /// Who is paid.
    pub owner: Owner,
    /// By which cycle.
    pub cycle: Cycle,
    /// The account that pays.
    pub channel_account_id: ChannelAccountId,
    /// The owner's active card.
    pub card: PayoutCard,
    /// What the owner's terms say.
    pub terms: BillTerms,
    /// How many settlements the step wants.
    pub settlements: usize,
    /// Refunds that run.
    pub running_refunds: Vec<RunningRefund>,
}

/// Makes the bill, unless there is too little: then nothing changes.
pub(super) fn decide(draft: &mut Draft, new: &NewPayout) -> Result<(), TradeError> {
    let settlements = settlements(draft, new)?;
    let net_fen = settlements.iter().map(|it| it.sums.net_fen()).sum();
    let refunds = new.running_refunds.iter();
    let wanted_fen: Vec<i64> = refunds.map(|refund| refund.amount_fen).collect();
    let Plan::Bill { amounts, fills_fen } = plan(net_fen, &new.terms, &wanted_fen) else {
        return Ok(());
    };
    let fills = new.running_refunds.iter().zip(fills_fen);
    let fills: Vec<Fill> = fills
        .filter(|(_, amount_fen)| *amount_fen > 0)
        .map(|(refund, amount_fen)| Fill {
            no: refund.refund_no,
            cause: FillCause::Refund,
            amount_fen,
        })
        .collect();
    let payout = made(draft, new, &settlements, amounts, fills)?;
    let place = draft.insert(payout.subject(), &payout)?;
    let told = format!("{} fen of {} fen", amounts.real_fen, amounts.plan_fen);
    draft.event(place, EventKind::Created, told);
    post(draft, place, &payout);
    for (place, settlement) in settlements.into_iter().enumerate() {
        let paid = Settlement {
            state: SettlementState::PaidOut,
            payout_no: Some(new.payout_no),
            ..settlement
        };
        draft.update(place, &paid)?;
    }
    Ok(())
}

/// The settlements of the step, each closed and the owner's; another bill may have been faster.
fn settlements(draft: &Draft, new: &NewPayout) -> Result<Vec<Settlement>, TradeError> {
    let each = (0..new.settlements).map(|place| {
        let found = draft.get::<Settlement>(place)?;
        found
            .filter(|it| it.state == SettlementState::Closed && it.key.owner == new.owner)
            .ok_or_else(|| refused("a settlement of this bill is in another one already"))
    });
    each.collect()
}

fn made(
    draft: &Draft,
    new: &NewPayout,
    settlements: &[Settlement],
    amounts: Amounts,
    fills: Vec<Fill>,
) -> Result<Payout, TradeError> {
    let dates = settlements.iter().map(|it| it.key.trade_date);
    let settle_date = dates
        .max()
        .ok_or_else(|| refused("a bill pays at least one settlement"))?;
    let until = BusinessDate::of(draft.now).plus_days(i64::from(new.terms.reserve_days));
    let state = if amounts.real_fen == 0 {
        PayoutState::Frozen
    } else {
        PayoutState::Drafted
    };
    Ok(Payout {
        payout_no: new.payout_no,
        owner: new.owner.clone(),
        cycle: new.cycle,
        settle_date,
        channel_account_id: new.channel_account_id.clone(),
        amounts,
        card: new.card.clone(),
        settlements: settlements.iter().map(|it| it.settlement_no).collect(),
        fills,
        reserve_until: (amounts.reserve_fen > 0).then_some(until),
        state,
        batch_no: None,
        requests: Vec::new(),
        previous: None,
        replaced_by: None,
        remark: String::new(),
        reason: String::new(),
        created_at: draft.now,
        answered_at: None,
    })
}

/// What is held back goes to where it is kept, the rest to what is due to be paid out.
fn post(draft: &mut Draft, place: usize, payout: &Payout) {
    let (owner, amounts) = (&payout.owner, payout.amounts);
    for fill in &payout.fills {
        let lines = hold_placed::lines(owner, fill.amount_fen);
        draft.post(place, hold_placed::KIND, lines);
    }
    if amounts.reserve_fen > 0 {
        let lines = reserve_held::lines(owner, amounts.reserve_fen);
        draft.post(place, reserve_held::KIND, lines);
        if let Some(until) = payout.reserve_until {
            draft.put_job(place, JobKind::ReleaseReserve, until.start());
        }
    }
    if amounts.real_fen > 0 {
        let made_fen = amounts.real_fen + amounts.fee_fen;
        let lines = settlement_made::lines(owner, Account::PayoutDue, made_fen);
        draft.post(place, settlement_made::KIND, lines);
    }
    if amounts.fee_fen > 0 {
        let lines = payout_fee_charged::lines(amounts.fee_fen);
        draft.post(place, payout_fee_charged::KIND, lines);
    }
    let has_refunds = payout
        .fills
        .iter()
        .any(|fill| fill.cause == FillCause::Refund);
    if has_refunds {
        draft.put_job(place, JobKind::ReleaseRefunds, draft.now);
    }
}
