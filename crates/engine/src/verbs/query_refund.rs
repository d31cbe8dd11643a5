//! 退款查询: a refund as it stands, or as the channel says now where the wire promises that.

use heliu_ports::store::RefundKey;
use heliu_trade::attempt::Attempt;
use heliu_trade::command::{OrderReference, QueryRefund, RefundReference, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::OrderNo;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};

use super::Caller;
use crate::Inner;
use crate::directory::books_unavailable;
use crate::jobs::settle_refund;

impl Inner {
    pub(super) async fn query_refund(
        &self,
        caller: &Caller,
        query: QueryRefund,
    ) -> Result<Reply, TradeError> {
        let key = match query.refund {
            RefundReference::OfOrder(order) => return self.query_refunds(caller, &order).await,
            RefundReference::NewestOf(order) => {
                let refund_no = self.newest_refund(caller, &order).await?.refund_no;
                RefundKey::Platform(refund_no)
            }
            RefundReference::Platform(number) => RefundKey::Platform(number.ok_or_else(not_found)?),
            RefundReference::Merchant(number) => {
                RefundKey::Merchant(caller.app_id().clone(), number)
            }
        };
        let found = self.store.find_refund(caller.merchant_id(), key).await;
        let (order_no, refund) = found.map_err(books_unavailable)?.ok_or_else(not_found)?;
        if let Some(order) = &query.order
            && self.resolve(caller, order).await?.0.order_no != order_no
        {
            return Err(not_found());
        }
        let loaded = self.load_order(caller.merchant_id(), order_no).await;
        let (order, attempts) = loaded.map_err(books_unavailable)?;
        if order.app_id != *caller.app_id() {
            return Err(not_found());
        }
        let wait_ms = caller.policy().refund_query_wait_ms;
        let (order, attempts, refund) = if wait_ms > 0 && is_under_way(&refund) {
            self.settled(caller, order_no, &refund, wait_ms).await?
        } else {
            (order, attempts, refund)
        };
        Ok(Reply::Refund {
            order: Box::new(order),
            refund: Box::new(refund),
            attempts,
        })
    }

    /// Asks the channel about a refund that it has, and waits a while for what it says. A refund that is
    /// not sent yet stays with its job, which keeps the channel's gap between refunds.
    async fn settled(
        &self,
        caller: &Caller,
        order_no: OrderNo,
        refund: &Refund,
        wait_ms: i64,
    ) -> Result<(Order, Vec<Attempt>, Refund), TradeError> {
        let patience = self.patience(wait_ms);
        let asking = settle_refund(self, caller.merchant_id(), refund.refund_no);
        // Whatever goes wrong, the refund as it stands is the answer, and its job goes on.
        let _ = tokio::time::timeout(self.clock.duration(wait_ms), asking).await;
        self.wait_until_refunded(caller.merchant_id(), order_no, refund.refund_no, patience)
            .await
            .map_err(books_unavailable)
    }

    async fn newest_refund(
        &self,
        caller: &Caller,
        order: &OrderReference,
    ) -> Result<Refund, TradeError> {
        let (order, _) = self.resolve(caller, order).await?;
        let refunds = self
            .store
            .refunds_of_order(caller.merchant_id(), order.order_no)
            .await
            .map_err(books_unavailable)?;
        refunds
            .into_iter()
            .next_back()
            .ok_or_else(|| not_found().about(&order))
    }

    async fn query_refunds(
        &self,
        caller: &Caller,
        order: &OrderReference,
    ) -> Result<Reply, TradeError> {
        let (order, attempts) = self.resolve(caller, order).await?;
        let refunds = self
            .store
            .refunds_of_order(caller.merchant_id(), order.order_no)
            .await
            .map_err(books_unavailable)?;
        if refunds.is_empty() {
            return Err(not_found().about(&order));
        }
        Ok(Reply::Refunds {
            order: Box::new(order),
            refunds,
            attempts,
        })
    }
}

/// The channel has it, or may have it.
fn is_under_way(refund: &Refund) -> bool {
    refund.state == RefundState::Refunding && refund.sent_at.is_some()
}

fn not_found() -> TradeError {
    TradeError::new(
        ErrorCode::RefundNotFound,
        "this merchant has no such refund",
    )
}
