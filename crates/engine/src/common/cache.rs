//! What was read from the directory, kept until it changes.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// Keys that were not there, of which that is remembered. When there are more, all are forgotten:
/// whoever asks for made-up ones must not fill the memory.
const MISSES_MAX: usize = 20_000;

/// Values by key; of one key there may be a few.
pub(crate) struct Cache<K, V> {
    /// Counts the changes: what was read before one must not be kept after it.
    edition: AtomicU64,
    values: RwLock<HashMap<K, Vec<V>>>,
    /// Keys that were not there, each in its realm.
    misses: RwLock<HashSet<(K, &'static str)>>,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self {
            edition: AtomicU64::new(0),
            values: RwLock::default(),
            misses: RwLock::default(),
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    /// The same where strangers ask: that a key is not there in this realm is remembered too, so
    /// that asking for one that is there and for one that is not takes the same time (ruling 26).
    pub(crate) async fn find_for_strangers<E>(
        &self,
        key: &K,
        realm: &'static str,
        fits: impl Fn(&V) -> bool,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        let miss = (key.clone(), realm);
        if self
            .misses
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&miss)
        {
            return Ok(None);
        }
        let edition = self.edition.load(Ordering::SeqCst);
        let value = self.find(key, fits, read).await?;
        if value.is_none() {
            let mut misses = self.misses.write().unwrap_or_else(PoisonError::into_inner);
            if misses.len() >= MISSES_MAX {
                misses.clear();
            }
            if edition == self.edition.load(Ordering::SeqCst) {
                misses.insert(miss);
            }
        }
        Ok(value)
    }

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
        drop(values);
        self.clear_misses();
    }

    /// Forgets what was not there: something was added.
    pub(crate) fn forget_misses(&self) {
        self.edition.fetch_add(1, Ordering::SeqCst);
        self.clear_misses();
    }

    fn clear_misses(&self) {
        let mut misses = self.misses.write().unwrap_or_else(PoisonError::into_inner);
        misses.clear();
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

    /// Whether a key that is not there was looked for in the books.
    fn is_read(cache: &Cache<u32, u32>, key: u32, realm: &'static str) -> bool {
        let mut is_read = false;
        let read = async {
            is_read = true;
            Ok::<_, ()>(None)
        };
        let found = cache
            .find_for_strangers(&key, realm, |_| true, read)
            .now_or_never();
        assert_eq!(found, Some(Ok(None)));
        is_read
    }

    #[test]
    fn what_is_not_there_is_read_once_and_anew_after_a_change() {
        let cache = Cache::default();
        assert!(is_read(&cache, 1, "one"));
        assert!(!is_read(&cache, 1, "one"));
        assert!(is_read(&cache, 1, "another"), "in another realm");
        cache.forget_misses();
        assert!(is_read(&cache, 1, "one"));
        cache.clear();
        assert!(is_read(&cache, 1, "one"));
        for key in 0..u32::try_from(MISSES_MAX).expect("few") {
            is_read(&cache, key + 10, "one");
        }
        assert!(cache.misses.read().expect("not poisoned").len() <= MISSES_MAX);
    }

    #[test]
    fn a_miss_from_before_a_change_is_not_remembered_after_it() {
        let cache: Cache<u32, u32> = Cache::default();
        let reading = async {
            cache.forget_misses();
            Ok::<_, ()>(None)
        };
        let found = cache
            .find_for_strangers(&1, "one", |_| true, reading)
            .now_or_never();
        assert_eq!(found, Some(Ok(None)));
        assert!(is_read(&cache, 1, "one"));
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
