//! Asks about an attempt whose reversal the channel has confirmed: money that is found there goes
//! back (ruling 61).

use heliu_trade::attempt::AttemptState;
use heliu_trade::followup::job::Job;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{Unknown, Verdict};

use crate::Inner;
use crate::common::accounts::Errand;
use crate::common::handler::{Unfinished, order_of};
use crate::payments::jobs::ask::{ask, load_attempt, place};

/// First pause before an asking that had no clear answer is repeated, in ms; it doubles each time.
const PAUSE_MS: i64 = 5_000;
/// How often it doubles at most: up to about eleven minutes.
const DOUBLINGS_MAX: u32 = 7;
/// So many askings have no clear answer, and it is left at that: after about a day.
const TRIES_MAX: u32 = 140;

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (merchant_id, _) = order_of(job)?;
    let (order, attempt) = load_attempt(inner, job).await?;
    let _place = place(inner, &attempt, Errand::Settle).await?;
    let verdict = if attempt.state == AttemptState::Reversed {
        ask(inner, merchant_id, &order, &attempt).await?
    } else {
        // Nothing to do: the commit drops the job.
        Verdict::Unknown(Unknown::absent("not reversed any more"))
    };
    let doublings = job.tries.saturating_sub(1).min(DOUBLINGS_MAX);
    let again = Err(Unfinished::Later(PAUSE_MS << doublings));
    let is_last = job.tries >= TRIES_MAX;
    if !is_clear(&verdict) && !is_last {
        return again;
    }
    let has_money = matches!(verdict, Verdict::Paid(_));
    let order_no = order.order_no;
    let attempt_no = attempt.attempt_no;
    let record = async |verdict| {
        let action = Action::RecordCheck {
            attempt_no,
            reversed_at: attempt.asked_at,
            verdict,
        };
        inner
            .commit(merchant_id, Target::Order(order_no), action, None)
            .await
    };
    let committed = record(verdict).await?;
    let mut attempts = committed.after.attempts.iter();
    let is_taken = !attempts
        .any(|attempt| attempt.attempt_no == attempt_no && attempt.state == AttemptState::Reversed);
    if !has_money || is_taken {
        return Ok(());
    }
    // An alarm: money that is not what the order asks for was not believed.
    if !is_last {
        return again;
    }
    let unclear = Unknown::because("the channel has other money");
    record(Verdict::Unknown(unclear)).await?;
    Ok(())
}

/// Whether the channel says that it has the money, or that it has none and takes none. Not to have
/// the order is as good.
fn is_clear(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Paid(_) | Verdict::Declined(_) => true,
        Verdict::Unknown(Unknown { is_absent, .. }) => *is_absent,
        Verdict::Pending | Verdict::Waiting => false,
    }
}
