//! A merchant closes an order, and the channel did not say in time whether it is paid: it is asked
//! on, then the order is closed (ruling 64). Should it never answer, the order's end comes with its
//! expiry or its horizon.

use heliu_trade::followup::job::Job;
use heliu_trade::step::{Action, Target};

use crate::Inner;
use crate::common::accounts::Errand;
use crate::common::handler::{Unfinished, order_of};
use crate::payments::jobs::ask::{ask_all, place};

/// First pause between two askings, in ms; it doubles with each.
const PAUSE_MS: i64 = 3_000;
/// How often it doubles at most: up to about a minute and a half.
const DOUBLINGS_MAX: u32 = 5;
/// How long one asking may take, in ms; channels have shorter limits of their own.
const ASKING_MS: i64 = 30_000;

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (merchant_id, order_no) = order_of(job)?;
    let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
    let order_no = order.order_no;
    let live = attempts.iter().find(|attempt| attempt.state.is_live());
    let _place = match live {
        Some(attempt) => Some(place(inner, attempt, Errand::Settle).await?),
        None => None,
    };
    let patience = inner.patience(ASKING_MS);
    let asked = ask_all(inner, merchant_id, order, attempts, |_| true, patience);
    if !asked.await.is_answered {
        let doublings = job.tries.saturating_sub(1).min(DOUBLINGS_MAX);
        return Err(Unfinished::Later(PAUSE_MS << doublings));
    }
    inner
        .commit(
            merchant_id,
            Target::Order(order_no),
            Action::FinishClose,
            None,
        )
        .await?;
    Ok(())
}
