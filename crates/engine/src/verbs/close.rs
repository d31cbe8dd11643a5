//! 关单: no further payment possible.

use heliu_trade::command::{Close, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::step::{Action, CancelRules, Target};

use super::Caller;
use crate::Inner;
use crate::books::{order_of, refused};
use crate::directory::books_unavailable;

impl Inner {
    /// Asks the channel first, since a paid order cannot be closed; the channel is told by a job.
    pub(super) async fn close(
        &self,
        caller: &mut Caller,
        close: Close,
    ) -> Result<Reply, TradeError> {
        let (order, attempts) = self.resolve(caller, &close.order).await?;
        let (order_no, scene) = (order.order_no, order.scene);
        self.refresh(caller, order, attempts).await;
        let barcode_after_ms = caller.policy().close_barcode_after_ms;
        let reversal = barcode_after_ms.filter(|_| scene.takes_at_once());
        let action = match reversal {
            None => Action::CloseOrder,
            Some(after_ms) => Action::RequestReversal {
                rules: Some(undecided_barcode(after_ms)),
            },
        };
        let exchange = caller.exchange.take();
        let committed = self
            .commit(
                caller.merchant_id(),
                Target::Order(order_no),
                action,
                exchange,
            )
            .await
            .map_err(refused)?;
        let (order, attempts) = if reversal.is_some() {
            let patience = self.patience(caller.policy().cancel_wait_ms);
            self.wait_until_decided(caller.merchant_id(), order_no, patience)
                .await
                .map_err(books_unavailable)?
        } else {
            order_of(committed)?
        };
        Ok(Reply::Order {
            order: Box::new(order),
            attempts,
            auth_code: None,
        })
    }
}

/// Closing a payment whose payer has consented already is its reversal, as long as nobody knows that it
/// was paid.
const fn undecided_barcode(after_ms: i64) -> CancelRules {
    CancelRules {
        not_before_ms: after_ms,
        hours_s: None,
        takes_paid: false,
        takes_prepay: false,
        paid_until_ms: None,
        accepts_ended: true,
    }
}
