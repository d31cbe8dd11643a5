//! 查询: an order as it stands, with news from the channel if it is open; on some wires a refund,
//! too.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Query, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;

use super::Caller;
use crate::Inner;
use crate::jobs::Asked;

/// A channel that was asked within this time is not asked again for a query, in ms (ruling 21).
const ASKED_RECENTLY_MS: i64 = 3_000;
/// How long a query, a close or a cancel waits for the channel's word, in ms (rulings 21 and 64).
const QUERY_WAIT_MS: i64 = 3_000;

impl Inner {
    pub(super) async fn query(&self, caller: &Caller, query: Query) -> Result<Reply, TradeError> {
        let found = self.resolve(caller, &query.order).await;
        let (order, attempts) = match found {
            Err(absent) if query.finds_refunds && absent.code == ErrorCode::OrderNotFound => {
                let refund = self.refund_by_reference(caller, &query.order).await?;
                return refund.ok_or(absent);
            }
            found => found?,
        };
        let (order, attempts) = self.refresh(caller, order, attempts).await;
        let auth_code = self.auth_code_of(&order);
        Ok(Reply::Order {
            order: Box::new(order),
            attempts,
            auth_code,
        })
    }

    /// Asks the channels about each live attempt of an open order, unless somebody did so just now.
    /// Whatever goes wrong, the order as it stood is the answer.
    async fn refresh(
        &self,
        caller: &Caller,
        order: Order,
        attempts: Vec<Attempt>,
    ) -> (Order, Vec<Attempt>) {
        let now = self.now();
        let is_due = |attempt: &Attempt| {
            let asked_at = attempt.asked_at.unwrap_or(attempt.sent_at);
            // What lies ahead was written by a clock that has been set back since.
            !(0..ASKED_RECENTLY_MS).contains(&now.since_ms(asked_at))
        };
        let patience = self.patience(QUERY_WAIT_MS);
        let asked = self.ask_all(caller.merchant_id(), order, attempts, is_due, patience);
        let asked = asked.await;
        (asked.order, asked.attempts)
    }

    /// Asks the channels about each live attempt, whenever they were asked last: what follows
    /// cannot be taken back.
    pub(super) async fn ask_first(
        &self,
        caller: &Caller,
        order: Order,
        attempts: Vec<Attempt>,
    ) -> Asked {
        let patience = self.patience(QUERY_WAIT_MS);
        self.ask_all(caller.merchant_id(), order, attempts, |_| true, patience)
            .await
    }
}
