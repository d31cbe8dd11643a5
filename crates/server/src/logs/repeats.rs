//! What is said again and again: the first of a kind at once, then one word a while with the count.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// After the first of a kind, how long further ones are only counted.
pub(super) const PERIOD: Duration = Duration::from_secs(60);
/// Kinds that are told apart at the same time.
const KINDS_MAX: usize = 1_000;

struct Window<V> {
    first: V,
    since: Instant,
    untold: u64,
}

/// Kinds by key, each with what its first one was.
pub(super) struct Repeats<K, V> {
    windows: HashMap<K, Window<V>>,
    /// Of kinds beyond those that are told apart.
    others: u64,
}

/// What was only counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Untold<V> {
    /// The first of its kind; unset for kinds that were not told apart.
    pub(super) first: Option<V>,
    /// How many more there were.
    pub(super) count: u64,
}

impl<K, V> Default for Repeats<K, V> {
    fn default() -> Self {
        Self {
            windows: HashMap::new(),
            others: 0,
        }
    }
}

impl<K: Eq + Hash, V: Clone> Repeats<K, V> {
    /// Whether this one is to be said: it is the first of its kind for a while.
    pub(super) fn is_first(&mut self, kind: K, describe: impl FnOnce() -> V, now: Instant) -> bool {
        if let Some(window) = self.windows.get_mut(&kind) {
            window.untold += 1;
            return false;
        }
        if self.windows.len() >= KINDS_MAX {
            self.others += 1;
            return false;
        }
        let window = Window {
            first: describe(),
            since: now,
            untold: 0,
        };
        self.windows.insert(kind, window);
        true
    }

    /// What was counted in periods that are over. A kind of which nothing more came is forgotten,
    /// so that its next one is the first again.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Untold<V>> {
        let mut due = Vec::new();
        self.windows.retain(|_, window| {
            if now.duration_since(window.since) < PERIOD {
                return true;
            }
            if window.untold == 0 {
                return false;
            }
            due.push(Untold {
                first: Some(window.first.clone()),
                count: std::mem::take(&mut window.untold),
            });
            window.since = now;
            true
        });
        if self.others > 0 {
            due.push(Untold {
                first: None,
                count: std::mem::take(&mut self.others),
            });
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn told(
        repeats: &mut Repeats<&'static str, &'static str>,
        now: Instant,
    ) -> Vec<(&'static str, u64)> {
        let due = repeats.take_due(now);
        let mut told: Vec<_> = due
            .iter()
            .map(|untold| (untold.first.unwrap_or("others"), untold.count))
            .collect();
        told.sort_unstable();
        told
    }

    #[test]
    fn the_first_of_a_kind_is_said_at_once_and_the_rest_is_counted_once_a_period() {
        let mut repeats = Repeats::default();
        let start = Instant::now();
        let mut meet = |kind, now| repeats.is_first(kind, || kind, now);
        assert!(meet("a", start));
        for _ in 0..1_000 {
            assert!(!meet("a", start + SECOND));
        }
        assert!(meet("b", start + SECOND), "another kind");
        assert_eq!(told(&mut repeats, start + PERIOD - SECOND), []);
        assert_eq!(told(&mut repeats, start + PERIOD), [("a", 1_000)]);
        // It goes on, and is counted on; the other kind has ended.
        assert!(!repeats.is_first("a", || "a", start + PERIOD));
        assert_eq!(told(&mut repeats, start + 2 * PERIOD), [("a", 1)]);
        assert_eq!(told(&mut repeats, start + 3 * PERIOD), []);
        let late = start + 3 * PERIOD;
        assert!(repeats.is_first("a", || "a", late) && repeats.is_first("b", || "b", late));
    }

    #[test]
    fn kinds_without_end_are_counted_together() {
        let mut repeats = Repeats::default();
        let start = Instant::now();
        let said = (0..10_000_u32)
            .filter(|kind| repeats.is_first(*kind, || *kind, start))
            .count();
        assert_eq!(said, KINDS_MAX);
        let due = repeats.take_due(start);
        assert_eq!(
            due,
            [Untold {
                first: None,
                count: 9_000
            }]
        );
    }
}
