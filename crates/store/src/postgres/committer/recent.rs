//! Orders that this node wrote a moment ago, so that their next commit reads no wide rows.
//!
//! Other nodes write too: an order from here is believed only if its locked row has the same version,
//! which every save raises.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;

/// How many are kept, about 2 KiB each: several batches' worth of payments under way.
const KEPT: usize = 4096;

/// Names an order.
pub(super) type Key = (MerchantId, OrderNo);
/// An order and its attempts.
pub(super) type Known = (Order, Vec<Attempt>);

/// A bounded memory, oldest out first.
#[derive(Default)]
pub(crate) struct Recent(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    orders: HashMap<Key, Known>,
    ages: VecDeque<Key>,
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes orders out, those that are there.
    pub(super) fn take<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> HashMap<Key, Known> {
        let mut kept = self.lock();
        keys.filter_map(|key| kept.orders.remove_entry(key))
            .collect()
    }

    /// Whether this node wrote an order a moment ago.
    pub(crate) fn has(&self, order_no: OrderNo) -> bool {
        self.lock().orders.keys().any(|(_, of)| *of == order_no)
    }

    /// Keeps orders as they were committed. Of two states of one order the newer one stays.
    pub(super) fn keep(&self, orders: impl Iterator<Item = (Key, Known)>) {
        let mut kept = self.lock();
        for (key, known) in orders {
            let is_older = |there: &Known| there.0.version > known.0.version;
            if kept.orders.get(&key).is_some_and(is_older) {
                continue;
            }
            if kept.orders.insert(key.clone(), known).is_none() {
                kept.ages.push_back(key);
            }
            while kept.ages.len() > KEPT {
                if let Some(oldest) = kept.ages.pop_front() {
                    kept.orders.remove(&oldest);
                }
            }
        }
    }
}
