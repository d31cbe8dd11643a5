//! Orders that were written a moment ago, so that their next commit needs no read.

use std::collections::{HashMap, VecDeque};

use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;

/// How many are kept, about 2 KiB each: several batches' worth of payments under way.
const KEPT: usize = 4096;

/// An order, its attempts, and which keeping this was.
type Kept = (Order, Vec<Attempt>, u64);

/// A bounded memory, oldest out first. Only what is on disk, or in the running transaction, may be in
/// it: whoever rolls back empties it.
#[derive(Default)]
pub(super) struct Recent {
    orders: HashMap<OrderNo, Kept>,
    ages: VecDeque<(OrderNo, u64)>,
    kept_so_far: u64,
}

impl Recent {
    /// Takes a merchant's order out.
    pub(super) fn take(
        &mut self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Option<(Order, Vec<Attempt>)> {
        let (order, attempts, _) = self.orders.remove(&order_no)?;
        (order.merchant_id == *merchant).then_some((order, attempts))
    }

    /// Keeps an order.
    pub(super) fn keep(&mut self, order: &Order, attempts: &[Attempt]) {
        let order_no = order.order_no;
        self.kept_so_far += 1;
        self.ages.push_back((order_no, self.kept_so_far));
        let kept = (order.clone(), attempts.to_vec(), self.kept_so_far);
        self.orders.insert(order_no, kept);
        while self.ages.len() > KEPT {
            let Some((oldest, keeping)) = self.ages.pop_front() else {
                return;
            };
            // One that was kept again since is not old.
            if self
                .orders
                .get(&oldest)
                .is_some_and(|kept| kept.2 == keeping)
            {
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
