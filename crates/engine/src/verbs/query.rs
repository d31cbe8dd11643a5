//! 查询: an order as it stands, with news from the channel if it is open.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Query, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::{Order, OrderState};

use super::Caller;
use crate::Inner;

/// A channel that was asked within this time is not asked again for a query, in ms (ruling 21).
const ASKED_RECENTLY_MS: i64 = 3_000;
/// How long a query waits for the channel, in ms (ruling 21).
const QUERY_WAIT_MS: i64 = 3_000;

impl Inner {
    pub(super) async fn query(&self, caller: &Caller, query: Query) -> Result<Reply, TradeError> {
        let (order, attempts) = self.resolve(caller, &query.order).await?;
        let (order, _) = self.refresh(caller, order, attempts).await;
        let auth_code = self.auth_code_of(&order);
        Ok(Reply::Order {
            order: Box::new(order),
            auth_code,
        })
    }

    /// Asks the channel once about an open order, unless somebody did so just now. Whatever goes wrong,
    /// the order as it stood is the answer.
    pub(super) async fn refresh(
        &self,
        caller: &Caller,
        order: Order,
        attempts: Vec<Attempt>,
    ) -> (Order, Vec<Attempt>) {
        let now = self.now();
        let is_open = matches!(order.state, OrderState::Open | OrderState::Paying);
        let due = attempts.iter().find(|attempt| {
            let asked_at = attempt.asked_at.unwrap_or(attempt.sent_at);
            attempt.state.is_live() && now.since_ms(asked_at) >= ASKED_RECENTLY_MS
        });
        let Some(attempt) = due.filter(|_| is_open) else {
            return (order, attempts);
        };
        let asking = self.ask_and_record(caller.merchant_id(), &order, attempt);
        let wait = self.clock.duration(QUERY_WAIT_MS);
        match tokio::time::timeout(wait, asking).await {
            Ok(Ok(committed)) => match committed.after.order {
                Some(order) => (order, committed.after.attempts),
                None => (order, attempts),
            },
            Ok(Err(_)) | Err(_) => (order, attempts),
        }
    }
}
