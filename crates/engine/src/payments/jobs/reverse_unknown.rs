//! Makes an attempt as if not paid, until the channel's answer is clear.
//!
//! Where one call does it, paid or not, that call is made. Elsewhere the channel is asked: unpaid
//! is closed, paid is refunded whole under numbers derived from the attempt's, so that a repeat is
//! the same refund. Money that a channel has in spite of a reversal that it confirmed is refunded
//! too, unless an earlier call that was under way all the time has brought it back by then.

use heliu_ports::channel::{Channel, ChannelOrder, ChannelRefund, Upstream};
use heliu_trade::attempt::{Attempt, AttemptState};
use heliu_trade::followup::job::Job;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{
    CloseResult, DeclineKind, RefundResult, ReversalResult, Unknown, Verdict,
};

use crate::Inner;
use crate::common::accounts::Errand;
use crate::common::handler::{Unfinished, order_of};
use crate::common::patience::Patience;
use crate::payments::jobs::ask::{ask, load_attempt, place};

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (order, attempt) = load_attempt(inner, job).await?;
    let _place = place(inner, &attempt, Errand::Settle).await?;
    let (merchant_id, _) = order_of(job)?;
    reverse(inner, merchant_id, &order, &attempt).await
}

/// Refunds that are tried to give one attempt's money back; a channel takes at most fifty of one
/// order.
const RETURNS_MAX: u32 = 50;

/// The refund number under which an attempt's whole money goes back at the `index`-th try, from 1.
fn return_no(attempt: &Attempt, index: u32) -> String {
    let number = attempt.attempt_no;
    if index == 1 {
        format!("{number}R")
    } else {
        format!("{number}R{index}")
    }
}

/// Whether a refund number is one under which this attempt's whole money goes back.
pub(crate) fn is_return_no(attempt: &Attempt, refund_no: &str) -> bool {
    (1..=RETURNS_MAX).any(|index| return_no(attempt, index) == refund_no)
}

async fn reverse(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<(), Unfinished> {
    let is_returning = attempt.state == AttemptState::Returning;
    let saw_money = attempt.evidence.is_some();
    let (saw_money, result) = if !is_returning && attempt.state != AttemptState::Reversing {
        // Nothing to do: the commit drops the job.
        let why = Unknown::because("not to be reversed");
        (saw_money, ReversalResult::Unknown(why))
    } else if attempt.route.reverses_by_call && !is_returning {
        let connection = inner.connect(merchant_id, order, attempt).await?;
        let channel = connection.channel();
        match channel.reverse(&connection.line, &connection.view()).await {
            ReversalResult::TooLate => {
                close_or_give_back(inner, merchant_id, order, attempt).await?
            }
            result => (saw_money, result),
        }
    } else if attempt.route.reverses_by_call && is_back(inner, merchant_id, order, attempt).await? {
        (saw_money, ReversalResult::Reversed)
    } else {
        close_or_give_back(inner, merchant_id, order, attempt).await?
    };
    if let ReversalResult::Unknown(unknown) = &result {
        let (order_no, account) = (order.order_no, &attempt.route.channel_account_id);
        tracing::warn!(%order_no, %account, why = unknown.why, "a reversal is not clear yet");
    }
    let action = Action::RecordReversal {
        attempt_no: attempt.attempt_no,
        saw_money,
        result,
    };
    inner
        .commit(merchant_id, Target::Order(order.order_no), action, None)
        .await?;
    Ok(())
}

/// Whether the channel says that the payment is no more.
async fn is_back(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<bool, Unfinished> {
    let verdict = ask(inner, merchant_id, order, attempt).await?;
    Ok(matches!(&verdict, Verdict::Declined(decline) if decline.kind == DeclineKind::Closed))
}

/// What the channel says, and whether that is about money that was seen before it was asked.
async fn close_or_give_back(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<(bool, ReversalResult), Unfinished> {
    let is_paid = match &attempt.evidence {
        Some(_) => true,
        None => {
            let verdict = ask(inner, merchant_id, order, attempt).await?;
            let is_paid = matches!(verdict, Verdict::Paid(_));
            let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
            inner
                .commit_verdict(merchant_id, order_no, attempt_no, verdict, Patience::none())
                .await?;
            is_paid
        }
    };
    let connection = inner.connect(merchant_id, order, attempt).await?;
    let (channel, line, view) = (connection.channel(), &connection.line, connection.view());
    let result = if is_paid {
        give_back(channel, line, &view, order).await
    } else {
        match channel.close(line, &view).await {
            CloseResult::Closed => ReversalResult::Reversed,
            CloseResult::Paid => ReversalResult::Unknown(Unknown::because("paid meanwhile")),
            CloseResult::Unknown(unknown) => ReversalResult::Unknown(unknown),
        }
    };
    Ok((is_paid, result))
}

/// A refund that the channel took and then failed is over for good: its number brings nothing more,
/// so the next refund goes under the next number.
async fn give_back(
    channel: &dyn Channel,
    line: &dyn Upstream,
    view: &ChannelOrder<'_>,
    order: &Order,
) -> ReversalResult {
    let mut why = format!("{RETURNS_MAX} refunds failed");
    for index in 1..=RETURNS_MAX {
        let refund_no = return_no(view.attempt, index);
        let refund = ChannelRefund {
            refund_no: &refund_no,
            refund_fen: order.charge_fen,
            reason: "given back: the order had ended",
        };
        why = match channel.query_refund(line, view, &refund).await {
            RefundResult::Succeeded(_) => return ReversalResult::Reversed,
            RefundResult::Failed(_) => continue,
            RefundResult::Pending => "the refund is pending".to_owned(),
            RefundResult::Unknown(_) => match channel.refund(line, view, &refund).await {
                RefundResult::Succeeded(_) => return ReversalResult::Reversed,
                RefundResult::Pending => "the refund is pending".to_owned(),
                RefundResult::Failed(decline) => {
                    let (order_no, reason) = (order.order_no, &decline.reason);
                    let account = &view.attempt.route.channel_account_id;
                    tracing::error!(%order_no, %account, reason, "money cannot be given back");
                    metrics::counter!("heliu_returns_refused_total").increment(1);
                    decline.reason
                }
                RefundResult::Unknown(unknown) => unknown.why,
            },
        };
        break;
    }
    ReversalResult::Unknown(Unknown::because(why))
}
