//! An order's time is over: the channel is asked, then the order is closed.

use heliu_trade::followup::job::Job;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::Verdict;

use crate::Inner;
use crate::common::accounts::Errand;
use crate::common::handler::{Unfinished, order_of};
use crate::common::patience::Patience;
use crate::payments::jobs::ask::{ask, place};

/// How long an unclear channel is asked again before the order is closed, in ms: a payment made in
/// time should not become a surplus because of one bad answer.
const GRACE_MS: i64 = 30_000;
/// Pause between two askings, in ms.
const PAUSE_MS: i64 = 5_000;

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (merchant_id, order_no) = order_of(job)?;
    let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
    let live = attempts.iter().find(|attempt| attempt.state.is_live());
    let _place = match live {
        Some(attempt) => Some(place(inner, attempt, Errand::Settle).await?),
        None => None,
    };
    let mut is_unclear = false;
    if matches!(order.state, OrderState::Open | OrderState::Paying) {
        for attempt in attempts.iter().filter(|attempt| attempt.state.is_live()) {
            let verdict = ask(inner, merchant_id, &order, attempt).await?;
            is_unclear |= matches!(verdict, Verdict::Unknown(_));
            let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
            inner
                .commit_verdict(merchant_id, order_no, attempt_no, verdict, Patience::none())
                .await?;
        }
    }
    let in_grace = order
        .expires_at
        .is_some_and(|at| !order.is_over(at.plus_ms(GRACE_MS), inner.now()));
    if is_unclear && in_grace {
        return Err(Unfinished::Later(PAUSE_MS));
    }
    let target = Target::Order(order.order_no);
    inner
        .commit(merchant_id, target, Action::ExpireOrder, None)
        .await?;
    Ok(())
}
