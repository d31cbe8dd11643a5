//! Runs the steps of a date by hand: at once, whatever their time.

use heliu_engine::StepRun;
use heliu_trade::day::{DayStep, StepName};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::show::StepRow;
use super::{date, step};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office};

/// Dates that can be run: up to the one that was asked for, those before it that are open first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The dates, in order.
    pub dates: Vec<String>,
    /// The steps of each, in order.
    pub steps: Vec<String>,
}

/// A step to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunAsked {
    /// Of which date.
    pub date: String,
    /// Which.
    pub step: String,
    /// Whether what failed is tried anew.
    pub is_again: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// It was run; its state says how it ended.
    Ran,
    /// It was done before, and nothing happened.
    Stood,
    /// It was done before, and would work on something else now: an alarm.
    InputsChanged,
    /// It failed before, and nothing happened.
    HasFailed,
    /// Another run has it.
    Held,
    /// Another step must be done first.
    Waits,
}

/// How a step stands after it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutcome {
    /// What came of it.
    pub outcome: RunOutcome,
    /// The step.
    pub step: StepRow,
    /// Which step must be done first, if one must.
    pub waits_for: Option<String>,
}

/// Makes the steps of a date ready, and of those before it that are not closed yet; without a date
/// of the last that is over.
///
/// # Errors
/// The actor may not; it is no date, or not over, or before the books begin; or they are away.
pub async fn open(
    office: &Office,
    actor: &Actor,
    asked: Option<&str>,
) -> Result<Opened, OfficeError> {
    actor.check(Permission::Configure)?;
    let date = date(office, asked)?;
    let engine = office.engine();
    let first = engine.first_open_date().await?;
    engine.open_day(date).await?;
    let mut dates = Vec::new();
    let mut next = first.min(date);
    while next <= date {
        dates.push(next.to_string());
        next = next.next();
    }
    let steps = StepName::ALL.map(|step| step.as_str().to_owned());
    Ok(Opened {
        dates,
        steps: steps.into(),
    })
}

/// Runs a step of a date that is ready.
///
/// # Errors
/// The actor may not; there is no such date or step; or the books are away.
pub async fn run(
    office: &Office,
    actor: &Actor,
    asked: RunAsked,
) -> Result<StepOutcome, OfficeError> {
    actor.check(Permission::Configure)?;
    let (date, step) = (date(office, Some(&asked.date))?, step(&asked.step)?);
    let engine = office.engine();
    engine.open_day(date).await?;
    let standing = engine.day(date).await?;
    let before = standing.into_iter().find(|standing| standing.step == step);
    let act = Act {
        action: if asked.is_again {
            "day.rerun"
        } else {
            "day.run"
        },
        subject: format!("day {date} {}", step.as_str()),
        before: before.as_ref().map(state),
        after: Some(json!({ "state": "running" })),
    };
    let audit = office.audit(actor, act);
    let done = engine.run_day_step(date, step, asked.is_again, Some(audit));
    let done = done.await?;
    let outcome = match &done {
        StepRun::Ran(_) => RunOutcome::Ran,
        StepRun::Stood(_) => RunOutcome::Stood,
        StepRun::InputsChanged(_) => RunOutcome::InputsChanged,
        StepRun::HasFailed(_) => RunOutcome::HasFailed,
        StepRun::Held(_) => RunOutcome::Held,
        StepRun::Waits(..) => RunOutcome::Waits,
    };
    let waits_for = match &done {
        StepRun::Waits(_, (date, step)) => Some(format!("{date} {}", step.as_str())),
        _ => None,
    };
    Ok(StepOutcome {
        outcome,
        step: done.step().clone().into(),
        waits_for,
    })
}

fn state(step: &DayStep) -> serde_json::Value {
    json!({ "state": step.state, "runs": step.runs })
}
