//! Waiting for the books to decide, on commits.

use heliu_ports::store::{RefundKey, StoreError};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo, RefundNo};
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use tokio::time::{Instant, timeout_at};

use crate::Inner;
use crate::common::patience::Patience;
use crate::common::waiters::ANNOUNCED_AFTER_MS;

/// Pause before the books are read again after they were away, in ms.
const BOOKS_PAUSE_MS: i64 = 500;

/// A request that waits.
struct Waiting {
    patience: Patience,
    /// When the other nodes are to be told; `None` once they are.
    to_announce_at: Option<Instant>,
}

/// The books are away: the answer waits for them (ruling 25).
async fn pause_for_books(inner: &Inner) {
    let until = inner.now().plus_ms(BOOKS_PAUSE_MS);
    inner.clock.sleep_until(until).await;
}

fn waiting(inner: &Inner, patience: Patience) -> Waiting {
    Waiting {
        patience,
        to_announce_at: Some(Instant::now() + inner.clock.duration(ANNOUNCED_AFTER_MS)),
    }
}

/// Returns with the next commit on the order, or when patience is over. After a while the other
/// nodes are told, once, that somebody waits.
async fn next_change(
    inner: &Inner,
    order_no: OrderNo,
    next_commit: impl Future<Output = ()>,
    waiting: &mut Waiting,
) {
    let ends = waiting.patience.ends();
    let mut next_commit = std::pin::pin!(next_commit);
    if let Some(at) = waiting.to_announce_at.filter(|at| *at < ends) {
        if timeout_at(at, next_commit.as_mut()).await.is_ok() {
            return;
        }
        waiting.to_announce_at = None;
        inner.store.announce_wait(order_no);
    }
    let _ = timeout_at(ends, next_commit).await;
}

/// The order once it is decided, or as it stands when patience is over.
pub(crate) async fn wait_until_decided(
    inner: &Inner,
    merchant_id: &MerchantId,
    order_no: OrderNo,
    patience: Patience,
) -> Result<(Order, Vec<Attempt>), StoreError> {
    let waiter = inner.waiters.register(order_no);
    let mut waiting = waiting(inner, patience);
    loop {
        let mut next_commit = std::pin::pin!(waiter.next_commit());
        next_commit.as_mut().enable();
        let (order, attempts) = match inner.load_order(merchant_id, order_no).await {
            Err(_) if !patience.is_over() => {
                pause_for_books(inner).await;
                continue;
            }
            result => result?,
        };
        if order.state.is_decided() || patience.is_over() {
            return Ok((order, attempts));
        }
        next_change(inner, order_no, next_commit, &mut waiting).await;
    }
}

/// A refund and its order once it has ended, or as they stand when patience is over.
pub(crate) async fn wait_until_refunded(
    inner: &Inner,
    merchant_id: &MerchantId,
    order_no: OrderNo,
    refund_no: RefundNo,
    patience: Patience,
) -> Result<(Order, Vec<Attempt>, Refund), StoreError> {
    let waiter = inner.waiters.register(order_no);
    let mut waiting = waiting(inner, patience);
    loop {
        let mut next_commit = std::pin::pin!(waiter.next_commit());
        next_commit.as_mut().enable();
        let read = async {
            let key = RefundKey::Platform(refund_no);
            let found = inner.store.find_refund(merchant_id, key).await?;
            let missing = || StoreError::missing(format!("refund {refund_no} is missing"));
            let (_, refund) = found.ok_or_else(missing)?;
            let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
            Ok((order, attempts, refund))
        };
        let found = match read.await {
            Err(_) if !patience.is_over() => {
                pause_for_books(inner).await;
                continue;
            }
            result => result?,
        };
        if found.2.state != RefundState::Refunding || patience.is_over() {
            return Ok(found);
        }
        next_change(inner, order_no, next_commit, &mut waiting).await;
    }
}
