//! Plays seeds of the simulator: `sim SEED` shows one run, `sim FIRST COUNT` plays a range on all
//! cores.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks on its outputs"
)]

use std::process::ExitCode;

use heliu_testkit::sim;

const USAGE: &str = "usage: sim SEED          one run, line by line
       sim FIRST COUNT   a range of seeds";

fn main() -> ExitCode {
    let numbers: Result<Vec<u64>, _> = std::env::args()
        .skip(1)
        .map(|argument| argument.parse())
        .collect();
    let all_is_well = match numbers.as_deref() {
        Ok([seed]) => show(*seed),
        Ok([first, count]) => play(*first, *count),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if all_is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn show(seed: u64) -> bool {
    let run = sim::run(seed);
    for line in &run.lines {
        println!("{line}");
    }
    for wrong in &run.wrongs {
        println!("BROKEN: {wrong}");
    }
    let verdict = if run.is_well() { "well" } else { "BROKEN" };
    println!("seed {seed}: {} events, {verdict}", run.lines.len());
    run.is_well()
}

/// Plays a range; what fails is shown at once and listed at the end.
fn play(first: u64, count: u64) -> bool {
    let outcome = sim::run_all(first..first + count, |run| println!("{run}"));
    for run in &outcome.failed {
        println!("seed {}: {}", run.seed, run.first_wrong());
    }
    let (seeds, events, failed) = (outcome.seeds, outcome.events, outcome.failed.len());
    println!("{seeds} seeds, {events} events, {failed} failed");
    outcome.failed.is_empty()
}
