//! Requests of the exchange log whose order is written already, so that their answers need not
//! write it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::bounded::Bounded;

/// Requests that came with a commit and whose answers are still awaited, of which it is remembered
/// that their order is written already; for one that is forgotten the row is looked at again.
const NAMED: usize = 8_192;

/// Requests whose order is written already.
pub(crate) struct Named(Mutex<Bounded<i64, ()>>);

impl Default for Named {
    fn default() -> Self {
        Self(Mutex::new(Bounded::new(NAMED)))
    }
}

impl Named {
    fn lock(&self) -> MutexGuard<'_, Bounded<i64, ()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These were committed with their orders.
    pub(super) fn remember(&self, numbers: impl Iterator<Item = i64>) {
        let mut named = self.lock();
        numbers.for_each(|number| named.keep(number, ()));
    }

    /// Whether it is remembered.
    pub(super) fn has(&self, number: i64) -> bool {
        self.lock().get(&number).is_some()
    }
}
