//! 打款单: bills of all that is due, and batches of bills for two people to look at.
//!
//! An owner's settlements are paid by one bill, so that a second run finds nothing to pay. The
//! second run of a day pays what was settled, released or repaired meanwhile.

use std::collections::BTreeMap;

use heliu_ports::store::Waiting;
use heliu_trade::calendar::{BusinessDate, Calendar, CalendarFault};
use heliu_trade::day::{ItemFailure, StepDone};
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::Hold;
use heliu_trade::id::ChannelAccountId;
use heliu_trade::payout::{Action, NewPayout, Payout, PayoutState};
use heliu_trade::payout_batch::{self, BATCH_BILLS_MAX, NewBatch};
use heliu_trade::record::{Record, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement::{Settlement, SettlementState};
use heliu_trade::settlement_card::OwnerCards;
use heliu_trade::settlement_terms::Cycle;
use heliu_trade::withdrawal::{Withdrawal, WithdrawalState};

use super::super::context::{Context, StepError};
use crate::Inner;
use crate::clearing::found::{find, read};
use crate::clearing::owing::{holds_of, running_refunds};
use crate::clearing::payouts::{card_changed, paying_account, redraw};
use crate::clearing::terms::terms_of;

/// Owners that are read at once.
const PAGE: u32 = 500;
/// Settlements that one bill pays; of more the oldest.
const SETTLEMENTS_MAX: u32 = 400;
/// Withdrawals and drafted bills of an owner that are read at once.
const RECORDS_MAX: u32 = 1_000;
/// Times that bills without a batch are looked at where others form batches at the same time.
const LOOKS_MAX: u32 = 3;

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let (inner, mut done) = (context.inner, StepDone::default());
    // What was traded on the date is paid on the day after it, on which this runs.
    let today = date.next();
    let mut bills = 0;
    for waiting in [closed(), asked()] {
        let mut after = None;
        loop {
            let page = inner.store.owners_waiting(waiting.clone(), after, PAGE);
            let page = page.await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for owner in &page {
                let made = match waiting.kind {
                    RecordKind::Withdrawal => withdraw(inner, owner, today).await,
                    _ => draft(inner, owner, today).await,
                };
                bills += note(&mut done, owner, made)?;
                context.advance(bills, 0);
            }
        }
    }
    let batches = form(inner, today, |_| true, &mut done).await?;
    done.done = bills + batches;
    done.message = format!("{bills} bills, {batches} batches that wait to be submitted");
    Ok(done)
}

/// One owner's failure stops no other; only away books do.
pub(in super::super) fn note(
    done: &mut StepDone,
    what: &impl ToString,
    made: Result<u64, StepError>,
) -> Result<u64, StepError> {
    match made {
        Ok(count) => Ok(count),
        Err(StepError::Away(why)) => Err(StepError::Away(why)),
        Err(StepError::Failed(why)) => {
            let what = what.to_string();
            done.failed.push(ItemFailure { what, why });
            Ok(0)
        }
    }
}

const fn closed() -> Waiting {
    Waiting {
        kind: RecordKind::Settlement,
        state: SettlementState::Closed.as_str(),
    }
}

pub(in super::super) const fn asked() -> Waiting {
    Waiting {
        kind: RecordKind::Withdrawal,
        state: WithdrawalState::Asked.as_str(),
    }
}

/// The bill of an owner's settlements that are due; how many were made.
pub(in super::super) async fn draft(
    inner: &Inner,
    owner: &Owner,
    today: BusinessDate,
) -> Result<u64, StepError> {
    let found = inner
        .store
        .waiting_records(closed(), owner.clone(), SETTLEMENTS_MAX)
        .await?;
    let due = due(&found, today, &inner.calendar().await?)?;
    let Some((_, newest)) = due.last() else {
        return Ok(0);
    };
    let (cycle, date) = (newest.key.cycle, newest.key.trade_date);
    if is_suspended(inner, owner).await? {
        return Ok(0);
    }
    let terms = terms_of(inner, owner, date).await?;
    let holds = holds_of(inner, owner).await?;
    let new = NewPayout {
        payout_no: inner.mint_record_no(),
        owner: owner.clone(),
        cycle,
        channel_account_id: paying_account(inner).await?,
        terms,
        settlements: due.len(),
        holds: holds.len(),
        running_refunds: running_refunds(inner, owner).await?,
    };
    let settlements = due.iter();
    let settlements =
        settlements.map(|(record, _)| Want::Numbered(record.kind, record.subject.clone()));
    let holds = holds.iter().map(|hold| Hold::want(owner, hold.hold_no));
    let wants = settlements.chain(holds).collect();
    make(inner, owner, wants, Action::Draft(Box::new(new))).await
}

/// Settlements that are due, oldest first. On a day on which the newest one's cycle pays nothing
/// none is.
fn due<'r>(
    found: &'r [Record],
    today: BusinessDate,
    calendar: &Calendar,
) -> Result<Vec<(&'r Record, Settlement)>, StepError> {
    let mut due = Vec::new();
    let unknown = |fault: CalendarFault| StepError::Failed(fault.to_string());
    for record in found {
        let settlement: Settlement = read(record)?;
        let (cycle, trade_date) = (settlement.key.cycle, settlement.key.trade_date);
        let is_due = cycle.is_due(trade_date, today, calendar);
        if is_due.map_err(unknown)? {
            due.push((record, settlement));
        }
    }
    let pays = due.last().map(|(_, newest)| newest.key.cycle);
    let pays = pays.map(|cycle| cycle.pays_on(today, calendar)).transpose();
    if pays.map_err(unknown)? == Some(false) {
        due.clear();
    }
    Ok(due)
}

/// An agent that is disabled earns, and is not paid.
async fn is_suspended(inner: &Inner, owner: &Owner) -> Result<bool, StepError> {
    let Owner::Agent(party_id) = owner else {
        return Ok(false);
    };
    let parties = inner.store.list_parties().await?;
    let mut parties = parties.iter();
    Ok(parties.any(|party| party.party_id == *party_id && !party.is_enabled))
}

/// The bills of what an owner withdraws; how many were made. A withdrawal waits while a hold wants
/// something.
pub(in super::super) async fn withdraw(
    inner: &Inner,
    owner: &Owner,
    today: BusinessDate,
) -> Result<u64, StepError> {
    let holds = holds_of(inner, owner).await?;
    if holds.iter().any(|hold| hold.takes_fen(i64::MAX) > 0) {
        return Ok(0);
    }
    let found = inner
        .store
        .waiting_records(asked(), owner.clone(), RECORDS_MAX)
        .await?;
    let mut made = 0;
    for record in found {
        let asked: Withdrawal = read(&record)?;
        let new = NewPayout {
            payout_no: inner.mint_record_no(),
            owner: owner.clone(),
            cycle: Cycle::Manual,
            channel_account_id: paying_account(inner).await?,
            terms: terms_of(inner, owner, today).await?,
            settlements: 0,
            holds: 0,
            running_refunds: Vec::new(),
        };
        let wants = vec![Withdrawal::want(owner, asked.withdrawal_no)];
        made += make(inner, owner, wants, Action::Withdraw(Box::new(new))).await?;
    }
    Ok(made)
}

/// Takes the step that makes a bill; how many it made. The owner's cards are wanted behind. What it
/// is of may have come into another bill since it was read: then it made none.
async fn make(
    inner: &Inner,
    owner: &Owner,
    mut wants: Vec<Want>,
    action: Action,
) -> Result<u64, StepError> {
    let of_it = wants.first().cloned();
    wants.push(OwnerCards::want(owner));
    let wanted = wants.len();
    let step = RecordStep {
        wants,
        now: inner.now(),
        action: RecordAction::Payout(action),
    };
    match inner.commit_records(step, Vec::new(), None).await {
        Ok(committed) => Ok(u64::from(committed.after.len() > wanted)),
        Err(error) => {
            if let Some(want) = of_it
                && !waits(inner, want).await?
            {
                return Ok(0);
            }
            Err(error.into())
        }
    }
}

/// Whether a settlement or a withdrawal waits for a bill.
async fn waits(inner: &Inner, want: Want) -> Result<bool, StepError> {
    let record = inner.store.find_record(want).await?;
    Ok(record.is_some_and(|it| [closed().state, asked().state].contains(&it.state.as_str())))
}

/// Batches of such bills that stand in none; how many. A bill for another card than its owner's is
/// drawn anew first. Where somebody else forms batches at the same time, what is left is looked at
/// again.
pub(in super::super) async fn form(
    inner: &Inner,
    today: BusinessDate,
    is_wanted: impl Fn(&Payout) -> bool + Send + Sync,
    done: &mut StepDone,
) -> Result<u64, StepError> {
    let mut batches = 0;
    for _ in 0..LOOKS_MAX {
        let looked = form_once(inner, today, &is_wanted, done).await?;
        batches += looked.batches;
        if !looked.was_overtaken {
            break;
        }
    }
    Ok(batches)
}

/// What came of looking at the bills once.
#[derive(Default)]
struct Looked {
    batches: u64,
    /// Somebody else has put some of the bills into a batch meanwhile, or undone them.
    was_overtaken: bool,
}

async fn form_once(
    inner: &Inner,
    today: BusinessDate,
    is_wanted: &(impl Fn(&Payout) -> bool + Send + Sync),
    done: &mut StepDone,
) -> Result<Looked, StepError> {
    let mut looked = Looked::default();
    let drafted = Waiting {
        kind: RecordKind::Payout,
        state: PayoutState::Drafted.as_str(),
    };
    let mut free: BTreeMap<(Cycle, ChannelAccountId), Vec<Payout>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = inner.store.owners_waiting(drafted.clone(), after, PAGE);
        let page = page.await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        for owner in page {
            let found = inner
                .store
                .waiting_records(drafted.clone(), owner.clone(), RECORDS_MAX);
            for record in found.await? {
                let mut bill: Payout = read(&record)?;
                if bill.batch_no.is_some() || !is_wanted(&bill) {
                    continue;
                }
                if card_changed(inner, &bill).await? {
                    let Some(new) = redraw(inner, &bill).await? else {
                        looked.was_overtaken = true;
                        continue;
                    };
                    bill = new;
                }
                let key = (bill.cycle, bill.channel_account_id.clone());
                free.entry(key).or_default().push(bill);
            }
        }
    }
    for ((cycle, channel_account_id), mut bills) in free {
        bills.sort_by_key(|bill| bill.payout_no);
        for bills in bills.chunks(BATCH_BILLS_MAX) {
            let new = NewBatch {
                batch_no: inner.mint_record_no(),
                date: today,
                cycle,
                channel_account_id: channel_account_id.clone(),
            };
            let what = format!("batch {}", new.batch_no);
            let action = payout_batch::Action::Form(Box::new(new));
            let step = RecordStep {
                wants: bills
                    .iter()
                    .map(|bill| Payout::want(bill.subject()))
                    .collect(),
                now: inner.now(),
                action: RecordAction::PayoutBatch(action),
            };
            let formed = match inner.commit_records(step, Vec::new(), None).await {
                Ok(_) => Ok(1),
                Err(_) if have_changed(inner, bills).await? => {
                    looked.was_overtaken = true;
                    Ok(0)
                }
                Err(error) => Err(error.into()),
            };
            looked.batches += note(done, &what, formed)?;
        }
    }
    Ok(looked)
}

/// Whether one of these bills has come into a batch, or was undone, since it was read.
async fn have_changed(inner: &Inner, bills: &[Payout]) -> Result<bool, StepError> {
    for bill in bills {
        let now: Option<Payout> = find(inner, Payout::want(bill.subject())).await?;
        if now.is_none_or(|now| now.batch_no.is_some() || now.state != PayoutState::Drafted) {
            return Ok(true);
        }
    }
    Ok(false)
}
