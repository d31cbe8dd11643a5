//! Tells the channel that an attempt can no longer be paid, until it says so too (ruling 20).

use heliu_trade::attempt::AttemptState;
use heliu_trade::followup::job::Job;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{CloseResult, Unknown};

use crate::Inner;
use crate::common::accounts::Errand;
use crate::common::handler::{Unfinished, order_of};
use crate::payments::jobs::ask::{ask_and_record, load_attempt, place};

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (merchant_id, _) = order_of(job)?;
    let (order, attempt) = load_attempt(inner, job).await?;
    let _place = place(inner, &attempt, Errand::Settle).await?;
    let result = if attempt.state == AttemptState::Closing {
        let connection = inner.connect(merchant_id, &order, &attempt).await?;
        let channel = connection.channel();
        channel.close(&connection.line, &connection.view()).await
    } else {
        // Nothing to do: the commit drops the job.
        CloseResult::Unknown(Unknown::because("not to be closed"))
    };
    let is_paid = result == CloseResult::Paid;
    let action = Action::RecordClose {
        attempt_no: attempt.attempt_no,
        result,
    };
    inner
        .commit(merchant_id, Target::Order(order.order_no), action, None)
        .await?;
    if is_paid {
        // The evidence makes it a surplus, which is given back.
        ask_and_record(inner, merchant_id, &order, &attempt).await?;
    }
    Ok(())
}
