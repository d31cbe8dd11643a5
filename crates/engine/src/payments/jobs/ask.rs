//! Asking a channel about an attempt, for jobs and for queries.

use futures::future::join_all;
use heliu_ports::store::{CommitError, Committed, StoreError};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::verdict::Verdict;

use crate::Inner;
use crate::common::accounts::{Busy, Errand, Place};
use crate::common::handler::{Unfinished, order_of};
use crate::common::patience::Patience;

/// What came of asking about an order.
pub(crate) struct Asked {
    /// The order as it stands now.
    pub(crate) order: Order,
    /// Its attempts.
    pub(crate) attempts: Vec<Attempt>,
    /// Whether the channels said of everything that was asked about how it stands, and the books
    /// have it.
    pub(crate) is_answered: bool,
}

/// What the channel says of an attempt.
pub(crate) async fn ask(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<Verdict, StoreError> {
    let connection = inner.connect(merchant_id, order, attempt).await?;
    let channel = connection.channel();
    let verdict = channel.query(&connection.line, &connection.view()).await;
    heard(inner, attempt, verdict.is_answer());
    Ok(verdict)
}

/// The account of an attempt was asked, and answered or not.
pub(crate) fn heard(inner: &Inner, attempt: &Attempt, is_answer: bool) {
    let account_id = &attempt.route.channel_account_id;
    inner
        .accounts
        .heard(account_id, is_answer, |ms| inner.clock.duration(ms));
}

/// A place at the account of an attempt, for a job.
pub(crate) async fn place(inner: &Inner, attempt: &Attempt, errand: Errand) -> Result<Place, Busy> {
    let account_id = &attempt.route.channel_account_id;
    inner
        .accounts
        .enter(account_id, errand, |ms| inner.clock.duration(ms))
        .await
}

/// Asks about every live attempt of an order that `is_due`, all at once, and commits what is
/// said. Whatever goes wrong, the order as it stood comes back.
pub(crate) async fn ask_all(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: Order,
    attempts: Vec<Attempt>,
    is_due: impl Fn(&Attempt) -> bool,
    patience: Patience,
) -> Asked {
    let due = attempts
        .iter()
        .filter(|attempt| attempt.state.is_live() && is_due(attempt));
    // Only the asking has a time limit: a commit that was begun is seen through.
    let asking = due.map(async |attempt| {
        let answer = patience
            .limit(ask(inner, merchant_id, &order, attempt))
            .await;
        (attempt.attempt_no, answer.and_then(Result::ok))
    });
    let answers = join_all(asking).await;
    let mut asked = Asked {
        order,
        attempts,
        is_answered: true,
    };
    for (attempt_no, verdict) in answers {
        let Some(verdict) = verdict else {
            asked.is_answered = false;
            continue;
        };
        let is_answer = verdict.is_answer();
        let order_no = asked.order.order_no;
        let recorded = inner
            .commit_verdict(merchant_id, order_no, attempt_no, verdict, patience)
            .await;
        asked.is_answered &= is_answer && recorded.is_ok();
        if let Ok(committed) = recorded
            && let Some(order) = committed.after.order
        {
            (asked.order, asked.attempts) = (order, committed.after.attempts);
        }
    }
    asked
}

/// Asks and commits the answer.
pub(crate) async fn ask_and_record(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<Committed, CommitError> {
    let verdict = ask(inner, merchant_id, order, attempt).await?;
    let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
    let once = Patience::none();
    inner
        .commit_verdict(merchant_id, order_no, attempt_no, verdict, once)
        .await
}

/// An order and the attempt that a job is about.
pub(crate) async fn load_attempt(
    inner: &Inner,
    job: &heliu_trade::followup::job::Job,
) -> Result<(Order, Attempt), Unfinished> {
    let (merchant_id, order_no) = order_of(job)?;
    let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
    let attempt = attempts
        .into_iter()
        .find(|attempt| attempt.attempt_no.as_u64() == job.key.about)
        .ok_or_else(|| StoreError::missing(format!("attempt {} is missing", job.key.about)))?;
    Ok((order, attempt))
}
