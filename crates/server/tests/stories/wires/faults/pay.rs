//! Barcode payments on bad days: answers get lost, spoiled, late; reversals must be repeated;
//! queries fail.

use futures::future::join_all;

use super::shop::{BOTH, Shop, Wallet, amount, is_nothing_final};
use crate::harness::{Answer, eventually, fresh};

/// What the till may hear.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Paid,
    Reversed,
    /// As the channel has it.
    Either,
}

struct Row {
    fault: &'static str,
    ms: Option<i64>,
    end: End,
}

const fn row(fault: &'static str, ms: Option<i64>, end: End) -> Row {
    Row { fault, ms, end }
}

const ROWS: [Row; 9] = [
    row("silent_before", None, End::Reversed),
    row("http_500", None, End::Reversed),
    row("silent_after", None, End::Paid),
    row("cut_answer", None, End::Paid),
    row("wrong_signature", None, End::Paid),
    row("slow", Some(3_000), End::Paid),
    // Longer than the platform waits: whether the channel works on it is the channel's affair.
    row("slow", Some(12_000), End::Either),
    row("slow", Some(40_000), End::Either),
    row("slow", Some(79_000), End::Either),
];

fn assert_told(answer: &Answer, end: End) {
    let told = (answer.outcome(), answer.state());
    let is_true = match told {
        ("SUCCESS", Some(1)) => end != End::Reversed,
        ("AREADY_REVOKED", Some(2 | 3)) => end != End::Paid,
        _ => end != End::Paid && is_nothing_final(answer),
    };
    assert!(is_true, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_whose_answer_is_lost_late_or_spoiled_ends_as_the_channel_has_it() {
    let shop = Shop::open("lost").await;
    join_all(BOTH.map(|wallet| lost_answers(&shop, wallet))).await;
    shop.assert_books_balance();
}

async fn lost_answers(shop: &Shop, wallet: Wallet) {
    let mut waiting = Vec::new();
    for row in &ROWS {
        let sandbox = &shop.demo.sandbox;
        sandbox
            .set_fault_for(wallet.name(), "pay", row.fault, Some(1), row.ms)
            .await;
        let (till, number) = (shop.demo.till.clone(), fresh(row.fault));
        let (sent, code, fen) = (number.clone(), wallet.code("00"), amount());
        let call = tokio::spawn(async move { till.order(&sent, fen, &code).await });
        // The next fault is set when this one has happened, so that each order has its own.
        shop.faults_happened(wallet).await;
        waiting.push((row, number, call));
    }
    for (row, number, call) in waiting {
        let answer = call.await.unwrap();
        assert_told(&answer, row.end);
        let state = match row.end {
            End::Paid => 1,
            End::Reversed => 2,
            End::Either => shop.decided(&number).await,
        };
        shop.settled(&number, state).await;
        let told = if state == 1 { End::Paid } else { End::Reversed };
        assert_told(&answer, told);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversal_that_is_unclear_at_first_still_ends_reversed() {
    let shop = Shop::open("recall").await;
    join_all(BOTH.map(|wallet| unclear_reversals(&shop, wallet))).await;
    shop.assert_books_balance();
}

async fn unclear_reversals(shop: &Shop, wallet: Wallet) {
    for (fault, times) in [
        ("recall", 2),
        ("silent_before", 1),
        ("silent_after", 1),
        ("http_500", 1),
        ("cut_answer", 1),
        ("wrong_signature", 1),
    ] {
        shop.fault(wallet, "reverse", fault, times).await;
    }
    // One waits for its payer for ever, one never arrived.
    let plays = ["91", "97", "91", "97"].map(async |digits| {
        let number = fresh("recall");
        let till = &shop.demo.till;
        let answer = till.order(&number, amount(), &wallet.code(digits)).await;
        assert_told(&answer, End::Reversed);
        shop.settled(&number, 2).await;
    });
    join_all(plays).await;
    shop.faults_happened(wallet).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_fails_for_a_while_does_not_fail_the_order() {
    let shop = Shop::open("queries").await;
    let plays = BOTH.map(async |wallet| {
        for (fault, digits) in [
            // Alipay tells of such a payment, too; here it does not.
            ("http_500", "90"),
            ("wrong_signature", "96"),
            ("silent_before", "95"),
            ("cut_answer", "99"),
        ] {
            shop.fault(wallet, "query", fault, 2).await;
            if wallet == Wallet::Alipay {
                shop.fault(wallet, "pay", "no_notifications", 1).await;
            }
            let number = fresh("queries");
            let till = &shop.demo.till;
            let answer = till.order(&number, amount(), &wallet.code(digits)).await;
            assert_told(&answer, End::Paid);
            shop.settled(&number, 1).await;
            shop.faults_happened(wallet).await;
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_no_query_ever_shows_is_reversed_and_its_money_goes_back() {
    let shop = Shop::open("blind").await;
    let plays = BOTH.map(async |wallet| {
        let sandbox = &shop.demo.sandbox;
        sandbox.set_fault(wallet.name(), "query", "http_500").await;
        let number = fresh("blind");
        let till = &shop.demo.till;
        // Paid at the channel, whose answer is lost; Alipay's notification is lost, too.
        sandbox
            .set_fault(wallet.name(), "pay", "no_notifications")
            .await;
        let answer = till.order(&number, amount(), &wallet.code("96")).await;
        assert_told(&answer, End::Reversed);
        let (end, _) = shop.settled(&number, 2).await;
        let belief = sandbox.belief(end.str("trade_no")).await.unwrap();
        assert!(belief.was_charged && !belief.is_paid, "{belief:?}");
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_from_another_connection_is_heard_by_both() {
    let shop = Shop::open("cancel").await;
    let plays = BOTH.map(|wallet| {
        // The payer never confirms, or the channel never got the payment.
        join_all(["91", "97"].map(|digits| cancelled(&shop, wallet, digits)))
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

async fn cancelled(shop: &Shop, wallet: Wallet, digits: &str) {
    let (number, code, fen) = (fresh("cancel"), wallet.code(digits), amount());
    let (till, sent) = (shop.demo.till.clone(), number.clone());
    let call = tokio::spawn(async move { till.order(&sent, fen, &code).await });
    eventually("the order is in the books", async || {
        shop.demo.till.query(&number).await.state()
    })
    .await;
    let cancelled = eventually("the order is 15 s old", async || {
        let answer = shop.cancel(&number).await;
        (answer.outcome() != "CANCEL_TOO_EARLY").then_some(answer)
    })
    .await;
    assert_eq!(cancelled.outcome(), "SUCCESS", "{}", cancelled.text);
    let told = call.await.unwrap();
    assert_eq!(told.outcome(), "AREADY_REVOKED", "{}", told.text);
    assert_eq!(told.state(), Some(2), "{}", told.text);
    let again = shop.cancel(&number).await;
    assert_eq!(again.outcome(), "AREADY_REVOKED", "{}", again.text);
    shop.settled(&number, 2).await;
}
