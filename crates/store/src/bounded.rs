//! A memory of bounded size, oldest out first.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values by key, at most so many.
pub(crate) struct Bounded<K, V> {
    limit: usize,
    /// Values, and which keeping each was.
    values: HashMap<K, (V, u64)>,
    ages: VecDeque<(K, u64)>,
    kept_so_far: u64,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            values: HashMap::new(),
            ages: VecDeque::new(),
            kept_so_far: 0,
        }
    }

    pub(crate) fn keep(&mut self, key: K, value: V) {
        self.kept_so_far += 1;
        self.ages.push_back((key.clone(), self.kept_so_far));
        self.values.insert(key, (value, self.kept_so_far));
        while self.ages.len() > self.limit {
            let Some((oldest, keeping)) = self.ages.pop_front() else {
                return;
            };
            // One that was kept again since is not old.
            if matches!(self.values.get(&oldest), Some((_, last)) if *last == keeping) {
                self.values.remove(&oldest);
            }
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key).map(|(value, _)| value)
    }

    /// Takes a value out.
    pub(crate) fn take(&mut self, key: &K) -> Option<V> {
        self.values.remove(key).map(|(value, _)| value)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.values.keys()
    }

    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.ages.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_what_was_kept_again_is_not_old() {
        let mut kept = Bounded::new(3);
        for key in [1, 2, 1, 3] {
            kept.keep(key, key * 10);
        }
        assert_eq!(
            [1, 2, 3].map(|key| kept.get(&key).copied()),
            [Some(10), Some(20), Some(30)]
        );
        assert_eq!(kept.take(&1), Some(10));
        kept.keep(1, 11);
        kept.keep(4, 40);
        assert_eq!(
            [1, 2, 4].map(|key| kept.get(&key).copied()),
            [Some(11), None, Some(40)]
        );
    }
}
