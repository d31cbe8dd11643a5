//! The books of the date against themselves; what is red stops what pays out.

use heliu_ports::store::DayBalances;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::StepDone;
use heliu_trade::followup::subject::Owner;
use heliu_trade::ledger::Account;
use heliu_trade::sweep::Sweep;

use super::super::context::{Context, StepError};
use crate::Inner;

/// Shares that are read at once.
const PAGE: u32 = 500;
/// What is wrong is told up to so many times.
const TOLD_MAX: usize = 20;

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let mut wrong = faults(context.inner, date).await?;
    swept(context.inner, date, &mut wrong).await?;
    if wrong.is_empty() {
        let message = "the books of the date add up";
        return Ok(StepDone::all_well(1, message));
    }
    let told: Vec<&str> = wrong.iter().take(TOLD_MAX).map(String::as_str).collect();
    Err(StepError::Failed(format!(
        "the books of {date} do not add up, and nothing is paid out: {}",
        told.join("; ")
    )))
}

/// What is wrong with the books of a date that is closed and rolled up, invariant by invariant.
pub(in super::super) async fn faults(
    inner: &Inner,
    date: BusinessDate,
) -> Result<Vec<String>, StepError> {
    let mut wrong = Vec::new();
    let proof = inner.store.prove_day(date).await?;
    if proof.booked != proof.rolled {
        wrong.push(format!(
            "invariant 17: {} lines with debits of {} fen are dated {date}, and {} with {} were \
             when it was closed",
            proof.booked.lines, proof.booked.debit_fen, proof.rolled.lines, proof.rolled.debit_fen
        ));
    }
    if proof.sum_fen != 0 {
        let sum_fen = proof.sum_fen;
        wrong.push(format!(
            "invariant 1: the journal of {date} sums to {sum_fen} fen"
        ));
    }
    if proof.bridge_fen != 0 {
        let bridge_fen = proof.bridge_fen;
        wrong.push(format!(
            "invariant 11: {bridge_fen} fen stand on the bridge between books"
        ));
    }
    Ok(wrong)
}

/// What agents earned on the date is what was swept.
pub(in super::super) async fn swept(
    inner: &Inner,
    date: BusinessDate,
    wrong: &mut Vec<String>,
) -> Result<(), StepError> {
    let mut after = None;
    loop {
        let asked = DayBalances {
            date,
            only_shares: true,
            after,
            limit: PAGE,
        };
        let page = inner.store.day_balances(asked).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some((last.owner.clone(), last.account.clone()));
        for balance in &page {
            let (Owner::Merchant(merchant), Account::AgentAccrued(party)) =
                (&balance.owner, &balance.account)
            else {
                wrong.push(format!(
                    "invariant 11: {} has shares of agents",
                    balance.owner
                ));
                continue;
            };
            let found = inner
                .store
                .find_record(Sweep::want(date, merchant, party))
                .await?;
            let sweep = found.map(|record| record.read::<Sweep>()).transpose();
            let sweep = sweep.map_err(|cause| StepError::Failed(cause.to_string()))?;
            let (earned_fen, swept_fen) = (
                balance.earned_fen(),
                sweep.map_or(0, |sweep| sweep.amount_fen),
            );
            if earned_fen != swept_fen {
                wrong.push(format!(
                    "invariant 11: {party} earned {earned_fen} fen with {merchant}, and \
                     {swept_fen} were swept"
                ));
            }
        }
    }
}
