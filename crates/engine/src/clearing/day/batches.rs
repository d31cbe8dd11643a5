//! What does not wait for the day's own steps: bills that were repaired come into a batch, and a
//! batch that was let pass is sent.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::StepDone;
use heliu_trade::followup::job::Job;
use heliu_trade::payout::{Action, Payout, PayoutState};
use heliu_trade::payout_batch::PayoutBatch;
use heliu_trade::record::Want;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::time::MINUTE_MS;

use super::proof::is_red;
use super::steps::draft;
use crate::Inner;
use crate::clearing::found::find;
use crate::clearing::payouts::{leave_alone, send_one};
use crate::common::handler::Unfinished;

/// Pause before a batch is tried again of which something could not be sent, in ms.
const AGAIN_MS: i64 = 5 * MINUTE_MS;

/// Bills that were sent before or stand in for others come into a batch, those of the same minutes
/// into one.
pub(crate) async fn form(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let was_sent = |bill: &Payout| !bill.requests.is_empty() || bill.previous.is_some();
    let mut done = StepDone::default();
    draft::form(inner, BusinessDate::of(inner.now()), was_sent, &mut done).await?;
    if let Some(failure) = done.failed.into_iter().next() {
        return Err(Unfinished::Books(failure.why));
    }
    let want = Payout::want(job.key.subject.clone());
    let bill: Option<Payout> = find(inner, want.clone()).await?;
    // Another node makes batches of the same bills.
    if bill.is_some_and(|bill| was_sent(&bill) && waits(&bill)) {
        return Err(Unfinished::Later(0));
    }
    take(inner, want, RecordAction::Payout(Action::Gathered)).await
}

fn waits(bill: &Payout) -> bool {
    bill.state == PayoutState::Drafted && bill.batch_no.is_none()
}

async fn take(inner: &Inner, want: Want, action: RecordAction) -> Result<(), Unfinished> {
    let step = RecordStep {
        wants: vec![want],
        now: inner.now(),
        action,
    };
    inner.commit_records(step, Vec::new(), None).await?;
    Ok(())
}

/// A batch that two people have let pass is sent, and one that a standing approval covers. What
/// waits for people is left to them.
pub(crate) async fn send(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let want = PayoutBatch::want(job.key.subject.no);
    let Some(batch): Option<PayoutBatch> = find(inner, want).await? else {
        return Ok(());
    };
    if is_red(inner).await? {
        return Err(Unfinished::Later(AGAIN_MS));
    }
    let run = send_one(inner, batch.clone()).await?;
    let number = batch.batch_no;
    for (what, why) in &run.failed {
        tracing::warn!(batch = %number, what, why, "a bill could not be sent");
    }
    if !run.failed.is_empty() {
        return Err(Unfinished::Later(AGAIN_MS));
    }
    leave_alone(inner, &batch).await?;
    Ok(())
}
