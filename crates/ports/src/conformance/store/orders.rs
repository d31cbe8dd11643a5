//! Orders: created once, found by their keys, unchanged by what is refused.

use std::sync::Arc;

use futures::future::{join_all, join3};
use heliu_trade::attempt::{AttemptState, Route};
use heliu_trade::error::ErrorCode;
use heliu_trade::id::{AppId, AttemptNo, OrderNo};
use heliu_trade::invariant;
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};
use heliu_trade::wallet::Scene;

use super::steps::{FIRST_SECOND, START, Till, route};
use crate::store::{Commit, CommitError, OrderKey, Store};

fn code(error: &CommitError) -> Option<ErrorCode> {
    match error {
        CommitError::Rejected(error) => Some(error.code),
        CommitError::Store(_) => None,
    }
}

pub(super) async fn an_order_is_found_as_it_was_written(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let mut step = till.create_step(OrderNo(till.number()), "n-1", 8888);
    if let Action::CreateOrder(create) = &mut step.action {
        create.currency = "THB".parse().expect("a currency");
        create.rate = ExchangeRate::parse("0.2028", RateDirection::CnyPerUnit);
        create.life_ms = Some(300_000);
    }
    let created = store
        .commit(Commit {
            step,
            exchange: None,
            audit: None,
        })
        .await
        .expect("accepted");
    let (order, attempts) = (
        created.after.order.expect("an order"),
        created.after.attempts,
    );
    assert_eq!((order.state, order.charge_fen), (OrderState::Paying, 1802));
    assert_eq!(
        attempts.first().map(|attempt| attempt.state),
        Some(AttemptState::Sending)
    );

    let by_ours = OrderKey::Platform(order.order_no);
    let by_theirs = OrderKey::Merchant(till.app.clone(), "n-1".to_owned());
    for key in [by_ours, by_theirs] {
        let found = store.find_order(&till.merchant, key).await.expect("read");
        assert_eq!(found, Some((order.clone(), attempts.clone())));
    }
    let action = Action::RefuseEvidence {
        attempt_no: attempts.first().expect("an attempt").attempt_no,
        why: "another amount".to_owned(),
    };
    let changed = till
        .commit(Target::Order(order.order_no), START.plus_ms(1), action)
        .await;
    let changed = changed.expect("recorded").after;
    let version = changed.order.as_ref().map(|order| order.version);
    assert_eq!(
        version,
        Some(order.version + 1),
        "each save counts in the version"
    );
    let key = OrderKey::Platform(order.order_no);
    let found = store
        .find_order(&till.merchant, key)
        .await
        .expect("read")
        .expect("an order");
    assert_eq!((Some(found.0), found.1), (changed.order, changed.attempts));
}

pub(super) async fn attempts_are_told_apart_whichever_came_first(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let mut step = till.create_step(OrderNo(till.number()), "n-1", 100);
    if let Action::CreateOrder(create) = &mut step.action {
        create.scene = Scene::Native;
        (create.route, create.horizon_ms) = (None, None);
        create.life_ms = Some(300_000);
    }
    let commit = Commit {
        step,
        exchange: None,
        audit: None,
    };
    let created = store.commit(commit).await.expect("accepted");
    let order_no = created.after.order.expect("an order").order_no;
    let (earlier, later) = (till.number(), till.number());
    // The first takes the order's number; of the others the later number arrives first.
    for (number, payer) in [(earlier, "first"), (later, "late"), (earlier, "early")] {
        let route = Route {
            payer_id: Some(payer.to_owned()),
            ..route()
        };
        let action = Action::AddAttempt {
            attempt_no: AttemptNo(number),
            route: Box::new(route),
        };
        let added = till.commit(Target::Order(order_no), START, action).await;
        added.expect("a payer may choose again");
    }
    let changed = till.pay_by(order_no, AttemptNo(later), 100).await;
    let changed = changed.expect("a payment is recorded").after;
    let states: Vec<_> = changed.attempts.iter().map(|a| a.state).collect();
    let closing = AttemptState::Closing;
    assert_eq!(
        states,
        [closing, closing, AttemptState::Paid],
        "by their numbers"
    );
    let found = store
        .find_order(&till.merchant, OrderKey::Platform(order_no))
        .await
        .expect("read")
        .expect("an order");
    assert_eq!((Some(found.0), found.1), (changed.order, changed.attempts));
}

pub(super) async fn of_200_simultaneous_creates_one_wins(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let results = join_all((0..200).map(|_| till.create("same", 100))).await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(
        (won.len(), lost.len()),
        (1, 199),
        "one number makes one order"
    );
    let winner = won
        .into_iter()
        .next()
        .expect("one")
        .expect("won")
        .after
        .order
        .expect("an order");
    for error in lost.into_iter().filter_map(Result::err) {
        let CommitError::Rejected(error) = error else {
            unreachable!("refused: {error}")
        };
        assert_eq!(error.code, ErrorCode::DuplicateOrder);
        let known = error.order.map(|order| order.order_no);
        assert_eq!(
            known,
            Some(winner.order_no),
            "a refused repeat is told which order has the number"
        );
    }
    assert_eq!(store.order_books(None, 10).await.expect("read").len(), 1);
}

pub(super) async fn the_same_number_serves_two_apps(store: &Arc<dyn Store>) {
    let mut till = Till::new(store, 1);
    let first = till.order("n", 100).await;
    till.app = AppId::from("another app");
    let second = till.order("n", 200).await;
    for (app, order_no) in [("app-1", first), ("another app", second)] {
        let key = OrderKey::Merchant(AppId::from(app), "n".to_owned());
        let found = store.find_order(&till.merchant, key).await.expect("read");
        assert_eq!(
            found.map(|(order, _)| order.order_no),
            Some(order_no),
            "{app}"
        );
    }
}

pub(super) async fn another_merchants_order_is_not_found(store: &Arc<dyn Store>) {
    let (till, stranger) = (Till::new(store, 1), Till::new(store, 2));
    let order_no = till.paid("n", 100).await;
    let key = OrderKey::Platform(order_no);
    assert_eq!(store.find_order(&stranger.merchant, key).await, Ok(None));
    let key = OrderKey::Merchant(till.app.clone(), "n".to_owned());
    assert_eq!(store.find_order(&stranger.merchant, key).await, Ok(None));
    assert!(
        store
            .order_story(&stranger.merchant, order_no)
            .await
            .expect("read")
            .is_none()
    );
    let refused = stranger
        .refund(order_no, "r", 10)
        .await
        .expect_err("not theirs");
    assert_eq!(code(&refused), Some(ErrorCode::OrderNotFound));
    let refused = stranger.pay(order_no, 100).await.expect_err("not theirs");
    assert_eq!(code(&refused), Some(ErrorCode::OrderNotFound));
}

pub(super) async fn a_rejected_step_changes_nothing(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.paid("n", 100).await;
    let before = store
        .order_story(&till.merchant, order_no)
        .await
        .expect("read")
        .expect("known");
    let too_much = (
        till.refund(order_no, "r", 101),
        till.refund(order_no, "r", 500),
    );
    let refused = join3(too_much.0, till.create("n", 100), too_much.1).await;
    for result in [refused.0, refused.1, refused.2] {
        assert!(matches!(result, Err(CommitError::Rejected(_))));
    }
    let close = till
        .commit(Target::Order(order_no), START, Action::CloseOrder)
        .await;
    assert_eq!(
        code(&close.expect_err("a barcode order")),
        Some(ErrorCode::OrderKindNotSupported)
    );
    let after = store
        .order_story(&till.merchant, order_no)
        .await
        .expect("read")
        .expect("known");
    assert_eq!(before.book.order, after.book.order);
    assert_eq!(before.book.trail.events, after.book.trail.events);
    assert_eq!(before.book.trail.jobs, after.book.trail.jobs);
    assert!(after.book.refunds.is_empty());
    let passed = till.refund(order_no, "r", 100).await;
    passed.expect("a refused number is still free");
}

pub(super) async fn a_payment_is_booked_once(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.order("n", 10_000).await;
    let results = join_all((0..20).map(|_| till.pay(order_no, 10_000))).await;
    assert!(
        results.iter().all(Result::is_ok),
        "a repeat finds its effect and is no error"
    );
    let story = store
        .order_story(&till.merchant, order_no)
        .await
        .expect("read")
        .expect("known");
    let book = story.book;
    assert_eq!(invariant::check(&book), []);
    assert_eq!(book.order.state, OrderState::Paid);
    assert_eq!(book.order.currency, Currency::CNY);
    assert_eq!(
        (book.trail.entries.len(), book.trail.notifications.len()),
        (2, 1)
    );
    assert_eq!(store.journal_sum_fen().await, Ok(0));
}

pub(super) async fn numbers_leave_a_high_water_mark(store: &Arc<dyn Store>) {
    let before = store.high_water_second().await.expect("read");
    assert!(before < FIRST_SECOND, "empty books have seen no number");
    Till::new(store, 1).order("n", 100).await;
    assert_eq!(store.high_water_second().await, Ok(FIRST_SECOND));
    let late = Till::new(store, 1 << 14);
    let order_no = late.order("n", 100).await;
    assert_eq!(store.high_water_second().await, Ok(order_no.0.second()));
    Till::new(store, 2).order("n", 100).await;
    let after = store.high_water_second().await.expect("read");
    assert_eq!(after, order_no.0.second(), "it never falls");
}
