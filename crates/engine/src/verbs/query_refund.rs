//! 退款查询: a refund as it stands.

use heliu_ports::store::RefundKey;
use heliu_trade::command::{OrderReference, QueryRefund, RefundReference, Reply};
use heliu_trade::error::{ErrorCode, TradeError};

use super::Caller;
use crate::Inner;
use crate::directory::books_unavailable;

impl Inner {
    pub(super) async fn query_refund(
        &self,
        caller: &Caller,
        query: QueryRefund,
    ) -> Result<Reply, TradeError> {
        let not_found = || {
            TradeError::new(
                ErrorCode::RefundNotFound,
                "this merchant has no such refund",
            )
        };
        let key = match query.refund {
            RefundReference::OfOrder(order) => return self.query_refunds(caller, &order).await,
            RefundReference::Platform(number) => RefundKey::Platform(number.ok_or_else(not_found)?),
            RefundReference::Merchant(number) => {
                RefundKey::Merchant(caller.app_id().clone(), number)
            }
        };
        let found = self.store.find_refund(caller.merchant_id(), key).await;
        let (order_no, refund) = found.map_err(books_unavailable)?.ok_or_else(not_found)?;
        let loaded = self.load_order(caller.merchant_id(), order_no).await;
        let (order, attempts) = loaded.map_err(books_unavailable)?;
        if order.app_id != *caller.app_id() {
            return Err(not_found());
        }
        Ok(Reply::Refund {
            order: Box::new(order),
            refund: Box::new(refund),
            attempts,
        })
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
            let message = "this order has no refund";
            return Err(TradeError::new(ErrorCode::RefundNotFound, message).about(&order));
        }
        Ok(Reply::Refunds {
            order: Box::new(order),
            refunds,
            attempts,
        })
    }
}
