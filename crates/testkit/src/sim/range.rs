//! Many seeds side by side, one thread a core.

use std::sync::{Mutex, PoisonError};

use super::{Run, run};

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Seeds played.
    pub seeds: u64,
    /// Events of all of them.
    pub events: usize,
    /// Runs that broke a rule, by seed.
    pub failed: Vec<Run>,
}

/// Plays `seeds`; each run that breaks a rule is also told to `on_failure` at once.
pub fn run_all(
    seeds: impl IntoIterator<Item = u64, IntoIter: Send>,
    on_failure: impl Fn(&Run) + Sync,
) -> Outcome {
    let seeds = Mutex::new(seeds.into_iter());
    let outcome = Mutex::new(Outcome::default());
    let next = || seeds.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        while let Some(seed) = next() {
            let run = run(seed);
            let is_well = run.is_well();
            if !is_well {
                on_failure(&run);
            }
            let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            outcome.seeds += 1;
            outcome.events += run.lines.len();
            outcome.failed.extend((!is_well).then_some(run));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(worker);
        }
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.failed.sort_by_key(|run| run.seed);
    outcome
}
