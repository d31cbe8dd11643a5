//! Requests that wait for the books to change, woken by commits and never by polling: by this
//! node's own, and by news of other nodes' once a request has waited for [`ANNOUNCED_AFTER_MS`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use heliu_trade::id::OrderNo;
use tokio::sync::Notify;

/// How long a request waits before the other nodes are told that it does, in ms (ruling 38).
pub(crate) const ANNOUNCED_AFTER_MS: i64 = 1_000;

#[derive(Default)]
pub(crate) struct Waiters {
    /// How many wait: a payment that nobody waits for pays one load for it.
    count: AtomicUsize,
    by_order: Mutex<HashMap<OrderNo, (usize, Arc<Notify>)>>,
}

impl Waiters {
    /// Begins to wait for commits on an order. Register first, then read, then wait.
    pub(crate) fn register(&self, order_no: OrderNo) -> Waiter<'_> {
        let mut by_order = self.by_order.lock().unwrap_or_else(PoisonError::into_inner);
        let (waiting, notify) = by_order.entry(order_no).or_default();
        *waiting += 1;
        self.count.fetch_add(1, Ordering::SeqCst);
        Waiter {
            waiters: self,
            order_no,
            notify: Arc::clone(notify),
        }
    }

    /// A commit changed an order.
    pub(crate) fn wake(&self, order_no: OrderNo) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let by_order = self.by_order.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, notify)) = by_order.get(&order_no) {
            notify.notify_waiters();
        }
    }

    /// Anything may have changed.
    pub(crate) fn wake_all(&self) {
        let by_order = self.by_order.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, notify) in by_order.values() {
            notify.notify_waiters();
        }
    }
}

pub(crate) struct Waiter<'a> {
    waiters: &'a Waiters,
    order_no: OrderNo,
    notify: Arc<Notify>,
}

impl Waiter<'_> {
    /// The next commit on the order. Take it before reading the books, await it after.
    pub(crate) fn next_commit(&self) -> tokio::sync::futures::Notified<'_> {
        self.notify.notified()
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut by_order = self
            .waiters
            .by_order
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((waiting, _)) = by_order.get_mut(&self.order_no) {
            *waiting -= 1;
            if *waiting == 0 {
                by_order.remove(&self.order_no);
            }
        }
        self.waiters.count.fetch_sub(1, Ordering::SeqCst);
    }
}
