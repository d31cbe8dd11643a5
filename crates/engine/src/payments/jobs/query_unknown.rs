//! Asks what became of an attempt; at the horizon asks a last time and has it reversed at once,
//! with no gap in which the payer could finish (rulings 13 and 14).

use heliu_trade::attempt::Attempt;
use heliu_trade::followup::job::Job;
use heliu_trade::id::MerchantId;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::step::{Action, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Unknown, Verdict};

use crate::Inner;
use crate::common::accounts::{Busy, Errand};
use crate::common::handler::{Unfinished, order_of};
use crate::common::patience::Patience;
use crate::payments::jobs::ask::{ask, heard, load_attempt, place};

/// How far an asking may reach beyond the horizon, in ms: the merchant waits for the reversal after
/// it.
const BEYOND_HORIZON_MS: i64 = 2_000;
/// For an asking of an order without a horizon, in ms; channels have shorter limits of their own.
const ASKING_MS: i64 = 30_000;

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (merchant_id, _) = order_of(job)?;
    let (order, attempt) = load_attempt(inner, job).await?;
    let until_ms = left_ms(&order, inner.now());
    let errand = match until_ms {
        Some(0) => Errand::AskLast,
        _ => Errand::Ask,
    };
    let place = place(inner, &attempt, errand).await;
    let _place = place.map_err(|Busy(ms)| {
        // The last asking is never put off.
        let until_ms = until_ms.filter(|until_ms| *until_ms > 0);
        Unfinished::Later(until_ms.map_or(ms, |until_ms| ms.min(until_ms)))
    })?;
    let verdict = ask_in_time(inner, merchant_id, &order, &attempt).await?;
    let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
    let committed = inner
        .commit_verdict(merchant_id, order_no, attempt_no, verdict, Patience::none())
        .await?;
    let state = committed.after.order.map(|order| order.state);
    let is_over = left_ms(&order, inner.now()) == Some(0);
    if state == Some(OrderState::Paying) && is_over {
        let action = Action::RequestReversal { rules: None };
        inner
            .commit(merchant_id, Target::Order(order_no), action, None)
            .await?;
    }
    Ok(())
}

/// How long it is to the order's horizon, in ms; 0 from then on.
fn left_ms(order: &Order, now: Timestamp) -> Option<i64> {
    let horizon_at = order.horizon_at?;
    let is_over = order.is_over(horizon_at, now);
    Some(if is_over { 0 } else { horizon_at.since_ms(now) })
}

/// What the channel says, unknown if it takes longer than the horizon allows.
async fn ask_in_time(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<Verdict, Unfinished> {
    let left_ms = left_ms(order, inner.now());
    let limit_ms = left_ms.map_or(ASKING_MS, |left_ms| left_ms + BEYOND_HORIZON_MS);
    let asking = ask(inner, merchant_id, order, attempt);
    match tokio::time::timeout(inner.clock.duration(limit_ms), asking).await {
        Ok(verdict) => Ok(verdict?),
        Err(_) => {
            heard(inner, attempt, false);
            let why = "no answer before the horizon";
            Ok(Verdict::Unknown(Unknown::because(why)))
        }
    }
}
