//! What was read from the directory, kept until it changes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// Values by key; of one key there may be a few.
pub(crate) struct Cache<K, V> {
    /// Counts the changes: what was read before one must not be kept after it.
    edition: AtomicU64,
    values: RwLock<HashMap<K, Vec<V>>>,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self {
            edition: AtomicU64::new(0),
            values: RwLock::default(),
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    /// The value of `key` that fits, read if none is here; one that is not there is read each time.
    pub(crate) async fn find<E>(
        &self,
        key: &K,
        fits: impl Fn(&V) -> bool,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        if let Some(known) = self.get(key, fits) {
            return Ok(Some(known));
        }
        let edition = self.edition.load(Ordering::SeqCst);
        let value = read.await?;
        if let Some(value) = &value {
            self.keep(edition, key, value);
        }
        Ok(value)
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.edition.fetch_add(1, Ordering::SeqCst);
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.clear();
    }

    fn get(&self, key: &K, fits: impl Fn(&V) -> bool) -> Option<V> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values.get(key)?.iter().find(|value| fits(value)).cloned()
    }

    fn keep(&self, edition: u64, key: &K, value: &V) {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        if edition == self.edition.load(Ordering::SeqCst) {
            values.entry(key.clone()).or_default().push(value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    async fn read(value: u32) -> Result<Option<u32>, ()> {
        Ok(Some(value))
    }

    fn found(cache: &Cache<&'static str, u32>, value: u32) -> Option<u32> {
        let found = cache.find(&"key", |known| known % 10 == value % 10, read(value));
        found.now_or_never().and_then(Result::ok).flatten()
    }

    #[test]
    fn a_value_is_read_once_and_anew_after_a_change() {
        let cache = Cache::default();
        assert_eq!(
            [11, 21, 12].map(|value| found(&cache, value)),
            [Some(11), Some(11), Some(12)]
        );
        cache.clear();
        assert_eq!(found(&cache, 21), Some(21));
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = Cache::default();
        let reading = async {
            cache.clear();
            read(11).await
        };
        let found_now = cache.find(&"key", |_| true, reading).now_or_never();
        assert_eq!(found_now, Some(Ok(Some(11))));
        assert_eq!(found(&cache, 21), Some(21));
    }
}
