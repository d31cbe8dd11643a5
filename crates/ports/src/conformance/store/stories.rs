//! What people ask: searches, stories, walks over all books.

use std::sync::Arc;

use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::invariant;

use super::steps::{Till, channel_order_no};
use crate::exchange::{ExchangeAnswer, ExchangeRecord};
use crate::store::{Commit, OrderStory, Store};

pub(super) async fn orders_are_found_by_any_number(store: &Arc<dyn Store>) {
    let (till, other) = (Till::new(store, 1), Till::new(store, 2));
    let order_no = till.paid("shared", 100).await;
    let other_no = other.order("shared", 100).await;
    let refund = till
        .refund(order_no, "r-1", 10)
        .await
        .expect("accepted")
        .after
        .refund;
    let refund_no = refund.expect("a refund").refund_no;
    let mine = (till.merchant.clone(), order_no);
    for number in [
        order_no.to_string(),
        refund_no.to_string(),
        "r-1".to_owned(),
        channel_order_no(order_no),
    ] {
        let found = store.search_orders(number.clone()).await;
        assert_eq!(found, Ok(vec![mine.clone()]), "{number}");
    }
    let both = vec![mine, (other.merchant.clone(), other_no)];
    assert_eq!(store.search_orders("shared".to_owned()).await, Ok(both));
    for number in ["", "nothing", "0000000000000001", "%"] {
        assert_eq!(
            store.search_orders(number.to_owned()).await,
            Ok(Vec::new()),
            "{number}"
        );
    }
}

/// The story, once records that nobody waits for have joined a batch: they do with a later commit.
async fn story_after_a_commit(till: &Till, order_no: OrderNo) -> OrderStory {
    till.order(&format!("after {}", till.number()), 100).await;
    let story = till.store.order_story(&till.merchant, order_no).await;
    story.expect("read").expect("known")
}

fn answer(till: &Till, order_no: Option<OrderNo>) -> ExchangeAnswer {
    ExchangeAnswer {
        exchange_no: till.number(),
        app_id: Some(till.app.clone()),
        status: 200,
        body: "{\"ok\":true}".to_owned(),
        outcome: "ok".to_owned(),
        reading: Some("as documented"),
        signing: None,
        order_no,
        duration_ms: 12,
    }
}

pub(super) async fn a_story_has_both_halves_of_its_exchanges(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = OrderNo(till.number());
    let (carried, alone, unrelated) = (
        answer(&till, Some(order_no)),
        answer(&till, Some(order_no)),
        answer(&till, None),
    );
    let request = till.request(carried.exchange_no);
    let step = till.create_step(order_no, "n", 100);
    let commit = Commit {
        step,
        exchange: Some(request.clone()),
        audit: None,
    };
    store.commit(commit).await.expect("accepted");
    let story = story_after_a_commit(&till, order_no).await;
    assert_eq!(
        story.exchanges,
        [(request.clone(), None)],
        "it came with the order"
    );

    for answer in [&alone, &unrelated] {
        store.record(ExchangeRecord::Request(till.request(answer.exchange_no)));
    }
    for answer in [&carried, &alone, &unrelated] {
        store.record(ExchangeRecord::Answer(answer.clone()));
    }
    let story = story_after_a_commit(&till, order_no).await;
    let second = till.request(alone.exchange_no);
    assert_eq!(
        story.exchanges,
        [(request, Some(carried)), (second, Some(alone))]
    );
}

pub(super) async fn a_refused_request_is_in_the_story_of_its_order(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.order("n", 100).await;
    let request = till.request(till.number());
    let step = till.create_step(OrderNo(till.number()), "n", 100);
    let commit = Commit {
        step,
        exchange: Some(request.clone()),
        audit: None,
    };
    store
        .commit(commit)
        .await
        .expect_err("the number is in use");
    let story = story_after_a_commit(&till, order_no).await;
    assert_eq!(
        story.exchanges,
        [(request, None)],
        "the log keeps what was refused"
    );
}

pub(super) async fn a_walk_meets_every_order_of_every_merchant_once(store: &Arc<dyn Store>) {
    let mut expected: Vec<(MerchantId, OrderNo)> = Vec::new();
    for index in 1..=3 {
        let till = Till::new(store, index);
        for order in 0..5 {
            let order_no = till.paid(&format!("n-{order}"), 100 + order).await;
            expected.push((till.merchant.clone(), order_no));
        }
        let (_, last) = expected.last().expect("five");
        let refund = till
            .refund(*last, "r", 50)
            .await
            .expect("accepted")
            .after
            .refund;
        till.end_refund(*last, refund.expect("a refund").refund_no)
            .await
            .expect("recorded");
    }
    expected.sort();
    let mut met = Vec::new();
    loop {
        let books = store
            .order_books(met.last().cloned(), 4)
            .await
            .expect("read");
        assert!(books.len() <= 4, "a page has its limit");
        if books.is_empty() {
            break;
        }
        for book in books {
            assert_eq!(invariant::check(&book), []);
            met.push((book.order.merchant_id.clone(), book.order.order_no));
        }
    }
    assert_eq!(met, expected, "in key order, each once");
    assert_eq!(store.journal_sum_fen().await, Ok(0));
}
