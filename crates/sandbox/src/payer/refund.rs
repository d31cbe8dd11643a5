//! Refunds as a channel takes them: done in the call or later, and what a fault makes of that.

use super::{Ways, tell};
use crate::book::{Book, Order, Refund, RefundState, Timer};
use crate::error::SandboxError;

/// How long `refund_pending_then_fails` keeps a refund open unless told otherwise, in virtual ms.
const REFUND_FAILS_MS: i64 = 3_000;

/// What a fault makes of a refund.
pub(crate) enum RefundFault {
    /// It stays open for good.
    Open,
    /// This ends it, so many virtual ms later.
    Ends(Timer, i64),
}

/// Uses up the fault that is set for a refund, if there is one.
pub(crate) fn refund_fault(
    book: &Book<'_>,
    channel: &str,
) -> Result<Option<RefundFault>, SandboxError> {
    if let Some(ms) = book.take_fault(channel, "refund_pending_then_fails")? {
        let ms = ms.unwrap_or(REFUND_FAILS_MS);
        return Ok(Some(RefundFault::Ends(Timer::RefundFails, ms)));
    }
    let pending = book.take_fault(channel, "refund_pending")?;
    Ok(pending.map(|ms| match ms {
        Some(ms) => RefundFault::Ends(Timer::RefundDone, ms),
        None => RefundFault::Open,
    }))
}

/// Gives back a part of a paid order where a channel does that in the call, unless a fault says
/// otherwise.
pub(crate) fn refund(
    book: &mut Book<'_>,
    ways: &Ways,
    order: &mut Order,
    number: &str,
    refund_id: String,
    amount_fen: i64,
) -> Result<Refund, SandboxError> {
    let fault = refund_fault(book, &order.channel)?;
    let (state, done_ms) = match fault {
        Some(_) => (RefundState::Processing, None),
        None => (RefundState::Success, Some(book.now_ms)),
    };
    let (cash_fen, coupon_fen) = order.split_refund(amount_fen);
    let refund = Refund {
        number: number.to_owned(),
        refund_id,
        amount_fen,
        cash_fen,
        coupon_fen,
        state,
        reason: None,
        notify_url: None,
        api: order.api.clone(),
        created_ms: book.now_ms,
        done_ms,
    };
    order.refunds.push(refund.clone());
    book.save(order)?;
    match fault {
        None => tell(book, order, (ways.of_refund)(order, &refund))?,
        Some(RefundFault::Ends(timer, ms)) => book.add_timer(order, timer, ms, number)?,
        Some(RefundFault::Open) => {}
    }
    Ok(refund)
}
