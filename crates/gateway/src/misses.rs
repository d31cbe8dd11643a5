//! Who asks again and again for what does not exist: addresses that guess.
//!
//! Pages and callbacks are found by what somebody was given, so a miss is a typing slip or a guess.
//! After a few slips an address hears nothing more for the rest of the minute, right or wrong.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::visitor::Origin;

/// Misses of one address in a window.
const MISSES_MAX: u32 = 30;
/// From an address's first miss on.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered at the same time; whoever comes beyond that is not counted until
/// some are forgotten.
const REMEMBERED_MAX: usize = 100_000;

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Instant,
    misses: u32,
}

impl Count {
    fn is_over(self, now: Instant) -> bool {
        now.duration_since(self.since) >= WINDOW
    }
}

/// Addresses with misses.
#[derive(Default)]
pub(crate) struct Misses(Mutex<HashMap<Origin, Count>>);

impl Misses {
    fn counts(&self) -> MutexGuard<'_, HashMap<Origin, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an address has missed too often to be listened to.
    pub(crate) fn are_too_many(&self, origin: Origin, now: Instant) -> bool {
        let counts = self.counts();
        let count = counts.get(&origin);
        count.is_some_and(|count| count.misses >= MISSES_MAX && !count.is_over(now))
    }

    /// An address has asked for what is not there.
    pub(crate) fn add(&self, origin: Origin, now: Instant) {
        let mut counts = self.counts();
        if counts.len() >= REMEMBERED_MAX && !counts.contains_key(&origin) {
            return;
        }
        let fresh = Count {
            since: now,
            misses: 0,
        };
        let count = counts.entry(origin).or_insert(fresh);
        if count.is_over(now) {
            *count = fresh;
        }
        count.misses = count.misses.saturating_add(1);
    }

    /// Forgets windows that are over.
    pub(crate) fn forget_the_quiet(&self, now: Instant) {
        self.counts().retain(|_, count| !count.is_over(now));
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_address_that_misses_too_often_is_not_heard_for_the_rest_of_the_minute() {
        let misses = Misses::default();
        let guesser = Origin::from(IpAddr::from([192, 0, 2, 1]));
        let payer = Origin::from(IpAddr::from([192, 0, 2, 2]));
        let start = Instant::now();
        for _ in 0..MISSES_MAX {
            assert!(!misses.are_too_many(guesser, start));
            misses.add(guesser, start);
        }
        misses.add(payer, start);
        let late = start + WINDOW - Duration::from_millis(1);
        assert!(misses.are_too_many(guesser, late));
        assert!(!misses.are_too_many(payer, late), "another address");
        let next = start + WINDOW;
        assert!(!misses.are_too_many(guesser, next));
        misses.add(guesser, next);
        assert!(!misses.are_too_many(guesser, next), "counted anew");
        misses.forget_the_quiet(next + WINDOW);
        assert!(misses.counts().is_empty());
    }
}
