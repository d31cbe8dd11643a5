//! A merchant makes an order.

use std::sync::Arc;

use crate::attempt::{Attempt, AttemptState, Route};
use crate::error::{ErrorCode, TradeError};
use crate::fee::shares::ShareReturns;
use crate::followup::consequences::Counts;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::AttemptNo;
use crate::order::{Order, OrderState, RefundTotals};
use crate::step::CreateOrder;
use crate::time::Timestamp;

use super::draft::Draft;

/// The order and, unless its payer comes to our page, its first attempt "sending", with the job
/// that asks what became of it: written before the danger.
pub(super) fn decide(draft: &mut Draft, create: CreateOrder) -> Result<(), TradeError> {
    if let Some(existing) = &draft.loaded.order {
        let message = "this order number is in use; query it, or take a new number for a new sale";
        return Err(TradeError::new(ErrorCode::DuplicateOrder, message).about(existing));
    }
    let charge_fen = charge_fen(&create)?;
    let begins_at = create.received_at.min(draft.now);
    let expires_at = create.life_ms.map(|ms| begins_at.plus_ms(ms));
    let order = Order {
        merchant_id: draft.merchant_id.clone(),
        order_no: create.order_no,
        app_id: create.app_id,
        merchant_order_no: create.merchant_order_no,
        version: 0,
        scene: create.scene,
        wallet: create.wallet,
        state: if create.route.is_some() {
            OrderState::Paying
        } else {
            OrderState::Open
        },
        amount_minor: create.amount_minor,
        currency: create.currency,
        rate: create.rate,
        charge_fen,
        payment: None,
        refunded: RefundTotals::default(),
        refunding: RefundTotals::default(),
        fee_returned_fen: 0,
        cost_returned_fen: 0,
        shares_returned: ShareReturns::default(),
        refund_count: 0,
        last_refund_failed: false,
        refund_not_before: None,
        decline: None,
        created_at: draft.now,
        expires_at,
        horizon_at: create.horizon_ms.map(|ms| begins_at.plus_ms(ms)),
        ended_at: None,
        counts: Counts::default(),
        details: create.details,
    };
    let order_no = order.order_no;
    draft.insert_order(order);
    draft.event(EventKind::Created, create.scene.as_str());
    if let Some(expires_at) = expires_at {
        draft.put_job(JobKind::ExpireOrder, order_no.as_u64(), expires_at);
    }
    if let Some(route) = create.route {
        insert_attempt(draft, AttemptNo(order_no.0), route);
    }
    Ok(())
}

fn charge_fen(create: &CreateOrder) -> Result<i64, TradeError> {
    let charge_fen = match create.rate {
        None => Some(create.amount_minor),
        Some(rate) => rate.charge_fen(create.amount_minor),
    };
    charge_fen.filter(|fen| *fen > 0).ok_or_else(|| {
        let message = format!(
            "{} {} minor units do not convert to at least one fen",
            create.amount_minor, create.currency
        );
        TradeError::new(ErrorCode::InvalidAmount, message)
    })
}

/// An attempt "sending" and, for barcode and face payments, the job that asks what became of it. A
/// prepay moves no money before its payer acts, and its order's expiry asks.
pub(super) fn insert_attempt(draft: &mut Draft, attempt_no: AttemptNo, route: Arc<Route>) {
    if route.scene.takes_at_once() {
        let due_at = next_query_at(draft, draft.now, route.query_gap_ms);
        draft.put_job(JobKind::QueryUnknown, attempt_no.as_u64(), due_at);
    }
    draft.insert_attempt(Attempt {
        attempt_no,
        state: AttemptState::Sending,
        sent_at: draft.now,
        asked_at: None,
        route,
        handoff: None,
        evidence: None,
    });
}

/// Pause before an order is taken up that is still undecided after its horizon, in ms. Shorter than
/// the one between two queries of a merchant, or a merchant who keeps asking would put the end off
/// for ever.
const OVERDUE_GAP_MS: i64 = 1_000;

/// When a live attempt is asked about next: after the channel's gap, but never past the horizon.
pub(super) fn next_query_at(draft: &Draft, sent_at: Timestamp, gap_ms: i64) -> Timestamp {
    match draft.order().horizon_at {
        Some(horizon_at) if !draft.order().is_over(horizon_at, draft.now) => {
            draft.now.plus_ms(gap_ms).min(horizon_at)
        }
        Some(_) => draft.now.plus_ms(OVERDUE_GAP_MS),
        None => draft.ask_again_at(sent_at, gap_ms),
    }
}
