//! The steps: a file each. A further one is a file here, its lines below, and its place in the plan
//! (`trade::day::StepName`).
//!
//! A step does its pieces so that each can be done twice: it is run again after a crash, from the
//! beginning. A piece that fails is listed and stops no other; what stops the step is an error.

pub(super) mod check_books;
mod close;
pub(super) mod draft;
mod later;
mod release;
mod roll_up;
mod send;
pub(super) mod settle;
mod statements;
mod sweep;

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{StepDone, StepName, digest};

use super::context::{Context, StepError};

pub(super) use check_books::faults;

/// Digest of what a step would work on. Most work on what was closed with the date.
pub(super) async fn inputs(
    context: &Context<'_>,
    date: BusinessDate,
    step: StepName,
) -> Result<String, StepError> {
    let own = match step {
        StepName::Close => date.to_string(),
        _ => close::inputs(context, date).await?,
    };
    Ok(digest([step.as_str(), &own]))
}

/// Does the work of a step.
pub(super) async fn run(
    context: &Context<'_>,
    date: BusinessDate,
    step: StepName,
) -> Result<StepDone, StepError> {
    match step {
        StepName::Close => close::run(context, date).await,
        StepName::RollUp => roll_up::run(context, date).await,
        StepName::Sweep => sweep::run(context, date).await,
        StepName::CheckBooks => check_books::run(context, date).await,
        StepName::Settle => settle::run(context, date).await,
        StepName::Draft | StepName::DraftAgain => draft::run(context, date).await,
        StepName::Send => send::run(context).await,
        StepName::Statements => statements::run(context, date).await,
        StepName::Release => Ok(release::run()),
        StepName::FetchBills | StepName::Match | StepName::BankLines => {
            Ok(later::run("reconciliation"))
        }
    }
}
