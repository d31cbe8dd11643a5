//! Orders that were written a moment ago, so that their next commit needs no read.

use std::collections::{HashMap, VecDeque};

use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;

/// How many are kept, about 2 KiB each: several batches' worth of payments under way.
const KEPT: usize = 4096;

type Key = (MerchantId, OrderNo);

/// A bounded memory, oldest out first. Only what is on disk, or in the running transaction, may be in
/// it: whoever rolls back empties it.
#[derive(Default)]
pub(super) struct Recent {
    orders: HashMap<Key, (Order, Vec<Attempt>)>,
    ages: VecDeque<Key>,
}

impl Recent {
    /// Takes an order out.
    pub(super) fn take(&mut self, key: &Key) -> Option<(Order, Vec<Attempt>)> {
        self.orders.remove(key)
    }

    /// Keeps an order.
    pub(super) fn keep(&mut self, order: &Order, attempts: &[Attempt]) {
        let key = (order.merchant_id.clone(), order.order_no);
        self.ages.push_back(key.clone());
        self.orders.insert(key, (order.clone(), attempts.to_vec()));
        while self.ages.len() > KEPT {
            if let Some(oldest) = self.ages.pop_front() {
                self.orders.remove(&oldest);
            }
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.orders.clear();
        self.ages.clear();
    }
}
