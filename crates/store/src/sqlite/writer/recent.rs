//! Orders that were written a moment ago, so that their next commit needs no read.

use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;

use crate::bounded::Bounded;

/// How many are kept, about 2 KiB each: several batches' worth of payments under way.
const KEPT: usize = 4096;

/// Only what is on disk, or in the running transaction, may be in it: whoever rolls back empties
/// it.
pub(super) struct Recent(Bounded<OrderNo, (Order, Vec<Attempt>)>);

impl Default for Recent {
    fn default() -> Self {
        Self(Bounded::new(KEPT))
    }
}

impl Recent {
    /// Takes a merchant's order out.
    pub(super) fn take(
        &mut self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Option<(Order, Vec<Attempt>)> {
        let known = self.0.take(&order_no)?;
        (known.0.merchant_id == *merchant).then_some(known)
    }

    /// Keeps an order.
    pub(super) fn keep(&mut self, order: &Order, attempts: &[Attempt]) {
        self.0
            .keep(order.order_no, (order.clone(), attempts.to_vec()));
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
