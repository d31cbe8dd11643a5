//! Endings: close, expiry, horizon, reversal, and success that comes after them.

use heliu_trade::attempt::AttemptState;
use heliu_trade::error::ErrorCode;
use heliu_trade::fee::FeeTerms;
use heliu_trade::followup::event::EventKind;
use heliu_trade::followup::job::JobKind;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};
use heliu_trade::time::MINUTE_MS;
use heliu_trade::wallet::{Scene, WalletKind};

use super::shop::{Deed, FIRST, ORDER, Shop};
use crate::book::make;

#[test]
fn closing_twice_finds_it_closed() {
    let mut shop = Shop::qr(1_000);
    let attempt_no = shop.choose(WalletKind::Wechat).expect("open");
    assert_eq!(shop.close(), Ok(()));
    let once = shop.book.clone();
    assert_eq!(shop.close(), Ok(()));
    assert_eq!(shop.book, once);
    assert_eq!(shop.state(), OrderState::Closed);
    assert_eq!(shop.attempt_state(attempt_no), AttemptState::Closing);
    assert_eq!(shop.due_in_ms(JobKind::ExpireOrder, ORDER.as_u64()), None);
    shop.closed_upstream(attempt_no);
    assert_eq!(shop.attempt_state(attempt_no), AttemptState::Closed);
    assert!(shop.book.jobs.is_empty());
}

#[test]
fn late_success_after_close_is_booked_as_surplus_and_given_back() {
    let mut shop = Shop::qr(1_000);
    let attempt_no = shop.choose(WalletKind::Wechat).expect("open");
    assert_eq!(shop.close(), Ok(()));
    shop.closed_upstream(attempt_no);
    shop.wait_ms(60_000).pay(attempt_no);
    assert_eq!(shop.state(), OrderState::Closed);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000));
    assert!(
        shop.book.notifications.is_empty(),
        "the merchant is not told of a payment"
    );
    shop.reversal_unclear(attempt_no);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000));
    shop.reversed(attempt_no);
    shop.pay(attempt_no);
    assert_eq!(shop.state(), OrderState::Closed);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
    assert!(shop.book.jobs.is_empty());
}

#[test]
fn late_success_after_expiry_failure_or_reversal_is_given_back_too() {
    let endings: [(OrderState, Deed); 3] = [
        (OrderState::Expired, Shop::expire),
        (OrderState::Failed, |shop| shop.decline(FIRST)),
        (OrderState::Reversed, |shop| {
            shop.reach_horizon();
            shop.reversed(FIRST);
        }),
    ];
    for (state, end) in endings {
        let mut shop = Shop::jsapi(1_000);
        end(&mut shop);
        shop.pay(FIRST);
        assert_eq!(shop.state(), state);
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000), "{state:?}");
        shop.reversed(FIRST);
        assert_eq!(shop.state(), state);
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0), "{state:?}");
    }
}

#[test]
fn only_orders_that_wait_are_closed() {
    let mut barcode = Shop::barcode(1_000);
    assert_eq!(barcode.close(), Err(ErrorCode::OrderKindNotSupported));

    let mut paid = Shop::jsapi(1_000);
    paid.pay(FIRST);
    assert_eq!(paid.close(), Err(ErrorCode::OrderPaid));

    let mut expired = Shop::jsapi(1_000);
    expired.expire();
    assert_eq!(expired.close(), Err(ErrorCode::OrderEnded));
}

#[test]
fn the_expiry_of_a_paid_order_does_nothing() {
    let mut shop = Shop::jsapi(1_000);
    shop.pay(FIRST);
    let paid = shop.book.clone();
    shop.wait_ms(300_000).expire();
    assert_eq!(shop.book, paid);
}

#[test]
fn an_undecided_payment_is_reversed_at_the_horizon_but_not_in_its_first_fifteen_seconds() {
    let mut shop = Shop::barcode(1_000);
    shop.wait_ms(4_000).reach_horizon();
    assert_eq!(shop.state(), OrderState::Reversing);
    assert_eq!(
        shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64()),
        Some(11_000)
    );
    shop.reversal_unclear(FIRST);
    assert_eq!(
        shop.state(),
        OrderState::Reversing,
        "only a clear answer ends it"
    );
    assert!(
        shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64())
            .is_some()
    );
    shop.reversed(FIRST);
    assert_eq!(shop.state(), OrderState::Reversed);
    assert_eq!(
        shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64()),
        None
    );
}

#[test]
fn a_payer_who_was_quicker_than_the_reversal_gets_the_money_back() {
    let mut shop = Shop::barcode(1_000);
    shop.wait_ms(75_000).reach_horizon();
    shop.pay(FIRST);
    assert_eq!(shop.state(), OrderState::Reversing);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000));
    shop.decline(FIRST);
    assert_eq!(
        shop.state(),
        OrderState::Reversing,
        "money was seen; a query does not end it"
    );
    shop.reversed(FIRST);
    assert_eq!(shop.state(), OrderState::Reversed);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn the_horizon_of_a_decided_order_does_nothing() {
    let mut shop = Shop::barcode(1_000);
    shop.pay(FIRST);
    let paid = shop.book.clone();
    shop.reach_horizon();
    assert_eq!(shop.book, paid);
}

#[test]
fn the_reversal_of_a_paid_order_gives_back_the_fee() {
    let mut shop = Shop::barcode(1_000);
    shop.pay_with(FIRST, make::evidence(1_000, 100, 0));
    assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
    assert_eq!(
        shop.merchant_fee_surplus(),
        (891, 9, 0),
        "until the channel has answered"
    );
    assert_eq!(
        shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64()),
        Some(0),
        "at once"
    );
    shop.reversed(FIRST);
    shop.reversed(FIRST);
    assert_eq!(shop.state(), OrderState::Reversed);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
    assert_eq!(shop.order().fee_returned_fen, 9);
}

#[test]
fn an_order_with_two_tries_is_reversed_when_both_are() {
    let mut shop = Shop::qr(1_000);
    let wechat = shop.choose(WalletKind::Wechat).expect("open");
    let alipay = shop.choose(WalletKind::Alipay).expect("open");
    assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
    shop.reversed(wechat);
    assert_eq!(shop.state(), OrderState::Reversing);
    assert_eq!(
        shop.count_events(EventKind::AttemptClosed),
        1,
        "the timeline tells of the first"
    );
    shop.reversed(alipay);
    assert_eq!(shop.state(), OrderState::Reversed);
}

#[test]
fn the_reversal_of_a_paid_order_waits_for_money_that_came_by_another_wallet() {
    let mut shop = Shop::qr(1_000);
    let wechat = shop.choose(WalletKind::Wechat).expect("open");
    let alipay = shop.choose(WalletKind::Alipay).expect("open");
    shop.pay(wechat);
    assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
    shop.pay(alipay);
    shop.reversed(wechat);
    assert_eq!(shop.state(), OrderState::Reversing);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000));
    shop.reversed(alipay);
    assert_eq!(shop.state(), OrderState::Reversed);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn an_order_that_nobody_has_tried_is_reversed_at_once() {
    let mut shop = Shop::qr(1_000);
    assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
    assert_eq!(shop.state(), OrderState::Reversed);
    assert!(shop.has_event(EventKind::Reversed));
    assert!(shop.book.jobs.is_empty());
}

#[test]
fn a_clock_that_was_set_back_by_more_than_an_orders_time_puts_nothing_off() {
    let year_ms = 365 * 24 * 60 * MINUTE_MS;
    for (back_ms, is_over) in [(0, false), (1_000, false), (75_000, false), (year_ms, true)] {
        let mut shop = Shop::barcode(1_000);
        let order = shop.order();
        let horizon_at = order.horizon_at.expect("a barcode order has one");
        let now = shop.now.plus_ms(-back_ms);
        assert_eq!(
            order.is_over(horizon_at, now),
            is_over,
            "back by {back_ms} ms"
        );
        shop.wait_ms(-back_ms).reach_horizon();
        let reversal = shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64());
        assert_eq!(
            reversal,
            Some(15_000),
            "not in the first seconds, whenever those were"
        );
    }
}

#[test]
fn the_time_of_an_order_runs_from_its_request_unless_the_clock_was_set_back_since() {
    let year_ms = 365 * 24 * 60 * MINUTE_MS;
    // How long ago the request seems to have come, and what is left of an order's 75 s.
    for (ago_ms, left_ms) in [(0, 75_000), (5_000, 70_000), (-year_ms, 75_000)] {
        let mut shop = Shop::at(make::MORNING);
        let now = shop.now;
        let route = make::route(WalletKind::Wechat, Scene::Barcode, FeeTerms::default());
        let mut create = make::order(ORDER.as_u64(), Scene::Barcode, 8, None, now, Some(route));
        create.received_at = now.plus_ms(-ago_ms);
        let target = Target::NewOrder {
            app_id: create.app_id.clone(),
            merchant_order_no: create.merchant_order_no.clone(),
        };
        assert_eq!(
            shop.take(target, Action::CreateOrder(Box::new(create))),
            Ok(())
        );
        let horizon_at = shop.order().horizon_at.expect("a barcode order has one");
        assert_eq!(horizon_at.since_ms(now), left_ms, "asked {ago_ms} ms ago");
    }
}

#[test]
fn a_refund_waits_for_those_before_it_and_not_for_a_clock_that_was_wrong() {
    let mut shop = Shop::jsapi(1_000);
    shop.pay(FIRST);
    for index in 0..3 {
        let refund_no = shop.refund(1).expect("paid");
        let due = shop.due_in_ms(JobKind::FinishRefund, refund_no.as_u64());
        assert_eq!(due, Some(index * 60_000), "a minute apart");
    }
    shop.wait_ms(-365 * 24 * 60 * MINUTE_MS);
    let refund_no = shop.refund(1).expect("paid");
    let due = shop.due_in_ms(JobKind::FinishRefund, refund_no.as_u64());
    assert_eq!(due, Some(3 * 60_000));
}
