//! Story: many tills at once; one number has one effect, and no more is given back than was paid.

use std::collections::BTreeMap;

use crate::harness::{Answer, Setup, eventually, fresh};

const FACTOR: u64 = 10;

/// How often each outcome occurs.
fn tally(answers: &[Answer]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.outcome()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_refunds_of_30_on_a_payment_of_100_exactly_three_are_accepted() {
    let setup = Setup::new("refunds", FACTOR);
    let demo = setup.start().await;
    let number = fresh("race");
    let paid = demo.till.order(&number, 100, "284214903060794700").await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);

    let names: Vec<String> = (0..50).map(|index| format!("{number}-{index}")).collect();
    let refunds = names.iter().map(|name| demo.till.refund(&number, name, 30));
    let answers = futures::future::join_all(refunds).await;
    assert_eq!(
        tally(&answers),
        BTreeMap::from([("AMT_ERROR", 47), ("SUCCESS", 3)])
    );

    let end = eventually("all accepted refunds are done", async || {
        let answer = demo.till.query(&number).await;
        (answer.state() == Some(4)).then_some(answer)
    })
    .await;
    assert_eq!(end.data().unwrap().int("refund_fee"), 90);
    let belief = demo.sandbox.belief(paid.str("trade_no")).await.unwrap();
    assert_eq!(belief.refunded_fen, 90, "{belief:?}");
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_orders_of_one_number_one_is_made() {
    let setup = Setup::new("orders", FACTOR);
    let demo = setup.start().await;
    let number = fresh("race");
    let orders = (0..200).map(|_| demo.till.order(&number, 158, "134886863488188600"));
    let answers = futures::future::join_all(orders).await;
    assert_eq!(
        tally(&answers),
        BTreeMap::from([("SERIAL_REPEAT", 199), ("SUCCESS", 1)])
    );

    let made = answers
        .iter()
        .find(|answer| answer.outcome() == "SUCCESS")
        .unwrap();
    let found = demo.till.query(&number).await;
    assert_eq!(found.str("trade_no"), made.str("trade_no"));
    assert_eq!(found.state(), Some(1));
    setup.assert_books_balance();
}
