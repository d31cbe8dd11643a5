//! Runs one step of a business date: under its lease, once, and so that it can be followed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{Action, DayStep, DayStepState, Ending, StepDone, StepName};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::Record;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::time::Timestamp;

use super::context::{Context, StepError};
use super::open::read;
use super::steps;
use crate::{Engine, Inner};

/// How long a run holds its step without a word, in ms.
const LEASE_MS: i64 = 90_000;
/// How often it tells how far it has come, in ms.
const TELL_MS: i64 = 2_000;
/// How often it renews its lease though it has come no further, in ms.
const RENEW_MS: i64 = 30_000;

/// What came of running a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepRun {
    /// It was run; how it stands now.
    Ran(DayStep),
    /// It was done before, from what it would work on now: nothing happened.
    Stood(DayStep),
    /// It was done before, and would work on something else now: an alarm, and nothing happened.
    InputsChanged(DayStep),
    /// It failed before; only a person runs it again.
    HasFailed(DayStep),
    /// Another run has it.
    Held(DayStep),
    /// Another step must be done first.
    Waits(DayStep, (BusinessDate, StepName)),
}

impl StepRun {
    /// The step as it stands.
    #[must_use]
    pub const fn step(&self) -> &DayStep {
        match self {
            Self::Ran(step)
            | Self::Stood(step)
            | Self::InputsChanged(step)
            | Self::HasFailed(step)
            | Self::Held(step)
            | Self::Waits(step, _) => step,
        }
    }
}

/// Steps that this process runs.
#[derive(Clone, Default)]
pub(crate) struct DayRuns(Arc<Mutex<HashSet<(BusinessDate, StepName)>>>);

impl DayRuns {
    fn lock(&self) -> MutexGuard<'_, HashSet<(BusinessDate, StepName)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` if somebody in this process runs it.
    fn begin(&self, key: (BusinessDate, StepName)) -> Option<Running> {
        let is_free = self.lock().insert(key);
        let runs = self.clone();
        is_free.then_some(Running { runs, key })
    }
}

/// A step that this process runs, until this is dropped.
struct Running {
    runs: DayRuns,
    key: (BusinessDate, StepName),
}

impl Drop for Running {
    fn drop(&mut self) {
        self.runs.lock().remove(&self.key);
    }
}

impl Engine {
    /// Runs a step of a date whose steps are written. `is_again`: a person wants what failed tried
    /// anew. `audit` is written down if the step is begun.
    ///
    /// # Errors
    /// The date was not opened, or the books are away: what was begun goes on when its lease is
    /// over.
    pub async fn run_day_step(
        &self,
        date: BusinessDate,
        step: StepName,
        is_again: bool,
        audit: Option<NewAudit>,
    ) -> Result<StepRun, TradeError> {
        let inner = &self.inner;
        let asked = Asked {
            date,
            step,
            is_again,
        };
        let Some(_running) = inner.day_runs.begin((date, step)) else {
            return Ok(StepRun::Held(inner.day_step(date, step).await?));
        };
        let context = Context::new(inner, inner.mint_record_no());
        match inner.begin_step(&context, asked, audit).await? {
            StepRun::Ran(begun) => inner.work(&context, begun).await,
            other => Ok(other),
        }
    }
}

/// Which step is to be run, and whether anew.
#[derive(Clone, Copy)]
struct Asked {
    date: BusinessDate,
    step: StepName,
    is_again: bool,
}

impl Inner {
    async fn day_step(&self, date: BusinessDate, step: StepName) -> Result<DayStep, TradeError> {
        let steps = self.day(date).await?;
        let found = steps.into_iter().find(|found| found.step == step);
        found.ok_or_else(|| not_open(date))
    }

    /// Takes the step's lease, if it may be run: [`StepRun::Ran`] then.
    async fn begin_step(
        &self,
        context: &Context<'_>,
        asked: Asked,
        audit: Option<NewAudit>,
    ) -> Result<StepRun, TradeError> {
        let Asked {
            date,
            step,
            is_again,
        } = asked;
        let needs = step.needs(date);
        // What a step works on is there when what it needs is done, and not before.
        let stands = self.day_step(date, step).await?;
        if let Some(needed) = self.unmet(&needs).await? {
            return Ok(StepRun::Waits(stands, needed));
        }
        let inputs = match steps::inputs(context, date, step).await {
            Ok(inputs) => inputs,
            Err(StepError::Away(why) | StepError::Failed(why)) => {
                return Err(TradeError::new(ErrorCode::BooksUnavailable, why));
            }
        };
        let now = self.now();
        let wants = needs.iter().map(|(date, step)| DayStep::want(*date, *step));
        let begin = RecordStep {
            wants: std::iter::once(DayStep::want(date, step))
                .chain(wants)
                .collect(),
            now,
            action: RecordAction::Day(Action::Begin {
                run_no: context.run_no,
                inputs: inputs.clone(),
                until: now.plus_ms(LEASE_MS),
                is_again,
            }),
        };
        let audit = audit.map(Box::new);
        let begun = self.commit_records(begin, Vec::new(), audit).await?;
        let step = first(date, &begun.after)?;
        Ok(outcome(step, context.run_no, now))
    }

    /// The first of these that is not done. A date before the first one has no steps.
    async fn unmet(
        &self,
        needs: &[(BusinessDate, StepName)],
    ) -> Result<Option<(BusinessDate, StepName)>, TradeError> {
        for (date, step) in needs {
            let steps = self.day(*date).await?;
            let found = steps.iter().find(|found| found.step == *step);
            if found.is_some_and(|found| found.state != DayStepState::Done) {
                return Ok(Some((*date, *step)));
            }
        }
        Ok(None)
    }

    /// Does the work of a step that was begun, and writes how it ended.
    async fn work(&self, context: &Context<'_>, begun: DayStep) -> Result<StepRun, TradeError> {
        let DayStep { date, step, .. } = begun;
        tracing::info!(%date, step = step.as_str(), "a step of a business date begins");
        let ended = {
            let work: BoxFuture<'_, _> = Box::pin(steps::run(context, date, step));
            self.followed(context, (date, step), work).await
        };
        let ending = match ended {
            Ok(Some(done)) => Ending::Done(done),
            Ok(None) => return Ok(StepRun::Held(self.day_step(date, step).await?)),
            Err(StepError::Away(why)) => {
                return Err(TradeError::new(ErrorCode::BooksUnavailable, why));
            }
            Err(StepError::Failed(why)) => Ending::Failed(why),
        };
        tell(date, step, &ending);
        let action = Action::End {
            run_no: context.run_no,
            ending,
        };
        Ok(StepRun::Ran(self.take_day(date, step, action).await?))
    }

    /// Waits for the work, and keeps its lease meanwhile; `None` if another run has it.
    async fn followed(
        &self,
        context: &Context<'_>,
        (date, step): (BusinessDate, StepName),
        mut work: BoxFuture<'_, Result<StepDone, StepError>>,
    ) -> Result<Option<StepDone>, StepError> {
        let (mut told, mut told_at) = ((0, 0), self.now());
        loop {
            let look_at = self.now().plus_ms(TELL_MS);
            tokio::select! {
                biased;
                ended = &mut work => return ended.map(Some),
                () = self.clock.sleep_until(look_at) => {}
            }
            let (progress, now) = (context.progress(), self.now());
            if progress == told && now.since_ms(told_at) < RENEW_MS {
                continue;
            }
            let action = Action::Advance {
                run_no: context.run_no,
                done: progress.0,
                of: progress.1,
                until: now.plus_ms(LEASE_MS),
            };
            match self.take_day(date, step, action).await {
                Ok(step) if !step.is_run_by(context.run_no) => return Ok(None),
                Ok(_) => (told, told_at) = (progress, now),
                Err(cause) => {
                    tracing::warn!(%date, step = step.as_str(), cause = %cause.message,
                        "a step's progress was not written");
                }
            }
        }
    }

    async fn take_day(
        &self,
        date: BusinessDate,
        step: StepName,
        action: Action,
    ) -> Result<DayStep, TradeError> {
        let step = RecordStep {
            wants: vec![DayStep::want(date, step)],
            now: self.now(),
            action: RecordAction::Day(action),
        };
        let taken = self.commit_records(step, Vec::new(), None).await?;
        first(date, &taken.after)
    }
}

fn first(date: BusinessDate, after: &[Option<Record>]) -> Result<DayStep, TradeError> {
    let record = after.first().and_then(Option::as_ref);
    record.map_or_else(|| Err(not_open(date)), read)
}

fn not_open(date: BusinessDate) -> TradeError {
    let message = format!("the steps of {date} are not written: heliu day run {date}");
    TradeError::new(ErrorCode::InvalidParameter, message)
}

/// What came of asking for a step, by how it stands afterwards.
fn outcome(step: DayStep, run_no: PlatformNo, now: Timestamp) -> StepRun {
    match step.state {
        DayStepState::Running if step.is_run_by(run_no) => StepRun::Ran(step),
        DayStepState::Done if step.other_inputs.is_some() => StepRun::InputsChanged(step),
        DayStepState::Done => StepRun::Stood(step),
        DayStepState::Failed => StepRun::HasFailed(step),
        DayStepState::Running if step.is_held(now) => StepRun::Held(step),
        // What it needs was undone between two looks: it is looked at again.
        DayStepState::Running | DayStepState::Waiting => StepRun::Held(step),
    }
}

fn tell(date: BusinessDate, step: StepName, ending: &Ending) {
    let step = step.as_str();
    match ending {
        Ending::Done(done) if done.failed.is_empty() => {
            tracing::info!(%date, step, done = done.done, message = %done.message, "step done");
        }
        Ending::Done(done) => {
            let failed = done.failed.len();
            tracing::error!(%date, step, done = done.done, failed, "parts of a step failed");
        }
        Ending::Failed(why) => tracing::error!(%date, step, why, "a step failed"),
    }
}
