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
                    // The books are away: the answer waits for them (ruling 25).
                    self.clock
                        .sleep_until(self.now().plus_ms(BOOKS_PAUSE_MS))
                        .await;
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
            let found = self
                .store
                .find_refund(merchant_id, RefundKey::Platform(refund_no))
                .await?;
            let (_, refund) =
                found.ok_or_else(|| StoreError(format!("refund {refund_no} is missing")))?;
            if refund.state != RefundState::Refunding || self.now() >= until {
                let (order, attempts) = self.load_order(merchant_id, order_no).await?;
                return Ok((order, attempts, refund));
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
