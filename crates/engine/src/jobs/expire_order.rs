//! An order's time is over: the channel is asked a last time, then the order is closed.

use heliu_trade::job::Job;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};

use super::Unfinished;
use crate::Inner;

pub(super) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let merchant_id = &job.key.merchant_id;
    let (order, attempts) = inner.load_order(merchant_id, job.key.order_no).await?;
    if matches!(order.state, OrderState::Open | OrderState::Paying) {
        for attempt in attempts.iter().filter(|attempt| attempt.state.is_live()) {
            inner.ask_and_record(merchant_id, &order, attempt).await?;
        }
    }
    inner
        .commit(
            merchant_id,
            Target::Order(order.order_no),
            Action::ExpireOrder,
            None,
        )
        .await?;
    Ok(())
}
