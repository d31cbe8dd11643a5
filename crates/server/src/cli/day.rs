//! `heliu day`

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::Subcommand;
use heliu_office::day::{Opened, RunAsked, RunOutcome, StepOutcome, StepRow};

use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, tell};

/// How often the progress of a step is shown, and a step that another run has is asked for again.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the steps of a business date now, and of those before it that are not closed yet;
    /// a step that is done stays done
    Run {
        /// Which, such as 2026-11-29; the last that is over without it
        date: Option<String>,
    },
    /// How the steps of a business date stand
    Show {
        /// Which, such as 2026-11-29; the last that is over without it
        date: Option<String>,
    },
    /// Run a step again: what failed or was not finished, or files that are published anew
    Rerun {
        /// Of which date
        date: String,
        /// Which step
        step: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Run { date } => run_days(desk, date).await,
        Command::Show { date } => {
            if let Some(notice) = desk.ask::<Option<String>>(Request::CalendarNotice).await? {
                tell(&notice);
            }
            desk.list::<StepRow>(Request::ShowDay { date }).await
        }
        Command::Rerun { date, step } => {
            let asked = RunAsked {
                date,
                step,
                is_again: true,
            };
            let done = run_step(desk, asked).await?;
            let told = line(&done);
            if is_well(&done) {
                return desk.rows(&[done.step]);
            }
            Err(Failure::new(told))
        }
    }
}

async fn run_days(desk: &Desk, date: Option<String>) -> Result<Output, Failure> {
    let opened: Opened = desk.ask(Request::OpenDay { date }).await?;
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for date in &opened.dates {
        for step in &opened.steps {
            let asked = RunAsked {
                date: date.clone(),
                step: step.clone(),
                is_again: false,
            };
            let done = run_step(desk, asked).await?;
            tell(&line(&done));
            if !is_well(&done) {
                wrong.push(line(&done));
            }
            rows.push(done.step);
        }
    }
    if wrong.is_empty() {
        return desk.rows(&rows);
    }
    Err(Failure::with_cure(
        format!("steps did not come through:\n  {}", wrong.join("\n  ")),
        "see to what they say, then: heliu day rerun DATE STEP",
    ))
}

/// Runs a step; waits for another run that has it.
async fn run_step(desk: &Desk, asked: RunAsked) -> Result<StepOutcome, Failure> {
    loop {
        let request = Request::RunDayStep(asked.clone());
        let done: StepOutcome = tokio::select! {
            biased;
            done = desk.ask(request) => done?,
            () = follow(desk, &asked) => continue,
        };
        if done.outcome != RunOutcome::Held {
            return Ok(done);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Shows how far a step has come, as long as a serving process runs it; never ends.
async fn follow(desk: &Desk, asked: &RunAsked) {
    if !io::stderr().is_terminal() {
        return std::future::pending().await;
    }
    let mut shown = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let date = Some(asked.date.clone());
        let Ok(rows) = desk.ask::<Vec<StepRow>>(Request::ShowDay { date }).await else {
            return std::future::pending().await;
        };
        let row = rows.into_iter().find(|row| row.step == asked.step);
        let Some(row) = row.filter(|row| row.state == "running") else {
            continue;
        };
        let now = Some((row.done, row.of));
        if now != shown {
            tell(&format!(
                "{} {} ... {} of {}",
                row.date, row.step, row.done, row.of
            ));
            shown = now;
        }
    }
}

/// Whether the step is done with every piece.
fn is_well(done: &StepOutcome) -> bool {
    let is_done = done.step.state == "done" && done.step.failed == 0;
    is_done && matches!(done.outcome, RunOutcome::Ran | RunOutcome::Stood)
}

fn line(done: &StepOutcome) -> String {
    let StepRow {
        date,
        step,
        state,
        done: pieces,
        failed,
        message,
        ..
    } = &done.step;
    let what = match done.outcome {
        RunOutcome::Ran => format!("{state}, {pieces} done, {failed} failed"),
        RunOutcome::Stood => format!("{state} before"),
        RunOutcome::InputsChanged => {
            "done before, and would work on something else now: it is not run again".to_owned()
        }
        RunOutcome::HasFailed => format!("failed before: heliu day rerun {date} {step}"),
        RunOutcome::Held => "another run has it".to_owned(),
        RunOutcome::Waits => {
            let needed = done.waits_for.as_deref().unwrap_or_default();
            format!("waits for {needed}")
        }
    };
    format!("{date} {step}: {what}; {message}")
}
