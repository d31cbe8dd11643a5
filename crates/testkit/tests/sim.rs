//! The simulator: seeds that once failed, a few hundred others, and that a seed says it all.

use heliu_testkit::sim;

/// Seeds that found something, one a line, with what it was. They always run.
const KEPT: &str = include_str!("sim.seeds");
/// How many others run here; thousands do on demand (`make sim SEEDS=5000`).
const SEEDS: u64 = 600;

/// Failed runs that are shown whole.
const SHOWN: usize = 3;

fn must_hold(seeds: impl IntoIterator<Item = u64, IntoIter: Send>) {
    let outcome = sim::run_all(seeds, |_| {});
    let failed = &outcome.failed;
    let seeds: Vec<u64> = failed.iter().map(|run| run.seed).collect();
    let shown: String = failed.iter().take(SHOWN).map(ToString::to_string).collect();
    assert!(
        failed.is_empty(),
        "{shown}of {} failed: {seeds:?}",
        outcome.seeds
    );
    assert!(outcome.seeds > 0);
}

#[test]
fn seeds_that_once_failed_hold() {
    let lines = KEPT.lines().filter(|line| !line.starts_with('#'));
    let seed = |line: &str| {
        let (seed, what) = line.split_once(' ').expect("a seed, and what it found");
        assert!(!what.trim().is_empty(), "say what {seed} found");
        seed.parse::<u64>().expect("a seed is a number")
    };
    must_hold(lines.map(seed).collect::<Vec<_>>());
}

#[test]
fn a_few_hundred_seeds_hold() {
    must_hold(1..=SEEDS);
}

#[test]
fn the_same_seed_prints_the_same_events_twice() {
    for seed in [3, 1_000_003, u64::MAX] {
        let (one, two) = (sim::run(seed), sim::run(seed));
        assert!(one.lines.len() > 50, "seed {seed} does nothing");
        for (first, second) in one.lines.iter().zip(&two.lines) {
            assert_eq!(first, second, "seed {seed}");
        }
        assert_eq!(one, two);
    }
    assert_ne!(sim::run(3).lines, sim::run(4).lines);
}
