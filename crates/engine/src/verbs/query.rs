//! 查询: an order as it stands, with news from the channel if it is open; on some wires a refund, too.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Query, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};

use super::Caller;
use crate::Inner;

/// A channel that was asked within this time is not asked again for a query, in ms (ruling 21).
const ASKED_RECENTLY_MS: i64 = 3_000;
/// How long a query waits for the channel, in ms (ruling 21).
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

    /// Asks the channels once about each live attempt of an open order, unless somebody did so just now. Whatever goes wrong,
    /// the order as it stood is the answer.
    pub(super) async fn refresh(
        &self,
        caller: &Caller,
        order: Order,
        attempts: Vec<Attempt>,
    ) -> (Order, Vec<Attempt>) {
        let now = self.now();
        if !matches!(order.state, OrderState::Open | OrderState::Paying) {
            return (order, attempts);
        }
        let give_up_at = now.plus_ms(QUERY_WAIT_MS);
        let mut newest = (order, attempts);
        let due: Vec<Attempt> = newest
            .1
            .iter()
            .filter(|attempt| {
                let asked_at = attempt.asked_at.unwrap_or(attempt.sent_at);
                attempt.state.is_live() && now.since_ms(asked_at) >= ASKED_RECENTLY_MS
            })
            .cloned()
            .collect();
        for attempt in due {
            let wait = self.clock.duration(give_up_at.since_ms(self.now()));
            // Only the asking has a time limit: a commit that was begun is seen through.
            let asking = self.ask(caller.merchant_id(), &newest.0, &attempt);
            let Ok(Ok(verdict)) = tokio::time::timeout(wait, asking).await else {
                break;
            };
            let (order_no, attempt_no) = (newest.0.order_no, attempt.attempt_no);
            let recorded = self
                .commit_verdict(
                    caller.merchant_id(),
                    order_no,
                    attempt_no,
                    verdict,
                    give_up_at,
                )
                .await;
            if let Ok(committed) = recorded
                && let Some(order) = committed.after.order
            {
                newest = (order, committed.after.attempts);
            }
        }
        newest
    }
}
