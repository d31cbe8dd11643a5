//! What becomes of a step of a business date.

use super::plan::StepName;
use super::values::{DayStep, DayStepState, FAILURES_MAX, Lease, StepDone};
use crate::calendar::BusinessDate;
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::PlatformNo;
use crate::record::Draft;
use crate::settlement::Window;
use crate::time::Timestamp;

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The steps of a date are written, to wait for their time. Those that stand already are left
    /// alone. The step wants all of them, in the order of [`StepName::ALL`].
    Open {
        /// Which date.
        date: BusinessDate,
        /// Our numbers, as many as there are steps.
        numbers: Vec<PlatformNo>,
    },
    /// Somebody wants to run a step. It wants the step, and behind it those of
    /// [`StepName::needs`]; of the day before only if it stands. Whether it may, the step says
    /// afterwards: [`DayStep::is_run_by`].
    Begin {
        /// The number of this run. A lease that its node had before is over: whoever asks knows
        /// that nobody in its own process runs the step.
        run_no: PlatformNo,
        /// Digest of what the step would work on.
        inputs: String,
        /// Until when nobody else may run it (UTC).
        until: Timestamp,
        /// Whether a person wants it again: what failed is tried anew.
        is_again: bool,
    },
    /// All hours of the date are settled of which its owners are paid by the hour. The step wants
    /// the date's [`StepName::Settle`].
    EndHours,
    /// A run has come further. One that lost its lease to another changes nothing.
    Advance {
        /// The run.
        run_no: PlatformNo,
        /// Pieces that are done.
        done: u64,
        /// Pieces that there are.
        of: u64,
        /// Until when nobody else may run it (UTC).
        until: Timestamp,
    },
    /// A run has ended. One that lost its lease to another changes nothing.
    End {
        /// The run.
        run_no: PlatformNo,
        /// How.
        ending: Ending,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It came through.
    Done(StepDone),
    /// It did not: why, for people.
    Failed(String),
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    match action {
        Action::Open { date, numbers } => open(draft, *date, numbers),
        Action::Begin {
            run_no,
            inputs,
            until,
            is_again,
        } => begin(draft, (*run_no, *until), inputs, *is_again),
        Action::EndHours => {
            draft.drop_job(0, JobKind::SettleHour);
            Ok(())
        }
        Action::Advance {
            run_no,
            done,
            of,
            until,
        } => advance(draft, (*run_no, *until), (*done, *of)),
        Action::End { run_no, ending } => end(draft, *run_no, ending),
    }
}

fn open(draft: &mut Draft, date: BusinessDate, numbers: &[PlatformNo]) -> Result<(), TradeError> {
    for (place, (step, number)) in StepName::ALL.into_iter().zip(numbers).enumerate() {
        if draft.record(place).is_some() {
            continue;
        }
        let waiting = DayStep::waiting(*number, date, step);
        let place = draft.insert(waiting.subject(), &waiting)?;
        // What is due on the same day does not wait for the date's end.
        if step == StepName::Settle
            && let Some(at) = Window::next_end(date, draft.now)
        {
            draft.put_job(place, JobKind::SettleHour, at);
        }
    }
    Ok(())
}

/// Whether a run of a node may begin, by how the step stands.
fn may_begin(step: &DayStep, node: u8, now: Timestamp, is_again: bool) -> bool {
    let is_own = step
        .lease
        .as_ref()
        .is_some_and(|lease| lease.node() == node);
    match step.state {
        DayStepState::Waiting => true,
        DayStepState::Running => is_own || !step.is_held(now),
        DayStepState::Failed => is_again,
        DayStepState::Done => is_again && (step.failed > 0 || step.step.may_be_repeated()),
    }
}

fn begin(
    draft: &mut Draft,
    (run_no, until): (PlatformNo, Timestamp),
    inputs: &str,
    is_again: bool,
) -> Result<(), TradeError> {
    let Some(mut step) = draft.get::<DayStep>(0)? else {
        return Ok(());
    };
    let needs = step.step.needs(step.date);
    for place in 1..=needs.len() {
        let needed = draft.get::<DayStep>(place)?;
        // There may be no day before.
        if needed.is_some_and(|needed| needed.state != DayStepState::Done) {
            return Ok(());
        }
    }
    let known = step.inputs.as_deref();
    let has_others = step.state == DayStepState::Done && known != Some(inputs);
    if has_others && !step.step.may_be_repeated() {
        if step.other_inputs.as_deref() != Some(inputs) {
            step.other_inputs = Some(inputs.to_owned());
            draft.update(0, &step)?;
            draft.event(0, EventKind::InputsChanged, format!("digest {inputs}"));
        }
        return Ok(());
    }
    if !may_begin(&step, run_no.node(), draft.now, is_again) {
        return Ok(());
    }
    step.state = DayStepState::Running;
    step.lease = Some(Lease { run_no, until });
    draft.gives(run_no);
    step.inputs = Some(inputs.to_owned());
    step.runs += 1;
    step.message.clear();
    draft.update(0, &step)?;
    let detail = format!("run {}, node {}", step.runs, run_no.node());
    draft.event(0, EventKind::StepBegun, detail);
    draft.take_effect();
    Ok(())
}

/// The step of a run that still holds it.
fn held(draft: &Draft, run_no: PlatformNo) -> Result<Option<DayStep>, TradeError> {
    let step = draft.get::<DayStep>(0)?;
    Ok(step.filter(|step| step.is_run_by(run_no)))
}

fn advance(
    draft: &mut Draft,
    (run_no, until): (PlatformNo, Timestamp),
    (done, of): (u64, u64),
) -> Result<(), TradeError> {
    let Some(mut step) = held(draft, run_no)? else {
        return Ok(());
    };
    step.lease = Some(Lease { run_no, until });
    (step.done, step.of) = (done, of);
    draft.update(0, &step)
}

fn end(draft: &mut Draft, run_no: PlatformNo, ending: &Ending) -> Result<(), TradeError> {
    let Some(mut step) = held(draft, run_no)? else {
        return Ok(());
    };
    let (kind, detail) = match ending {
        Ending::Done(done) => {
            step.state = DayStepState::Done;
            step.done = done.done;
            step.failed = u64::try_from(done.failed.len()).unwrap_or(u64::MAX);
            step.of = step.done.saturating_add(step.failed);
            step.failures = done.failed.iter().take(FAILURES_MAX).cloned().collect();
            step.message.clone_from(&done.message);
            step.done_at = Some(draft.now);
            let kind = match step.failed {
                0 => EventKind::StepDone,
                _ => EventKind::StepFailed,
            };
            let detail = format!("{} done, {} failed", step.done, step.failed);
            (kind, detail)
        }
        Ending::Failed(why) => {
            step.state = DayStepState::Failed;
            step.message.clone_from(why);
            (EventKind::StepFailed, why.clone())
        }
    };
    draft.update(0, &step)?;
    draft.event(0, kind, detail);
    Ok(())
}
