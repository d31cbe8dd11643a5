//! No further payment: the merchant closes the order, or its time is over.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::order::OrderState;
use crate::step::CancelRules;

use super::draft::Draft;
use super::record_verdict::{close_live_attempts, drop_expiry};
use super::request_reversal;

/// Closing makes payment impossible on our side at once; telling the channel is a job (ruling 20).
/// A repeat finds it closed.
pub(super) fn close(draft: &mut Draft) -> Result<(), TradeError> {
    if check(draft)? == Allowed::Close {
        end_by_merchant(draft);
    }
    Ok(())
}

/// Nobody can say whether the order is paid: it stays open, and a job asks on (ruling 64). A repeat
/// asks at once.
pub(super) fn wait(draft: &mut Draft, rules: Option<CancelRules>) -> Result<(), TradeError> {
    let is_over = match rules.filter(|_| draft.order().scene.takes_at_once()) {
        Some(rules) => {
            request_reversal::check(draft, rules)? == request_reversal::Allowed::NothingToDo
        }
        None => check(draft)? == Allowed::NothingToDo,
    };
    if is_over {
        return Ok(());
    }
    let live = draft.loaded.attempts.iter().filter(|a| a.state.is_live());
    let gap_ms = live.map(|attempt| attempt.route.query_gap_ms).min();
    let due_at = draft.now.plus_ms(gap_ms.unwrap_or_default());
    draft.event(
        EventKind::CloseRequested,
        "the channel does not say whether it is paid; it is asked on",
    );
    draft.put_job(JobKind::CloseOrder, draft.order().order_no.as_u64(), due_at);
    Ok(())
}

/// The channel has said what there is to say; an order that has ended meanwhile is left alone.
pub(super) fn finish(draft: &mut Draft) {
    let order = draft.order();
    let (order_no, is_open) = (order.order_no, is_open(order.state));
    if is_open && order.scene.takes_at_once() {
        request_reversal::undo(draft, "by the merchant");
    } else if is_open {
        end_by_merchant(draft);
    }
    draft.drop_job(JobKind::CloseOrder, order_no.as_u64());
}

/// What a close that is allowed has to do.
#[derive(PartialEq, Eq)]
enum Allowed {
    Close,
    /// It is closed already.
    NothingToDo,
}

fn check(draft: &Draft) -> Result<Allowed, TradeError> {
    let order = draft.order();
    let refuse = |code, message: &str| Err(TradeError::new(code, message).about(order));
    if order.scene.takes_at_once() {
        return refuse(
            ErrorCode::OrderKindNotSupported,
            "barcode orders are not closed; cancel this one instead",
        );
    }
    match order.state {
        OrderState::Open | OrderState::Paying => Ok(Allowed::Close),
        OrderState::Closed => Ok(Allowed::NothingToDo),
        OrderState::Paid => refuse(ErrorCode::OrderPaid, "the order is paid; refund it instead"),
        OrderState::Failed | OrderState::Expired | OrderState::Reversing | OrderState::Reversed => {
            refuse(
                ErrorCode::OrderEnded,
                "the order has ended; there is nothing to close",
            )
        }
    }
}

const fn is_open(state: OrderState) -> bool {
    matches!(state, OrderState::Open | OrderState::Paying)
}

fn end_by_merchant(draft: &mut Draft) {
    let kind = EventKind::Closed;
    end(draft, OrderState::Closed, kind, "by the merchant");
}

/// The order's time is over; one that has ended meanwhile is left alone.
pub(super) fn expire(draft: &mut Draft) {
    if is_open(draft.order().state) {
        end(
            draft,
            OrderState::Expired,
            EventKind::Expired,
            "its time is over",
        );
    } else {
        draft.drop_job(JobKind::ExpireOrder, draft.order().order_no.as_u64());
    }
}

fn end(draft: &mut Draft, state: OrderState, kind: EventKind, why: &str) {
    let now = draft.now;
    let order = draft.order_mut();
    order.state = state;
    order.ended_at = Some(now);
    drop_expiry(draft);
    close_live_attempts(draft);
    draft.event(kind, why);
}
