//! 关单: no further payment possible.

use heliu_trade::command::{Close, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::step::{Action, Target};

use super::Caller;
use crate::Inner;
use crate::books::{order_of, refused};

impl Inner {
    /// Asks the channel first, since a paid order cannot be closed; the channel is told by a job.
    pub(super) async fn close(
        &self,
        caller: &mut Caller,
        close: Close,
    ) -> Result<Reply, TradeError> {
        let (order, attempts) = self.resolve(caller, &close.order).await?;
        let order_no = order.order_no;
        self.refresh(caller, order, attempts).await;
        let exchange = caller.exchange.take();
        let committed = self
            .commit(
                caller.merchant_id(),
                Target::Order(order_no),
                Action::CloseOrder,
                exchange,
            )
            .await
            .map_err(refused)?;
        let (order, attempts) = order_of(committed)?;
        Ok(Reply::Order {
            order: Box::new(order),
            attempts,
            auth_code: None,
        })
    }
}
