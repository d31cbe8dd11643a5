//! What must hold after every step, said a second time and independently of the code under test.

mod money;
mod paths;
mod watched;

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::step::{CancelRules, Step};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::Scene;

use super::play::ORDER;
use crate::book::Book;

/// After an accepted step.
pub(crate) fn check_step(before: &Book, after: &Book, step: &Step) {
    after.assert_sound();
    paths::check(before, after, step);
    money::check(after);
    watched::check(before, after, step);
}

/// After the very same step was repeated at once, accepted or not.
pub(crate) fn check_repeat(once: &Book, twice: &Book, step: &Step) {
    assert_eq!(
        once.entries, twice.entries,
        "a repeat moved money: {step:?}"
    );
    assert_eq!(
        once.refunds, twice.refunds,
        "a repeat changed a refund: {step:?}"
    );
    let (order, again) = (&once.orders[&ORDER], &twice.orders[&ORDER]);
    let mut expected = order.clone();
    expected.counts.events = again.counts.events;
    assert_eq!(&expected, again, "a repeat changed the order: {step:?}");
    for (attempt, again) in once.attempts[&ORDER].iter().zip(&twice.attempts[&ORDER]) {
        assert_eq!(
            attempt.state, again.state,
            "a repeat changed an attempt: {step:?}"
        );
    }
    assert_eq!(once.attempts[&ORDER].len(), twice.attempts[&ORDER].len());
    assert_eq!(
        once.notifications.len(),
        twice.notifications.len(),
        "told twice: {step:?}"
    );
    twice.assert_sound();
}

/// A cancel is checked in this order: kind, final states, hours, age (ruling 19).
pub(crate) fn check_cancel(
    before: OrderState,
    order: &Order,
    rules: Option<CancelRules>,
    now: Timestamp,
    error: Option<&TradeError>,
) {
    use OrderState as S;
    let Some(rules) = rules else { return };
    let has_refunds = order.refund_claimed().is_some();
    let second = (now.as_ms() / 1000 + 8 * 3600).rem_euclid(86_400);
    let is_served = rules
        .hours_s
        .is_none_or(|(from, to)| i64::from(from) <= second && second <= i64::from(to));
    let expected = match before {
        _ if order.scene != Scene::Barcode && !rules.takes_prepay => {
            Some(ErrorCode::OrderKindNotSupported)
        }
        S::Paid if has_refunds || !rules.takes_paid => Some(ErrorCode::OrderPaid),
        S::Failed | S::Closed | S::Expired => Some(ErrorCode::OrderEnded),
        S::Reversing | S::Reversed => Some(ErrorCode::OrderReversed),
        _ if !is_served => Some(ErrorCode::OutsideHours),
        _ if (now.as_ms() - order.created_at.as_ms()).abs() < rules.not_before_ms => {
            Some(ErrorCode::TooEarly)
        }
        S::Paid | S::Open | S::Paying => None,
    };
    assert_eq!(
        error.map(|error| error.code),
        expected,
        "a cancel of a {before:?} order"
    );
}
