//! Asks what became of an attempt; at the horizon asks a last time and has it reversed at once, with no gap
//! in which the payer could finish (rulings 13 and 14).

use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::job::Job;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{Unknown, Verdict};

use super::Unfinished;
use super::accounts::{Busy, Errand};
use crate::Inner;
use crate::patience::Patience;

/// How far an asking may reach beyond the horizon, in ms: the merchant waits for the reversal after it.
const BEYOND_HORIZON_MS: i64 = 2_000;
/// For an asking of an order without a horizon, in ms; channels have shorter limits of their own.
const ASKING_MS: i64 = 30_000;

pub(super) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let merchant_id = &job.key.merchant_id;
    let (order, attempt) = inner.load_attempt(job).await?;
    let left_ms = order.horizon_at.map(|at| at.since_ms(inner.now()).max(0));
    let errand = match left_ms {
        Some(0) => Errand::AskLast,
        _ => Errand::Ask,
    };
    let place = inner.place(&attempt, errand).await;
    let _place = place.map_err(|Busy(ms)| {
        // The last asking is never put off.
        Unfinished::Later(
            left_ms
                .filter(|left_ms| *left_ms > 0)
                .map_or(ms, |left_ms| ms.min(left_ms)),
        )
    })?;
    let verdict = ask_in_time(inner, merchant_id, &order, &attempt).await?;
    let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
    let committed = inner
        .commit_verdict(merchant_id, order_no, attempt_no, verdict, Patience::none())
        .await?;
    let state = committed.after.order.map(|order| order.state);
    let is_over = order.horizon_at.is_some_and(|at| inner.now() >= at);
    if state == Some(OrderState::Paying) && is_over {
        let action = Action::RequestReversal { rules: None };
        inner
            .commit(merchant_id, Target::Order(order_no), action, None)
            .await?;
    }
    Ok(())
}

/// What the channel says, unknown if it takes longer than the horizon allows.
async fn ask_in_time(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<Verdict, Unfinished> {
    let now = inner.now();
    let limit_ms = order
        .horizon_at
        .map_or(ASKING_MS, |at| at.since_ms(now).max(0) + BEYOND_HORIZON_MS);
    let asking = inner.ask(merchant_id, order, attempt);
    match tokio::time::timeout(inner.clock.duration(limit_ms), asking).await {
        Ok(verdict) => Ok(verdict?),
        Err(_) => {
            inner.heard(attempt, false);
            let why = "no answer before the horizon";
            Ok(Verdict::Unknown(Unknown::because(why)))
        }
    }
}
