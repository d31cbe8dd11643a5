//! Waiting for the books to decide, on commits. How long is measured by what passes, not by the clock on the
//! wall: nobody waits an hour longer because somebody set that one back.

use heliu_ports::store::{RefundKey, StoreError};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo, RefundNo};
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::Inner;
use crate::waiters::ANNOUNCED_AFTER_MS;

/// Pause before the books are read again after they were away, in ms.
const BOOKS_PAUSE_MS: i64 = 500;

/// How long a request waits.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    ends: Instant,
}

impl Patience {
    fn is_over(self) -> bool {
        Instant::now() >= self.ends
    }

    /// Returns when patience is over.
    async fn end(self) {
        sleep_until(self.ends).await;
    }

    /// Returns with `event`, or when patience is over.
    async fn wait_for(self, event: impl Future<Output = ()>) {
        let _ = timeout_at(self.ends, event).await;
    }
}

impl Inner {
    /// The books are away: the answer waits for them (ruling 25).
    async fn pause_for_books(&self) {
        let until = self.now().plus_ms(BOOKS_PAUSE_MS);
        self.clock.sleep_until(until).await;
    }

    /// Patience for so many ms from now.
    pub(crate) fn patience(&self, ms: i64) -> Patience {
        Patience {
            ends: Instant::now() + self.clock.duration(ms),
        }
    }

    /// The order once it is decided, or as it stands when patience is over.
    pub(crate) async fn wait_until_decided(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
        patience: Patience,
    ) -> Result<(Order, Vec<Attempt>), StoreError> {
        let waiter = self.waiters.register(order_no);
        let unannounced = self.patience(ANNOUNCED_AFTER_MS);
        let mut is_announced = false;
        loop {
            let mut next_commit = std::pin::pin!(waiter.next_commit());
            next_commit.as_mut().enable();
            let (order, attempts) = match self.load_order(merchant_id, order_no).await {
                Err(_) if !patience.is_over() => {
                    self.pause_for_books().await;
                    continue;
                }
                result => result?,
            };
            if order.state.is_decided() || patience.is_over() {
                return Ok((order, attempts));
            }
            tokio::select! {
                biased;
                () = patience.wait_for(next_commit) => {}
                () = unannounced.end(), if !is_announced => {
                    is_announced = true;
                    self.store.announce_wait(order_no);
                }
            }
        }
    }

    /// A refund and its order once it has ended, or as they stand when patience is over.
    pub(crate) async fn wait_until_refunded(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
        refund_no: RefundNo,
        patience: Patience,
    ) -> Result<(Order, Vec<Attempt>, Refund), StoreError> {
        let waiter = self.waiters.register(order_no);
        let unannounced = self.patience(ANNOUNCED_AFTER_MS);
        let mut is_announced = false;
        loop {
            let mut next_commit = std::pin::pin!(waiter.next_commit());
            next_commit.as_mut().enable();
            let read = async {
                let key = RefundKey::Platform(refund_no);
                let found = self.store.find_refund(merchant_id, key).await?;
                let missing = || StoreError(format!("refund {refund_no} is missing"));
                let (_, refund) = found.ok_or_else(missing)?;
                let (order, attempts) = self.load_order(merchant_id, order_no).await?;
                Ok((order, attempts, refund))
            };
            let found = match read.await {
                Err(_) if !patience.is_over() => {
                    self.pause_for_books().await;
                    continue;
                }
                result => result?,
            };
            if found.2.state != RefundState::Refunding || patience.is_over() {
                return Ok(found);
            }
            tokio::select! {
                biased;
                () = patience.wait_for(next_commit) => {}
                () = unannounced.end(), if !is_announced => {
                    is_announced = true;
                    self.store.announce_wait(order_no);
                }
            }
        }
    }
}
