//! What stands on each account at the end of the date.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::StepDone;

use super::super::context::{Context, StepError};

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let rolled = context.inner.store.roll_up(date).await?;
    let message = format!("{} accounts from {} lines", rolled.accounts, rolled.lines);
    Ok(StepDone::all_well(rolled.accounts, message))
}
