//! The dice: every choice of a simulation falls here, in the order in which its tasks run.

use std::sync::{Mutex, PoisonError};

/// A generator with a seed, shared by all who choose.
pub(super) struct Dice(Mutex<fastrand::Rng>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&self, low: i64, high: i64) -> i64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .i64(low..=high)
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(super) fn happens(&self, percent: i64) -> bool {
        percent > 0 && self.between(1, 100) <= percent
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        let last = i64::try_from(from.len()).unwrap_or(i64::MAX) - 1;
        let index = usize::try_from(self.between(0, last)).unwrap_or(0);
        &from[index]
    }

    /// One of these, each as often as its weight says.
    pub(super) fn weigh<T: Copy>(&self, from: &[(i64, T)]) -> T {
        let sum: i64 = from.iter().map(|(weight, _)| weight).sum();
        let mut at = self.between(1, sum);
        for (weight, value) in from {
            at -= weight;
            if at <= 0 {
                return *value;
            }
        }
        from[0].1
    }

    /// Lower-case letters and digits.
    pub(super) fn text(&self, length: usize) -> String {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let digit = |_| char::from_digit(dice.u32(0..36), 36).unwrap_or('0');
        (0..length).map(digit).collect()
    }
}
