//! Refunds: never more than was paid, each number once.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::attempt::Route;
use heliu_trade::error::ErrorCode;
use heliu_trade::fee::{FeeTerms, Level, ShareTerms, Tariff};
use heliu_trade::id::OrderNo;
use heliu_trade::invariant;
use heliu_trade::notice;
use heliu_trade::refund::RefundState;
use heliu_trade::step::Action;

use super::steps::{Till, route};
use crate::store::{Commit, CommitError, NotificationFilter, RefundKey, Store};

pub(super) async fn of_50_simultaneous_refunds_of_30_on_100_three_pass(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.paid("n", 100).await;
    let numbers: Vec<String> = (0..50).map(|index| format!("r-{index}")).collect();
    let results = join_all(
        numbers
            .iter()
            .map(|number| till.refund(order_no, number, 30)),
    )
    .await;
    let passed: Vec<_> = results
        .iter()
        .filter_map(|result| result.as_ref().ok())
        .collect();
    assert_eq!(passed.len(), 3, "90 of 100 can be given back in thirties");
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        let CommitError::Rejected(error) = error else {
            unreachable!("refused: {error}")
        };
        assert_eq!(error.code, ErrorCode::RefundExceedsRest);
    }
    for committed in passed {
        let refund = committed.after.refund.as_ref().expect("a refund");
        till.end_refund(order_no, refund.refund_no)
            .await
            .expect("recorded");
    }
    let story = store
        .order_story(&till.merchant, order_no)
        .await
        .expect("read")
        .expect("known");
    assert_eq!(invariant::check(&story.book), []);
    assert_eq!(story.book.order.refunded.amount_minor, 90);
    assert_eq!(story.book.order.refunding.amount_minor, 0);
    assert_eq!(story.book.refunds.len(), 3);
    assert_eq!(store.journal_sum_fen().await, Ok(0));
}

pub(super) async fn a_merchants_refund_number_serves_once(store: &Arc<dyn Store>) {
    let mut till = Till::new(store, 1);
    let (first, second) = (till.paid("n-1", 100).await, till.paid("n-2", 100).await);
    till.refund(first, "r", 10).await.expect("accepted");
    for order_no in [first, second] {
        let refused = till
            .refund(order_no, "r", 10)
            .await
            .expect_err("the number is in use");
        let CommitError::Rejected(error) = refused else {
            unreachable!("refused: {refused}")
        };
        assert_eq!(error.code, ErrorCode::DuplicateRefund);
    }
    let results = join_all((0..20).map(|_| till.refund(second, "same", 1))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    till.app = "another app".into();
    till.refund(second, "r", 10)
        .await
        .expect("numbers are an app's own");
}

pub(super) async fn a_refund_is_found_by_both_numbers(store: &Arc<dyn Store>) {
    let (till, stranger) = (Till::new(store, 1), Till::new(store, 2));
    let order_no = till.paid("n", 100).await;
    let refund = till
        .refund(order_no, "r", 40)
        .await
        .expect("accepted")
        .after
        .refund;
    let refund = refund.expect("a refund");
    let keys = [
        RefundKey::Platform(refund.refund_no),
        RefundKey::Merchant(till.app.clone(), "r".to_owned()),
    ];
    for key in keys.clone() {
        let found = store.find_refund(&till.merchant, key).await;
        assert_eq!(found, Ok(Some((order_no, refund.clone()))));
    }
    for key in keys.clone() {
        assert_eq!(store.find_refund(&stranger.merchant, key).await, Ok(None));
    }
    till.end_refund(order_no, refund.refund_no)
        .await
        .expect("recorded");
    for key in keys {
        let found = store
            .find_refund(&till.merchant, key)
            .await
            .expect("read")
            .expect("known")
            .1;
        assert_eq!(found.state, RefundState::Succeeded);
        assert!(found.details.evidence.is_some());
    }
}

pub(super) async fn an_orders_refunds_stand_by_age(store: &Arc<dyn Store>) {
    let (till, stranger) = (Till::new(store, 1), Till::new(store, 2));
    let order_no = till.paid("n", 100).await;
    let other = till.paid("other", 100).await;
    let none = store.refunds_of_order(&till.merchant, order_no).await;
    assert_eq!(none, Ok(Vec::new()));
    let mut expected = Vec::new();
    for (number, amount) in [("r-b", 1), ("r-a", 2), ("r-c", 3)] {
        till.refund(other, &format!("of other {number}"), 1)
            .await
            .expect("accepted");
        let refund = till.refund(order_no, number, amount).await;
        expected.extend(refund.expect("accepted").after.refund);
    }
    let found = store.refunds_of_order(&till.merchant, order_no).await;
    assert_eq!(found, Ok(expected));
    let foreign = store.refunds_of_order(&stranger.merchant, order_no).await;
    assert_eq!(foreign, Ok(Vec::new()));
}

pub(super) async fn a_notice_of_a_refund_keeps_the_moment_of_its_end(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.paid("n", 100).await;
    for (number, amount) in [("r-1", 40), ("r-2", 60)] {
        let booked = till.refund(order_no, number, amount).await;
        let refund = booked.expect("accepted").after.refund.expect("a refund");
        let ended = till.end_refund(order_no, refund.refund_no).await;
        let after = ended.expect("recorded").after;
        let (order, refund) = (after.order.expect("its order"), after.refund);
        let filter = NotificationFilter {
            limit: 1,
            ..NotificationFilter::default()
        };
        let newest = store.list_notifications(filter).await.expect("read");
        let notice = newest.into_iter().next().expect("the refund's");
        let then = notice::then(&notice, &order);
        assert_eq!(then.refund, refund);
        assert_eq!(then.order.refunded, order.refunded, "{number}");
        let found = store.find_notification(&till.subject(order_no), notice.notification_no);
        assert_eq!(found.await, Ok(Some(notice)));
    }
}

/// Agents share in a fee and give back of it with each refund: over what is left of every part,
/// which the next refund finds as the one before it has left it.
pub(super) async fn what_agents_gave_back_is_kept(store: &Arc<dyn Store>) {
    let till = Till::new(store, 9);
    let level = |party_id: &str, rate_ppm| Level {
        party_id: party_id.into(),
        cost: Tariff::from(FeeTerms {
            rate_ppm,
            ..FeeTerms::default()
        }),
    };
    let order_no = OrderNo(till.number());
    let mut step = till.create_step(order_no, "shared", 12_345);
    let Action::CreateOrder(create) = &mut step.action else {
        unreachable!("a step that creates")
    };
    create.route = Some(Arc::new(Route {
        shares: ShareTerms::of(vec![level("near", 3_000), level("far", 2_500)]),
        ..route()
    }));
    let commit = Commit {
        step,
        exchange: None,
        audit: None,
    };
    store.commit(commit).await.expect("accepted");
    till.pay(order_no, 12_345).await.expect("recorded");
    for (number, amount, returned) in [
        ("a", 3_333, "3/1"),
        ("b", 4_000, "6/3"),
        ("c", 5_012, "10/6"),
    ] {
        let asked = till.refund(order_no, number, amount).await;
        let refund = asked.expect("accepted").after.refund.expect("a refund");
        let ended = till.end_refund(order_no, refund.refund_no).await;
        ended.expect("recorded");
        let books = store.order_books(None, 10).await.expect("read");
        let mut books = books.iter();
        let book = books.find(|book| book.order.order_no == order_no);
        let book = book.expect("it stands");
        assert_eq!(book.order.shares_returned.to_string(), returned);
        assert_eq!(invariant::check(book), []);
    }
}
