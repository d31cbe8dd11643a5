//! Orders that this node wrote a moment ago, so that their next commit reads no wide rows.
//!
//! Other nodes write too: an order from here is believed only if its locked row has the same
//! version, which every save raises.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;

use crate::bounded::Bounded;

/// How many are kept, about 2 KiB each: several batches' worth of payments under way.
const KEPT: usize = 4096;

/// Names an order.
pub(super) type Key = (MerchantId, OrderNo);
/// An order and its attempts.
pub(super) type Known = (Order, Vec<Attempt>);

/// What this node wrote a moment ago.
pub(crate) struct Recent(Mutex<Bounded<Key, Known>>);

impl Default for Recent {
    fn default() -> Self {
        Self(Mutex::new(Bounded::new(KEPT)))
    }
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, Bounded<Key, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes orders out, those that are there.
    pub(super) fn take<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> HashMap<Key, Known> {
        let mut kept = self.lock();
        keys.filter_map(|key| Some((key.clone(), kept.take(key)?)))
            .collect()
    }

    /// Whether this node wrote an order a moment ago.
    pub(crate) fn has(&self, order_no: OrderNo) -> bool {
        self.lock().keys().any(|(_, of)| *of == order_no)
    }

    /// Keeps orders as they were committed. Of two states of one order the newer one stays.
    pub(super) fn keep(&self, orders: impl Iterator<Item = (Key, Known)>) {
        let mut kept = self.lock();
        for (key, known) in orders {
            let is_older = |there: &Known| there.0.version > known.0.version;
            if !kept.get(&key).is_some_and(is_older) {
                kept.keep(key, known);
            }
        }
    }
}
