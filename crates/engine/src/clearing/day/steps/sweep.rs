//! 分润归集: what agents earned on the date goes into their books.
//!
//! A record with fixed names is written for each merchant and agent, so that a second run finds it
//! and writes nothing.

use futures::StreamExt;
use futures::stream;
use heliu_ports::store::{DayBalance, DayBalances};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{ItemFailure, StepDone};
use heliu_trade::followup::subject::Owner;
use heliu_trade::ledger::Account;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::sweep::{Action, Sweep};

use super::super::context::{Context, StepError};

/// Shares that are read at once.
const PAGE: u32 = 500;
/// Commits under way at the same time.
const AT_ONCE: usize = 32;

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let mut done = StepDone::default();
    let (mut after, mut sum_fen) = (None, 0);
    loop {
        let asked = DayBalances {
            date,
            only_shares: true,
            after,
            limit: PAGE,
        };
        let page = context.inner.store.day_balances(asked).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.owner.clone(), last.account.clone()));
        let earned = page.into_iter().filter(|balance| balance.earned_fen() != 0);
        let sweeping: Vec<_> = earned
            .map(|balance| async move {
                let result = sweep(context, date, &balance).await;
                (balance, result)
            })
            .collect();
        let mut sweeping = stream::iter(sweeping).buffer_unordered(AT_ONCE);
        while let Some((balance, result)) = sweeping.next().await {
            match result {
                Ok(()) => {
                    done.done += 1;
                    sum_fen += balance.earned_fen();
                }
                Err(StepError::Away(why)) => return Err(StepError::Away(why)),
                Err(StepError::Failed(why)) => done.failed.push(ItemFailure {
                    what: format!("{} {}", balance.owner, balance.account.name()),
                    why,
                }),
            }
        }
        context.advance(done.done, 0);
    }
    done.message = format!("{sum_fen} fen of shares are in the agents' books");
    Ok(done)
}

/// Books what an agent earned with a merchant on a date.
async fn sweep(
    context: &Context<'_>,
    date: BusinessDate,
    balance: &DayBalance,
) -> Result<(), StepError> {
    let (Owner::Merchant(merchant_id), Account::AgentAccrued(party_id)) =
        (&balance.owner, &balance.account)
    else {
        let what = format!("shares stand in the book of {}", balance.owner);
        return Err(StepError::Failed(what));
    };
    let inner = context.inner;
    let step = RecordStep {
        wants: vec![Sweep::want(date, merchant_id, party_id)],
        now: inner.now(),
        action: RecordAction::Sweep(Action {
            numbers: (inner.mint_record_no(), inner.mint_record_no()),
            date,
            merchant_id: merchant_id.clone(),
            party_id: party_id.clone(),
            amount_fen: balance.earned_fen(),
        }),
    };
    inner.commit_records(step, Vec::new(), None).await?;
    Ok(())
}
