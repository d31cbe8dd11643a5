//! A till's cancel is checked in this order: kind, final state, hours, age (ruling 19).

use heliu_trade::error::ErrorCode;
use heliu_trade::order::OrderState;
use heliu_trade::time::Timestamp;

use super::shop::{Deed, FIRST, Shop};
use crate::book::make;

/// A barcode order made so long before `text` (Beijing time), which is now.
fn made_before(text: &str, age_ms: i64) -> Shop {
    let now = Timestamp::parse_beijing_spaced(text).expect("a time");
    let mut shop = Shop::barcode(1_000);
    let order = shop.book.orders.values_mut().next().expect("made");
    order.created_at = now.plus_ms(-age_ms);
    shop.now = now;
    shop
}

#[test]
fn the_kind_comes_first() {
    let mut shop = Shop::jsapi(1_000);
    shop.pay(FIRST);
    assert_eq!(
        shop.cancel(make::TILL_CANCEL),
        Err(ErrorCode::OrderKindNotSupported)
    );
}

#[test]
fn final_states_come_before_hours_and_age() {
    let states: [(Deed, ErrorCode); 4] = [
        (|shop| shop.pay(FIRST), ErrorCode::OrderPaid),
        (|shop| shop.decline(FIRST), ErrorCode::OrderEnded),
        (Shop::reach_horizon, ErrorCode::OrderReversed),
        (
            |shop| {
                shop.reach_horizon();
                shop.reversed(FIRST);
            },
            ErrorCode::OrderReversed,
        ),
    ];
    for (end, code) in states {
        let mut shop = made_before("2026-01-15 23:30:00", 0);
        end(&mut shop);
        assert_eq!(shop.cancel(make::TILL_CANCEL), Err(code));
    }
}

#[test]
fn hours_come_before_age() {
    let mut shop = made_before("2026-01-15 23:30:00", 0);
    assert_eq!(shop.cancel(make::TILL_CANCEL), Err(ErrorCode::OutsideHours));
}

#[test]
fn it_is_served_from_one_to_eleven_in_beijing_both_included() {
    for (text, answer) in [
        ("2026-01-15 00:59:59", Err(ErrorCode::OutsideHours)),
        ("2026-01-15 01:00:00", Ok(())),
        ("2026-01-15 12:00:00", Ok(())),
        ("2026-01-15 23:00:00", Ok(())),
        ("2026-01-15 23:00:01", Err(ErrorCode::OutsideHours)),
        ("2026-01-15 00:00:00", Err(ErrorCode::OutsideHours)),
    ] {
        let mut shop = made_before(text, 20_000);
        assert_eq!(shop.cancel(make::TILL_CANCEL), answer, "{text}");
    }
}

#[test]
fn an_age_of_exactly_fifteen_seconds_is_enough() {
    for (age_ms, answer) in [
        (15_000, Ok(())),
        (14_999, Err(ErrorCode::TooEarly)),
        (-1, Err(ErrorCode::TooEarly)),
        // The clock was set back since: nobody is kept waiting until it is there again.
        (-15_000, Ok(())),
    ] {
        let mut shop = made_before("2026-01-15 12:00:00", age_ms);
        assert_eq!(shop.cancel(make::TILL_CANCEL), answer, "{age_ms} ms");
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let mut shop = made_before("2026-01-15 12:00:00", 0);
    let before = shop.book.clone();
    assert_eq!(shop.cancel(make::TILL_CANCEL), Err(ErrorCode::TooEarly));
    assert_eq!(shop.book, before);
    assert_eq!(shop.state(), OrderState::Paying);
}

#[test]
fn a_paid_order_is_not_cancelled_once_a_refund_is_under_way_but_again_when_it_failed() {
    let mut shop = Shop::barcode(1_000);
    shop.pay(FIRST);
    let refund_no = shop.refund(1).expect("paid");
    assert_eq!(shop.cancel(make::ANY_CANCEL), Err(ErrorCode::OrderPaid));
    shop.refund_fails(refund_no);
    assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
}

#[test]
fn a_paid_order_is_cancelled_within_exactly_five_minutes_where_the_wire_says_so() {
    for (age_ms, answer) in [(300_000, Ok(())), (300_001, Err(ErrorCode::TooLate))] {
        let mut shop = made_before("2026-01-15 12:00:00", age_ms);
        shop.pay(FIRST);
        assert_eq!(
            shop.cancel(make::FIVE_MINUTES_CANCEL),
            answer,
            "{age_ms} ms"
        );
    }
    let mut unpaid = made_before("2026-01-15 12:00:00", 3_600_000);
    assert_eq!(unpaid.cancel(make::FIVE_MINUTES_CANCEL), Ok(()));
    assert_eq!(unpaid.state(), OrderState::Reversing);
}

#[test]
fn where_an_ended_order_counts_as_cancelled_a_cancel_changes_nothing() {
    let ends: [Deed; 4] = [
        |shop| shop.decline(FIRST),
        Shop::reach_horizon,
        |shop| {
            shop.reach_horizon();
            shop.reversed(FIRST);
        },
        |shop| {
            shop.pay(FIRST);
            assert_eq!(shop.cancel(make::FIVE_MINUTES_CANCEL), Ok(()));
            shop.reversed(FIRST);
        },
    ];
    for end in ends {
        let mut shop = made_before("2026-01-15 12:00:00", 20_000);
        end(&mut shop);
        let before = shop.book.clone();
        assert_eq!(shop.cancel(make::FIVE_MINUTES_CANCEL), Ok(()));
        assert_eq!(shop.book, before);
    }
}
