//! Asks what became of an attempt; at the horizon asks a last time and reverses in the same step, with
//! no gap in which the payer could finish (rulings 13 and 14).

use heliu_trade::job::Job;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};

use super::{Unfinished, reverse_unknown};
use crate::Inner;

pub(super) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let merchant_id = &job.key.merchant_id;
    let (order, attempt) = inner.load_attempt(job).await?;
    let committed = inner.ask_and_record(merchant_id, &order, &attempt).await?;
    let Some(order) = committed.after.order else {
        return Ok(());
    };
    let is_over = order
        .horizon_at
        .is_some_and(|horizon_at| inner.now() >= horizon_at);
    if order.state != OrderState::Paying || !is_over {
        return Ok(());
    }
    let action = Action::RequestReversal { rules: None };
    let target = Target::Order(order.order_no);
    let committed = inner.commit(merchant_id, target, action, None).await?;
    let attempts = committed.after.attempts;
    let Some(attempt) = attempts.iter().find(|a| a.attempt_no == attempt.attempt_no) else {
        return Ok(());
    };
    let earliest = attempt.sent_at.plus_ms(attempt.route.reverse_after_ms);
    if inner.now() >= earliest {
        // If this fails, the job that the commit wrote does it again.
        reverse_unknown::reverse(inner, merchant_id, &order, attempt).await?;
    }
    Ok(())
}
