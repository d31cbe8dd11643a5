//! Waiting for the books to decide, on commits.

use heliu_ports::store::{RefundKey, StoreError};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo, RefundNo};
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Timestamp;

use crate::Inner;
use crate::waiters::ANNOUNCED_AFTER_MS;

/// Pause before the books are read again after they were away, in ms.
const BOOKS_PAUSE_MS: i64 = 500;

impl Inner {
    /// The books are away: the answer waits for them (ruling 25).
    async fn pause_for_books(&self) {
        let until = self.now().plus_ms(BOOKS_PAUSE_MS);
        self.clock.sleep_until(until).await;
    }

    /// The order once it is decided, or as it stands at `until`.
    pub(crate) async fn wait_until_decided(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
        until: Timestamp,
    ) -> Result<(Order, Vec<Attempt>), StoreError> {
        let waiter = self.waiters.register(order_no);
        let announced_at = self.now().plus_ms(ANNOUNCED_AFTER_MS);
        let mut is_announced = false;
        loop {
            let mut next_commit = std::pin::pin!(waiter.next_commit());
            next_commit.as_mut().enable();
            let (order, attempts) = match self.load_order(merchant_id, order_no).await {
                Err(_) if self.now() < until => {
                    self.pause_for_books().await;
                    continue;
                }
                result => result?,
            };
            if order.state.is_decided() || self.now() >= until {
                return Ok((order, attempts));
            }
            tokio::select! {
                () = next_commit => {}
                () = self.clock.sleep_until(until) => {}
                () = self.clock.sleep_until(announced_at), if !is_announced => {
                    is_announced = true;
                    self.store.announce_wait(order_no);
                }
            }
        }
    }

    /// A refund and its order once it has ended, or as they stand at `until`.
    pub(crate) async fn wait_until_refunded(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
        refund_no: RefundNo,
        until: Timestamp,
    ) -> Result<(Order, Vec<Attempt>, Refund), StoreError> {
        let waiter = self.waiters.register(order_no);
        let announced_at = self.now().plus_ms(ANNOUNCED_AFTER_MS);
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
                Err(_) if self.now() < until => {
                    self.pause_for_books().await;
                    continue;
                }
                result => result?,
            };
            if found.2.state != RefundState::Refunding || self.now() >= until {
                return Ok(found);
            }
            tokio::select! {
                () = next_commit => {}
                () = self.clock.sleep_until(until) => {}
                () = self.clock.sleep_until(announced_at), if !is_announced => {
                    is_announced = true;
                    self.store.announce_wait(order_no);
                }
            }
        }
    }
}
