//! No further payment: the merchant closes the order, or its time is over.

use crate::error::{ErrorCode, TradeError};
use crate::event::EventKind;
use crate::job::JobKind;
use crate::order::OrderState;

use super::draft::Draft;
use super::record_verdict::{close_live_attempts, drop_expiry};

/// Closing makes payment impossible on our side at once; telling the channel is a job (ruling 20). A
/// repeat finds it closed.
pub(super) fn close(draft: &mut Draft) -> Result<(), TradeError> {
    let order = draft.order();
    let refuse = |code, message: &str| Err(TradeError::new(code, message).about(order));
    if order.scene.takes_at_once() {
        return refuse(
            ErrorCode::OrderKindNotSupported,
            "barcode orders are not closed; cancel this one instead",
        );
    }
    match order.state {
        OrderState::Open | OrderState::Paying => {
            end(
                draft,
                OrderState::Closed,
                EventKind::Closed,
                "by the merchant",
            );
            Ok(())
        }
        OrderState::Closed => Ok(()),
        OrderState::Paid => refuse(ErrorCode::OrderPaid, "the order is paid; refund it instead"),
        OrderState::Failed | OrderState::Expired | OrderState::Reversing | OrderState::Reversed => {
            refuse(
                ErrorCode::OrderEnded,
                "the order has ended; there is nothing to close",
            )
        }
    }
}

/// The order's time is over; one that has ended meanwhile is left alone.
pub(super) fn expire(draft: &mut Draft) {
    if matches!(draft.order().state, OrderState::Open | OrderState::Paying) {
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
