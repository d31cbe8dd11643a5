//! 退款查询: a refund as it stands, or as the channel says now where the wire promises that.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use heliu_ports::store::RefundKey;
use heliu_trade::attempt::Attempt;
use heliu_trade::command::{OrderReference, QueryRefund, Reference, RefundReference, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::RefundNo;
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Timestamp;

use super::Caller;
use super::jobs::finish_refund::{Asking, ask as ask_about_refund, record as record_refund_news};
use crate::Inner;
use crate::common::directory::books_unavailable;
use crate::payments::reference::resolve;
use crate::payments::wait::wait_until_refunded;

pub(super) async fn run(
    inner: &Inner,
    caller: &Caller,
    query: QueryRefund,
) -> Result<Reply, TradeError> {
    let (order, attempts, refund) = match query.refund {
        RefundReference::OfOrder(order) => return query_refunds(inner, caller, &order).await,
        RefundReference::NewestOf(order) => newest_refund(inner, caller, &order).await?,
        RefundReference::Platform(number) => {
            let key = RefundKey::Platform(number.ok_or_else(not_found)?);
            find_refund(inner, caller, key).await?
        }
        RefundReference::Merchant(number) => {
            let key = RefundKey::Merchant(caller.app_id().clone(), number);
            find_refund(inner, caller, key).await?
        }
    };
    if let Some(named) = &query.order
        && resolve(inner, caller, named).await?.0.order_no != order.order_no
    {
        return Err(not_found());
    }
    if order.app_id != *caller.app_id() {
        return Err(not_found());
    }
    let wait_ms = caller.policy().refund_query_wait_ms;
    let (order, attempts, refund) = if wait_ms > 0 && is_under_way(&refund) {
        settled(inner, caller, order, attempts, refund, wait_ms).await?
    } else {
        (order, attempts, refund)
    };
    Ok(Reply::Refund {
        order: Box::new(order),
        refund: Box::new(refund),
        attempts,
    })
}

/// The refund that has one of these numbers, where no order has it (ruling 55).
pub(crate) async fn refund_by_reference(
    inner: &Inner,
    caller: &Caller,
    reference: &OrderReference,
) -> Result<Option<Reply>, TradeError> {
    for candidate in &reference.candidates {
        let refund = match candidate {
            Reference::Platform(number) => {
                RefundReference::Platform(number.map(|number| RefundNo(number.0)))
            }
            Reference::Merchant(number) => RefundReference::Merchant(number.clone()),
        };
        let query = QueryRefund {
            refund,
            order: None,
        };
        match run(inner, caller, query).await {
            Err(absent) if absent.code == ErrorCode::RefundNotFound => {}
            found => return found.map(Some),
        }
        if !reference.falls_back {
            break;
        }
    }
    Ok(None)
}

async fn find_refund(inner: &Inner, caller: &Caller, key: RefundKey) -> Result<Found, TradeError> {
    let merchant_id = caller.merchant_id();
    let found = inner.store.find_refund(merchant_id, key).await;
    let (order_no, refund) = found.map_err(books_unavailable)?.ok_or_else(not_found)?;
    let loaded = inner.load_order(merchant_id, order_no).await;
    let (order, attempts) = loaded.map_err(books_unavailable)?;
    Ok((order, attempts, refund))
}

/// Asks the channel about a refund that it has, and waits a while for what it says. Sending it,
/// also anew, stays with its job, which keeps the channel's gap between refunds.
async fn settled(
    inner: &Inner,
    caller: &Caller,
    order: Order,
    attempts: Vec<Attempt>,
    refund: Refund,
    wait_ms: i64,
) -> Result<Found, TradeError> {
    let patience = inner.patience(wait_ms);
    let (merchant_id, refund_no) = (caller.merchant_id(), refund.refund_no);
    if inner.refunds_asked.may_ask(refund_no, inner.now()) {
        let query = Asking::Query;
        let asking = ask_about_refund(inner, merchant_id, &order, &attempts, &refund, query);
        let asked = tokio::time::timeout(inner.clock.duration(wait_ms), asking).await;
        // Whatever goes wrong, the refund as it stands is the answer, and its job goes on.
        if let Ok(Ok(Some(news))) = asked
            && news.is_end()
        {
            let _ = record_refund_news(inner, merchant_id, news).await;
        }
    }
    wait_until_refunded(inner, merchant_id, order.order_no, refund_no, patience)
        .await
        .map_err(books_unavailable)
}

async fn newest_refund(
    inner: &Inner,
    caller: &Caller,
    order: &OrderReference,
) -> Result<Found, TradeError> {
    let (order, attempts, refunds) = refunds_of(inner, caller, order).await?;
    let newest = refunds.into_iter().next_back();
    let refund = newest.ok_or_else(|| not_found().about(&order))?;
    Ok((order, attempts, refund))
}

async fn query_refunds(
    inner: &Inner,
    caller: &Caller,
    order: &OrderReference,
) -> Result<Reply, TradeError> {
    let (order, attempts, refunds) = refunds_of(inner, caller, order).await?;
    if refunds.is_empty() {
        return Err(not_found().about(&order));
    }
    Ok(Reply::Refunds {
        order: Box::new(order),
        refunds,
        attempts,
    })
}

/// An order with its attempts and all of its refunds, oldest first.
async fn refunds_of(
    inner: &Inner,
    caller: &Caller,
    order: &OrderReference,
) -> Result<(Order, Vec<Attempt>, Vec<Refund>), TradeError> {
    let (order, attempts) = resolve(inner, caller, order).await?;
    let refunds = inner
        .store
        .refunds_of_order(caller.merchant_id(), order.order_no)
        .await
        .map_err(books_unavailable)?;
    Ok((order, attempts, refunds))
}

/// A refund with its order and the order's attempts.
type Found = (Order, Vec<Attempt>, Refund);

/// Shortest time between two questions of merchants about one refund, in ms: a till that asks in a
/// loop does not use up the channel's patience.
const ASK_GAP_MS: i64 = 3_000;

/// When the channel was last asked about a refund because a merchant wanted to know.
#[derive(Default)]
pub(crate) struct RefundsAsked(Mutex<HashMap<RefundNo, Timestamp>>);

impl RefundsAsked {
    /// Whether the channel may be asked now, which is noted.
    fn may_ask(&self, refund_no: RefundNo, now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What lies ahead was noted before the clock was set back.
        asked.retain(|_, at| (0..ASK_GAP_MS).contains(&now.since_ms(*at)));
        match asked.entry(refund_no) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
        }
    }
}

/// The channel has it, or may have it.
fn is_under_way(refund: &Refund) -> bool {
    refund.state == RefundState::Refunding && refund.sent_at.is_some()
}

fn not_found() -> TradeError {
    TradeError::new(
        ErrorCode::RefundNotFound,
        "this merchant has no such refund",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_of_questions_reaches_the_channel_every_three_seconds() {
        let asked = RefundsAsked::default();
        let (one, other) = (RefundNo::from_u64(1), RefundNo::from_u64(2));
        let may_ask = |refund_no, at_ms| asked.may_ask(refund_no, Timestamp::from_ms(at_ms));
        assert!(may_ask(one, 0));
        assert!(!may_ask(one, 2_999) && may_ask(other, 2_999));
        assert!(may_ask(one, 3_000) && !may_ask(other, 3_000));
        assert!(may_ask(one, 1_000), "the clock was set back meanwhile");
    }
}
