//! Notifications: acknowledged, given up, resent; the number and the bytes never change.

use heliu_trade::event::EventKind;
use heliu_trade::id::RefundNo;
use heliu_trade::job::JobKind;
use heliu_trade::notification::NotificationState;
use heliu_trade::order::Order;
use heliu_trade::refund::RefundState;
use heliu_trade::step::{Action, RefundRepeat};

use super::shop::{Deed, FIRST, Shop};
use crate::book::make;

/// The first refund of a shop whose order was paid.
const GOODS: RefundNo = RefundNo::from_u64(2_002);

fn paid() -> Shop {
    let mut shop = Shop::jsapi(1_000);
    shop.pay(FIRST);
    shop
}

fn begin(body: &str) -> Action {
    Action::BeginDelivery {
        body: body.to_owned(),
    }
}

fn end(is_acknowledged: bool, next_gap_ms: Option<i64>) -> Action {
    Action::EndDelivery {
        is_acknowledged,
        answer: "200".to_owned(),
        next_gap_ms,
    }
}

fn due_in_ms(shop: &Shop) -> Option<i64> {
    shop.due_in_ms(JobKind::NotifyMerchant, shop.notification_no().as_u64())
}

#[test]
fn it_is_due_at_once_and_over_when_acknowledged() {
    let mut shop = paid();
    assert_eq!(due_in_ms(&shop), Some(0));
    shop.notice(begin("first"));
    assert_eq!(
        due_in_ms(&shop),
        Some(0),
        "the job stays with the worker that holds it"
    );
    shop.notice(end(true, Some(5_000)));
    assert_eq!(shop.notice_state(), NotificationState::Acknowledged);
    assert_eq!(due_in_ms(&shop), None);
    assert_eq!(shop.count_events(EventKind::NotificationAcknowledged), 1);
}

#[test]
fn it_is_repeated_with_its_first_bytes_and_given_up_when_the_schedule_is_over() {
    let mut shop = paid();
    for (body, gap_ms) in [
        ("first", Some(5_000)),
        ("second", Some(10_000)),
        ("third", None),
    ] {
        shop.notice(begin(body));
        shop.wait_ms(700).notice(end(false, gap_ms));
        assert_eq!(due_in_ms(&shop), gap_ms, "counted from the end of the try");
    }
    assert_eq!(shop.notice_state(), NotificationState::GivenUp);
    let notification = &shop.book.notifications[&shop.notification_no()];
    assert_eq!(
        (notification.tries, notification.body.as_deref()),
        (3, Some("first"))
    );
    assert_eq!(shop.book.deliveries.len(), 3);
    let took = shop
        .book
        .deliveries
        .values()
        .map(|d| d.ended_at.map(|at| at.since_ms(d.begun_at)));
    assert!(took.into_iter().all(|ms| ms == Some(700)));
    assert!(shop.has_event(EventKind::NotificationGivenUp));
}

#[test]
fn what_was_given_up_or_acknowledged_can_be_resent_under_its_number() {
    for is_acknowledged in [false, true] {
        let mut shop = paid();
        shop.notice(begin("first"));
        shop.notice(end(is_acknowledged, None));
        let number = shop.notification_no();
        shop.notice(Action::ResendNotification);
        assert_eq!(shop.notice_state(), NotificationState::Due);
        assert_eq!(due_in_ms(&shop), Some(0));
        shop.notice(begin("second"));
        shop.notice(end(true, None));
        assert_eq!(shop.notification_no(), number);
        let notification = &shop.book.notifications[&number];
        assert_eq!(
            (notification.tries, notification.body.as_deref()),
            (2, Some("first"))
        );
        assert_eq!(shop.notice_state(), NotificationState::Acknowledged);
    }
}

#[test]
fn a_worker_that_lost_its_lease_changes_nothing_after_the_end() {
    let mut shop = paid();
    shop.notice(begin("first"));
    shop.notice(begin("again"));
    shop.notice(end(true, None));
    let over = shop.book.clone();
    shop.notice(end(false, Some(5_000)));
    shop.notice(end(false, None));
    shop.notice(begin("late"));
    assert_eq!(shop.book, over);
}

#[test]
fn a_refund_tells_the_merchant_how_it_ended() {
    let mut shop = paid();
    let refunds = [shop.refund(1).expect("paid"), shop.refund(2).expect("paid")];
    shop.refund_succeeds(refunds[0], None);
    shop.refund_fails(refunds[1]);
    shop.refund_fails(refunds[1]);
    let about: Vec<_> = shop
        .book
        .notifications
        .values()
        .map(|n| n.refund_no)
        .collect();
    assert_eq!(about, [None, Some(refunds[0]), Some(refunds[1])]);
}

#[test]
fn an_order_without_an_address_tells_nobody() {
    let mut shop = Shop::jsapi(1_000);
    let order = shop.book.orders.values_mut().next().expect("made");
    std::sync::Arc::make_mut(&mut order.details).notify_url = None;
    shop.pay(FIRST);
    assert!(shop.book.notifications.is_empty());
    assert!(shop.book.jobs.is_empty());
}

/// Something that happens to a paid order before anybody is told of the payment.
const MEANWHILE: [(&str, Deed); 4] = [
    ("nothing", |_| {}),
    ("a refund under way", |shop| {
        shop.refund(400).expect("paid");
    }),
    ("a refund done", |shop| {
        shop.refunded(1_000);
    }),
    ("a cancelled order", |shop| {
        shop.cancel(make::ANY_CANCEL).expect("paid");
        shop.reversed(FIRST);
    }),
];

#[test]
fn a_notice_of_payment_tells_the_payment_whatever_becomes_of_the_order() {
    for (what, deed) in MEANWHILE {
        let mut shop = paid();
        let (number, then) = (shop.notification_no(), shop.order().clone());
        deed(shop.wait_ms(1_000));
        let notice = &shop.book.notifications[&number];
        assert_eq!(
            told(&notice.order_then(shop.order())),
            told(&then),
            "{what}"
        );
        assert_eq!(notice.refund_then(), None, "{what}");
    }
}

#[test]
fn a_notice_of_a_refund_tells_how_that_try_ended() {
    let mut shop = paid();
    let try_it = |shop: &mut Shop| {
        let again = RefundRepeat::RetryFailed;
        shop.repeat_refund("goods", 400, again).expect("paid")
    };
    let ends: [(Deed, RefundState); 3] = [
        (|shop| shop.refund_fails(GOODS), RefundState::Failed),
        (|shop| shop.refund_is_ended(GOODS), RefundState::Failed),
        (
            |shop| shop.refund_succeeds(GOODS, None),
            RefundState::Succeeded,
        ),
    ];
    let mut made = Vec::new();
    for (end, state) in ends {
        assert_eq!(try_it(shop.wait_ms(1_000)), GOODS);
        end(shop.wait_ms(1_000));
        let newest = shop.book.notifications.keys().next_back().expect("told");
        let refund = shop.refund_of(GOODS);
        assert_eq!(refund.state, state);
        made.push((*newest, shop.order().clone(), refund));
    }
    shop.wait_ms(1_000).refund(5).expect("more is left");
    for (number, then, refund) in made {
        let notice = &shop.book.notifications[&number];
        assert_eq!(told(&notice.order_then(shop.order())), told(&then));
        assert_eq!(notice.refund_then(), Some(&refund));
    }
}

/// An order without what nobody is told.
fn told(order: &Order) -> Order {
    Order {
        version: 0,
        entry_count: 0,
        event_count: 0,
        refund_not_before: None,
        ..order.clone()
    }
}
