//! Asks about an attempt whose reversal the channel has confirmed: money that is found there goes back (ruling 61).

use heliu_trade::attempt::AttemptState;
use heliu_trade::job::Job;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{Unknown, Verdict};

use super::{Errand, Unfinished};
use crate::Inner;

pub(super) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let merchant_id = &job.key.merchant_id;
    let (order, attempt) = inner.load_attempt(job).await?;
    let _place = inner.place(&attempt, Errand::Settle).await?;
    let verdict = if attempt.state == AttemptState::Reversed {
        inner.ask(merchant_id, &order, &attempt).await?
    } else {
        // Nothing to do: the commit drops the job.
        Verdict::Unknown(Unknown::because("not reversed any more"))
    };
    let action = Action::RecordCheck {
        attempt_no: attempt.attempt_no,
        verdict,
    };
    inner
        .commit(merchant_id, Target::Order(order.order_no), action, None)
        .await?;
    Ok(())
}
