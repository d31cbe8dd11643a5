//! A bill of all settlements of an owner that are due, or of what it withdraws.

use crate::calendar::BusinessDate;
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::followup::subject::Owner;
use crate::hold::{self, Hold, HoldAmount, HoldState};
use crate::id::{ChannelAccountId, PlatformNo};
use crate::ledger::{Account, hold_placed, payout_fee_charged, reserve_held, settlement_made};
use crate::record::Draft;
use crate::settlement::{Settlement, SettlementState};
use crate::settlement_terms::{Cycle, SettlementTerms};
use crate::withdrawal::{self, Withdrawal, WithdrawalState};

use super::amounts::{Amounts, Plan, plan};
use super::bill_id::BillId;
use super::values::{Fill, FillCause, Payout, PayoutState};
use super::wanted::{active_card, refused};

/// A refund that runs while a bill is made: it counts as a hold of what it may cost the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningRefund {
    /// Our number of it.
    pub refund_no: PlatformNo,
    /// What it takes off the owner's balance if it ends well, in fen.
    pub amount_fen: i64,
    /// What earlier bills have taken for it and keep until it ends, in fen.
    pub filled_fen: i64,
}

impl RunningRefund {
    /// What no bill has taken for it yet, in fen.
    #[must_use]
    pub fn open_fen(&self) -> i64 {
        (self.amount_fen - self.filled_fen).max(0)
    }
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
    /// What the owner's terms say.
    pub terms: SettlementTerms,
    /// How many settlements the step wants; none of a withdrawal.
    pub settlements: usize,
    /// How many holds it wants behind them.
    pub holds: usize,
    /// Refunds that run.
    pub running_refunds: Vec<RunningRefund>,
}

/// Makes the bill of settlements, unless there is too little, or another bill was faster: then
/// nothing changes.
pub(super) fn decide(draft: &mut Draft, new: &NewPayout) -> Result<(), TradeError> {
    let Some(settlements) = settlements(draft, new)? else {
        return Ok(());
    };
    let holds = holds(draft, new)?;
    let net_fen = settlements.iter().map(|it| it.sums.net_fen()).sum();
    let refunds = new.running_refunds.iter().map(RunningRefund::open_fen);
    let wanted_fen: Vec<i64> = holds.iter().map(wanted_fen).chain(refunds).collect();
    let Plan::Bill { amounts, fills_fen } = plan(net_fen, &new.terms, &wanted_fen) else {
        return Ok(());
    };
    let dates = settlements.iter().map(|it| it.key.trade_date);
    let settle_date = dates
        .max()
        .ok_or_else(|| refused("a bill pays at least one settlement"))?;
    let mut payout = made(draft, new, settle_date, amounts)?;
    payout.settlements = settlements.iter().map(|it| it.settlement_no).collect();
    let (of_holds, of_refunds) = fills_fen.split_at(holds.len());
    payout.fills = fills(new, &holds, of_holds, of_refunds);
    let place = insert(draft, &payout)?;
    for (hold, fill_fen) in (new.settlements..).zip(of_holds) {
        hold::fill(draft, hold, *fill_fen)?;
    }
    post_held_back(draft, place, &payout);
    if amounts.real_fen > 0 {
        let made_fen = amounts.real_fen + amounts.fee_fen;
        let lines = settlement_made::lines(payout.owner.balance(), Account::PayoutDue, made_fen);
        draft.post(place, settlement_made::KIND, lines);
    }
    post_fee(draft, place, amounts);
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

/// Makes the bill of a withdrawal, whose amount stands among what is due to be paid out already.
/// One that does not pay its fee waits.
pub(super) fn withdraw(draft: &mut Draft, new: &NewPayout) -> Result<(), TradeError> {
    let asked = draft.get::<Withdrawal>(0)?;
    let Some(asked) = asked.filter(|it| it.owner == new.owner) else {
        return Err(refused("there is no such withdrawal"));
    };
    if asked.state != WithdrawalState::Asked {
        // Another node was faster.
        return Ok(());
    }
    let terms = SettlementTerms {
        minimum_fen: 0,
        reserve_ppm: 0,
        ..new.terms.clone()
    };
    let Plan::Bill { amounts, .. } = plan(asked.amount_fen, &terms, &[]) else {
        return Ok(());
    };
    let payout = made(draft, new, BusinessDate::of(draft.now), amounts)?;
    withdrawal::take_up(draft, 0, &BillId::of(new.payout_no).to_string())?;
    let place = insert(draft, &payout)?;
    post_fee(draft, place, amounts);
    Ok(())
}

/// The settlements of the step, each the owner's; `None` if one is in another bill by now: another
/// node drafts after an outage what is due of two dates.
fn settlements(draft: &Draft, new: &NewPayout) -> Result<Option<Vec<Settlement>>, TradeError> {
    let each = (0..new.settlements).map(|place| {
        let found = draft.get::<Settlement>(place)?;
        found
            .filter(|it| it.key.owner == new.owner)
            .ok_or_else(|| refused("a settlement of this bill is missing"))
    });
    let settlements = each.collect::<Result<Vec<_>, _>>()?;
    let are_closed = |it: &Settlement| it.state == SettlementState::Closed;
    Ok(settlements.iter().all(are_closed).then_some(settlements))
}

/// The holds of the step. One that ended meanwhile wants nothing.
fn holds(draft: &Draft, new: &NewPayout) -> Result<Vec<Hold>, TradeError> {
    let places = new.settlements..new.settlements + new.holds;
    let each = places.map(|place| {
        let found = draft.get::<Hold>(place)?;
        found
            .filter(|hold| hold.owner == new.owner)
            .ok_or_else(|| refused("a hold of this bill is missing"))
    });
    each.collect()
}

/// What a hold still wants, in fen; all there is, if it takes everything.
fn wanted_fen(hold: &Hold) -> i64 {
    match (hold.state, hold.amount) {
        (HoldState::Active, HoldAmount::All) => i64::MAX,
        (HoldState::Active, HoldAmount::Fen(fen)) => (fen - hold.filled_fen).max(0),
        _ => 0,
    }
}

fn fills(new: &NewPayout, holds: &[Hold], of_holds: &[i64], of_refunds: &[i64]) -> Vec<Fill> {
    let holds = holds.iter().map(|hold| (hold.hold_no, FillCause::Hold));
    let refunds = new.running_refunds.iter();
    let refunds = refunds.map(|refund| (refund.refund_no, FillCause::Refund));
    let each = holds.zip(of_holds).chain(refunds.zip(of_refunds));
    let each = each.filter(|(_, amount_fen)| **amount_fen > 0);
    each.map(|((no, cause), amount_fen)| Fill {
        no,
        cause,
        amount_fen: *amount_fen,
    })
    .collect()
}

/// The step wants the owner's cards last.
fn made(
    draft: &Draft,
    new: &NewPayout,
    settle_date: BusinessDate,
    amounts: Amounts,
) -> Result<Payout, TradeError> {
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
        card: active_card(draft, draft.len().saturating_sub(1), &new.owner)?,
        settlements: Vec::new(),
        fills: Vec::new(),
        reserve_until: (amounts.reserve_fen > 0).then_some(until),
        state,
        batch_no: None,
        requests: Vec::new(),
        previous: None,
        replaced_by: None,
        told: None,
        remark: String::new(),
        reason: String::new(),
        created_at: draft.now,
        answered_at: None,
    })
}

fn insert(draft: &mut Draft, payout: &Payout) -> Result<usize, TradeError> {
    let place = draft.insert(payout.subject(), payout)?;
    let Amounts {
        plan_fen, real_fen, ..
    } = payout.amounts;
    let told = format!("{real_fen} fen of {plan_fen} fen");
    draft.event(place, EventKind::Created, told);
    Ok(place)
}

/// What refunds and the reserve take goes to where it is kept; a hold books its own.
fn post_held_back(draft: &mut Draft, place: usize, payout: &Payout) {
    let of_refunds = payout.fills.iter();
    let of_refunds = of_refunds.filter(|fill| fill.cause == FillCause::Refund);
    let refunds_fen: i64 = of_refunds.map(|fill| fill.amount_fen).sum();
    if refunds_fen > 0 {
        let lines = hold_placed::lines(payout.owner.balance(), refunds_fen);
        draft.post(place, hold_placed::KIND, lines);
        draft.put_job(place, JobKind::ReleaseRefunds, draft.now);
    }
    if let Some(until) = payout.reserve_until {
        let lines = reserve_held::lines(payout.owner.balance(), payout.amounts.reserve_fen);
        draft.post(place, reserve_held::KIND, lines);
        draft.put_job(place, JobKind::ReleaseReserve, until.start());
    }
}

fn post_fee(draft: &mut Draft, place: usize, amounts: Amounts) {
    if amounts.fee_fen > 0 {
        let lines = payout_fee_charged::lines(amounts.fee_fen);
        draft.post(place, payout_fee_charged::KIND, lines);
    }
}
