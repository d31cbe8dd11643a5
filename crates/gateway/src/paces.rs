//! Who asks more often than its wire allows: so many requests in any window, over all surfaces of
//! a wire that state a pace.
//!
//! Each node counts by itself, since a look into the books at each request would cost more than the
//! request: several nodes let through that many times as much at the most.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use heliu_ports::dialect::Pace;
use heliu_trade::time::Timestamp;

/// A signer on a wire.
type Key = (&'static str, String);

/// What one signer was let through with lately.
struct Taken {
    /// When, the oldest first; no more than its pace lets through.
    at: VecDeque<Timestamp>,
    pace: Pace,
}

impl Taken {
    /// Forgets what counts no more. What lies ahead was taken before the clock was set back.
    fn forget(&mut self, now: Timestamp) {
        let window_ms = self.pace.window_ms;
        self.at
            .retain(|at| (0..window_ms).contains(&now.since_ms(*at)));
    }
}

/// Signers that have asked lately. Only one whose signature held is counted, so that there are no
/// more than the books know, each with as many moments as its pace lets through.
#[derive(Default)]
pub(crate) struct Paces(Mutex<HashMap<Key, Taken>>);

impl Paces {
    fn signers(&self) -> MutexGuard<'_, HashMap<Key, Taken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request that the pace lets through; else says how long its signer must wait, in ms.
    pub(crate) fn take(
        &self,
        (dialect, signer): (&'static str, &str),
        pace: Pace,
        now: Timestamp,
    ) -> Result<(), i64> {
        let mut signers = self.signers();
        let key = (dialect, signer.to_owned());
        let taken = signers.entry(key).or_insert_with(|| Taken {
            at: VecDeque::new(),
            pace,
        });
        taken.pace = pace;
        taken.forget(now);
        if taken.at.len() < pace.requests {
            taken.at.push_back(now);
            return Ok(());
        }
        let oldest = taken.at.front().map_or(0, |at| now.since_ms(*at));
        Err(pace.window_ms - oldest)
    }

    /// Forgets signers that have been quiet.
    pub(crate) fn forget_the_quiet(&self, now: Timestamp) {
        self.signers().retain(|_, taken| {
            taken.forget(now);
            !taken.at.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        requests: 3,
        window_ms: 20_000,
    };

    #[test]
    fn no_window_has_more_than_the_pace_and_the_wait_is_exact() {
        let paces = Paces::default();
        let mut now = Timestamp::from_ms(1_000_000);
        let mut taken = Vec::new();
        for step in 0..200 {
            now = now.plus_ms(step * 37 % 9_000);
            match paces.take(("wire", "10"), PACE, now) {
                Ok(()) => taken.push(now),
                Err(wait_ms) => {
                    let before = now.plus_ms(wait_ms - 1);
                    assert_eq!(paces.take(("wire", "10"), PACE, before), Err(1));
                    now = now.plus_ms(wait_ms);
                    assert_eq!(paces.take(("wire", "10"), PACE, now), Ok(()));
                    taken.push(now);
                }
            }
        }
        for of_four in taken.windows(PACE.requests + 1) {
            assert!(of_four[3].since_ms(of_four[0]) >= PACE.window_ms);
        }
    }

    #[test]
    fn signers_are_counted_apart_and_forgotten() {
        let paces = Paces::default();
        let now = Timestamp::from_ms(1_000_000);
        for _ in 0..100 {
            let _ = paces.take(("wire", "10"), PACE, now);
        }
        assert_eq!(paces.signers()[&("wire", "10".to_owned())].at.len(), 3);
        assert_eq!(paces.take(("wire", "20"), PACE, now), Ok(()));
        assert_eq!(paces.take(("other", "10"), PACE, now), Ok(()));
        // A clock that is set back shuts nobody out.
        let earlier = now.plus_ms(-3_600_000);
        assert_eq!(paces.take(("wire", "10"), PACE, earlier), Ok(()));
        paces.forget_the_quiet(now.plus_ms(PACE.window_ms));
        assert!(paces.signers().is_empty());
    }
}
