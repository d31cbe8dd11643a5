//! The simulator: merchants, payers, faulty channels, slow receivers, crashes and clocks that are
//! set, all from one seed, on the real engine with the books in memory.
//!
//! A seed plays twice: payments (`play`), then agents that register merchants, an office that looks
//! at them, and merchants that sell once they may (`onboarding`, its rules in `applications`). One
//! seed in five plays a third part: payments over some business dates whose money is settled and
//! paid out by a bank that lies (`clearing`).
//!
//! One thread, a runtime whose time is paused, dice of its own: the same seed gives the same run,
//! line by line. The rules are checked after every commit (`recorder`),
//! at every answer to a merchant (`merchant`) and every delivery (`receiver`), at every call of a
//! channel (`channel`), and at the end, when everything must be settled and the books are compared
//! with the channels' own (`compare`). Numbers in brackets are those of the invariants in
//! ARCHITECTURE.md.
//!
//! It prints one line an event, in columns:
//!
//! ```text
//! true time, s  the house's clock    who        what             about                more
//!       13.250  2026-09-21 22:13:33  bank-calls takes            0123456789abcdef     120 fen
//! ```
//!
//! True time goes on evenly; the clock of the house is what somebody set it to. `bank-…` is a
//! channel, `books` a commit with what it left, `ant` and `bee` are merchants, `house` is the
//! process; `agent-…` is an agent, `office` who looks at applications, and `bank-pays` a bank that
//! pays out.

mod agents;
mod applications;
mod channel;
mod clearing;
mod clock;
mod compare;
#[cfg(test)]
mod crowds;
mod dialect;
mod dice;
mod house;
mod merchant;
mod onboarding;
mod panics;
mod payer;
mod phones;
mod play;
mod range;
mod receiver;
mod recorder;
mod seller;
mod stage;
mod turn;
mod vault;

use std::fmt;
use std::sync::Arc;

use stage::Stage;
use turn::Turn;

pub use range::{Outcome, run_all};

/// How many of the last lines a failed run shows.
const LAST_LINES: usize = 60;
/// Characters of a broken rule that a list shows.
const SHORT: usize = 160;

/// What a run was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// One line an event.
    pub lines: Vec<String>,
    /// Rules that were broken; empty if all is well.
    pub wrongs: Vec<String>,
}

impl Run {
    /// The first broken rule, cut short.
    #[must_use]
    pub fn first_wrong(&self) -> &str {
        let wrong = self.wrongs.first().map_or("nothing", String::as_str);
        let end = wrong
            .char_indices()
            .nth(SHORT)
            .map_or(wrong.len(), |(at, _)| at);
        wrong.get(..end).unwrap_or(wrong)
    }

    /// Another part follows.
    fn go_on(&mut self, part: Self) {
        self.lines.extend(part.lines);
        self.wrongs.extend(part.wrongs);
    }

    /// Whether no rule was broken.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.wrongs.is_empty()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.lines.len().saturating_sub(LAST_LINES);
        for line in self.lines.iter().skip(skipped) {
            writeln!(f, "{line}")?;
        }
        for wrong in &self.wrongs {
            writeln!(f, "BROKEN: {wrong}")?;
        }
        let seed = self.seed;
        writeln!(f, "seed {seed}; all of it again: make sim SEED={seed}")
    }
}

/// Plays one seed from beginning to end: first payments, then applications, then perhaps money's
/// way out. Each part has a world and dice of its own, so that a seed goes on to mean what it
/// meant.
#[must_use]
pub fn run(seed: u64) -> Run {
    let mut run = part(seed, false, |turn| play::play(seed, turn));
    if run.is_well() {
        run.go_on(part(seed, true, |turn| onboarding::play(seed, turn)));
    }
    if run.is_well() && clearing::is_played(seed) {
        run.go_on(part(seed, false, |turn| clearing::play(seed, turn)));
    }
    run
}

/// Plays one part in a runtime of its own.
fn part<F>(seed: u64, has_work_beside: bool, play: impl FnOnce(Arc<Turn>) -> F) -> Run
where
    F: Future<Output = Arc<Stage>>,
{
    let turn = Turn::new(has_work_beside);
    let (rests, works) = (Arc::clone(&turn), Arc::clone(&turn));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .max_blocking_threads(1)
        .on_thread_park(move || rests.runtime_rests(true))
        .on_thread_unpark(move || works.runtime_rests(false))
        .build()
        .expect("a runtime without I/O needs nothing of the machine");
    let (stage, panics) = panics::listen(|| runtime.block_on(play(Arc::clone(&turn))));
    turn.end();
    drop(runtime);
    let (lines, mut wrongs) = stage.take();
    wrongs.extend(panics);
    // Whoever is left of the run holds the stage.
    let held = Arc::strong_count(&stage) - 1;
    if held > 0 {
        wrongs.push(format!(
            "the run left behind what holds its stage {held} times"
        ));
    }
    Run {
        seed,
        lines,
        wrongs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_fails_shows_its_last_events_and_how_to_replay_it() {
        let lines = (0..100).map(|index| format!("event {index}")).collect();
        let run = Run {
            seed: 7,
            lines,
            wrongs: vec!["(2) paid twice".to_owned()],
        };
        let text = run.to_string();
        assert!(!run.is_well());
        assert!(!text.contains("event 39\n") && text.contains("event 40\n"));
        assert!(text.contains("BROKEN: (2) paid twice") && text.contains("make sim SEED=7"));
    }
}
