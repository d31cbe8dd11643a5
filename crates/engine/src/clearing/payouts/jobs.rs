//! Bills that nobody must forget: those whose end is not certain, paid ones that may come back, and
//! what becomes free of them later.

use heliu_ports::store::{RefundKey, StoreError};
use heliu_trade::error::TradeError;
use heliu_trade::followup::job::Job;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::RefundNo;
use heliu_trade::payout::{Action, FillCause, Payout, PayoutState, QUERY_GAP_MS};
use heliu_trade::refund::RefundState;
use heliu_trade::time::MINUTE_MS;
use heliu_trade::verdict::{PayoutResult, Unknown};

use super::step::finish;
use super::{bank, take};
use crate::Inner;
use crate::clearing::found::find;
use crate::common::accounts::Errand;
use crate::common::handler::Unfinished;

/// Gap between two looks at refunds that run, in ms.
const LOOK_GAP_MS: i64 = MINUTE_MS;

impl From<TradeError> for Unfinished {
    fn from(error: TradeError) -> Self {
        Self::Books(error.message)
    }
}

/// Asks the bank about a bill. What it certainly does not know is sent again, under the same
/// number, unless it has refused that: then it has failed.
pub(crate) async fn query(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let Some(bill) = bill_of(inner, job).await? else {
        return Ok(());
    };
    let asks = bill.state.is_in_transit() || bill.state == PayoutState::Paid;
    let Some(request) = bill.requests.last().filter(|_| asks) else {
        // It says nothing new, so that the job is dropped.
        let nothing = PayoutResult::Unknown(Unknown::because("there is nothing to ask"));
        bank::record(inner, &bill, nothing).await?;
        return Ok(());
    };
    let duration = |ms| inner.clock.duration(ms);
    let account_id = &bill.channel_account_id;
    let _place = inner
        .accounts
        .enter(account_id, Errand::Settle, duration)
        .await?;
    let mut said = bank::query(inner, &bill, request).await?;
    let goes_again = bill.state.is_in_transit() && request.refused.is_none();
    if said == PayoutResult::NotFound && goes_again {
        let again = take(inner, &bill, Vec::new(), Action::SendAgain).await?;
        let Some(request) = again.open_request() else {
            return Err(Unfinished::Later(QUERY_GAP_MS));
        };
        said = bank::send(inner, &again, request).await?;
    }
    let after = bank::record(inner, &bill, said).await?;
    if let Some(batch_no) = after.batch_no.filter(|_| after.state != bill.state) {
        finish(inner, batch_no).await?;
    }
    Ok(())
}

/// A bill's reserve is free.
pub(crate) async fn release_reserve(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    if let Some(bill) = bill_of(inner, job).await? {
        take(inner, &bill, Vec::new(), Action::ReleaseReserve).await?;
    }
    Ok(())
}

/// Refunds that ran when a bill was made may have ended.
pub(crate) async fn release_refunds(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let Some(bill) = bill_of(inner, job).await? else {
        return Ok(());
    };
    let mut runs = false;
    for fill in &bill.fills {
        if fill.cause != FillCause::Refund {
            continue;
        }
        let refund_no = fill.no;
        if is_running(inner, &bill.owner, RefundNo(refund_no)).await? {
            runs = true;
        } else {
            take(
                inner,
                &bill,
                Vec::new(),
                Action::ReleaseRefund { refund_no },
            )
            .await?;
        }
    }
    if runs {
        return Err(Unfinished::Later(LOOK_GAP_MS));
    }
    Ok(())
}

async fn is_running(inner: &Inner, owner: &Owner, no: RefundNo) -> Result<bool, StoreError> {
    let Owner::Merchant(merchant_id) = owner else {
        return Ok(false);
    };
    let found = inner
        .store
        .find_refund(merchant_id, RefundKey::Platform(no))
        .await?;
    Ok(found.is_some_and(|(_, refund)| refund.state == RefundState::Refunding))
}

async fn bill_of(inner: &Inner, job: &Job) -> Result<Option<Payout>, TradeError> {
    find(inner, Payout::want(job.key.subject.clone())).await
}
