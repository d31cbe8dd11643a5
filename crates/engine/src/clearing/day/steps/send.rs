//! 打款: batches that two people have let pass go to the bank.

use heliu_trade::day::{ItemFailure, StepDone};

use super::super::context::{Context, StepError};
use crate::clearing::payouts::send_all;

pub(super) async fn run(context: &Context<'_>) -> Result<StepDone, StepError> {
    let run = send_all(context.inner).await?;
    let failed = run.failed.into_iter();
    let failed = failed.map(|(what, why)| ItemFailure { what, why });
    Ok(StepDone {
        done: run.sent,
        failed: failed.collect(),
        message: format!(
            "{} bills sent, {} batches wait for another person",
            run.sent, run.waiting
        ),
    })
}
