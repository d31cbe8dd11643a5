//! The steps of the date, one after the other, each with its time and the peak of its memory.

use heliu_engine::Engine;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{DayStepState, StepName};
use heliu_trade::time::MINUTE_MS;
use tokio::time::Instant;

use super::{Outcome, tell};

/// When they are run, after the date's end: statements are due then, too.
pub(super) const BEGIN_MS: i64 = 9 * 60 * MINUTE_MS;

/// Runs all steps of a date.
pub(super) async fn run(engine: &Engine, date: BusinessDate) -> Outcome<()> {
    engine.open_day(date).await.map_err(|error| error.message)?;
    for step in StepName::ALL {
        forget_peak()?;
        let started = Instant::now();
        let run = engine.run_day_step(date, step, false, None).await;
        let run = run.map_err(|error| error.message)?;
        let (stands, seconds) = (run.step(), started.elapsed().as_secs_f64());
        if stands.state != DayStepState::Done || stands.failed > 0 {
            let (name, message) = (step.as_str(), &stands.message);
            return Err(format!("{name}: {message} {:?}", stands.failures).into());
        }
        tell(step.as_str(), stands.done, seconds);
    }
    Ok(())
}

/// The peak of this process's memory is what it has now.
fn forget_peak() -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")
}
