//! Refunds on bad days: the channel's answer is lost or spoiled, or it takes the refund and then
//! fails it.

use futures::future::join_all;

use super::shop::{BOTH, Shop, Wallet, amount};
use crate::harness::{Answer, Json, eventually, fresh};

async fn paid(shop: &Shop, wallet: Wallet) -> (String, i64, String) {
    let (number, fen) = (fresh("sold"), amount());
    let answer = shop.demo.till.order(&number, fen, &wallet.code("00")).await;
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    (number, fen, answer.str("trade_no").to_owned())
}

async fn ended(shop: &Shop, refund: &str) -> Answer {
    eventually(&format!("{refund} has ended"), async || {
        let answer = shop.demo.till.refund_query(refund).await;
        let status = answer.data().and_then(|data| data.get("trade_status"));
        (status != Some(&"refunding".into())).then_some(answer)
    })
    .await
}

/// Refunds at the channel that moved money or may yet.
async fn refunds_at_channel(shop: &Shop, number: &str) -> usize {
    let order = shop.demo.sandbox.order(number).await.unwrap();
    let refunds = order.get("refunds").map_or(&[][..], Json::list);
    let open = refunds.iter().filter(|one| one.str("state") != "CLOSED");
    open.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_whose_answer_is_lost_or_spoiled_is_made_once() {
    let shop = Shop::open("refunded").await;
    let plays = BOTH.map(async |wallet| {
        for fault in [
            "silent_before",
            "silent_after",
            "http_500",
            "cut_answer",
            "wrong_signature",
            "stale_timestamp",
        ] {
            let (number, fen, trade_no) = paid(&shop, wallet).await;
            let refund = fresh("back");
            shop.fault(wallet, "refund", fault, 1).await;
            let answer = shop.demo.till.refund(&number, &refund, fen).await;
            assert_eq!(answer.outcome(), "SUCCESS", "{fault}: {}", answer.text);
            let end = ended(&shop, &refund).await;
            assert_eq!(end.str("trade_status"), "succ", "{fault}: {}", end.text);
            shop.settled(&number, 5).await;
            assert_eq!(refunds_at_channel(&shop, &trade_no).await, 1, "{fault}");
            shop.faults_happened(wallet).await;
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_is_told_once_even_if_its_notification_is_early_double_or_lost() {
    let shop = Shop::open("told").await;
    let plays = BOTH.map(async |wallet| {
        for fault in [
            "early_notifications",
            "duplicate_notifications",
            "no_notifications",
        ] {
            let (number, fen, trade_no) = paid(&shop, wallet).await;
            shop.fault(wallet, "refund", fault, 1).await;
            let refund = fresh("back");
            let half = fen / 2;
            let answer = shop.demo.till.refund(&number, &refund, half).await;
            assert_eq!(answer.outcome(), "SUCCESS", "{fault}: {}", answer.text);
            assert_eq!(ended(&shop, &refund).await.str("trade_status"), "succ");
            let (end, story) = shop.settled(&number, 4).await;
            assert_eq!(end.data().unwrap().int("refund_fee"), half, "{story}");
            assert_eq!(refunds_at_channel(&shop, &trade_no).await, 1, "{fault}");
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_fails_frees_its_amount() {
    let shop = Shop::open("failed").await;
    let plays = BOTH.map(async |wallet| {
        // It fails while the till waits, or long after.
        join_all([500, 9_000].map(|ms| failing_refund(&shop, wallet, ms))).await;
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

async fn failing_refund(shop: &Shop, wallet: Wallet, ms: i64) {
    let (number, fen, trade_no) = paid(shop, wallet).await;
    let sandbox = &shop.demo.sandbox;
    let fault = "refund_pending_then_fails";
    sandbox
        .set_fault_for(wallet.name(), "refund", fault, Some(1), Some(ms))
        .await;
    let refund = fresh("fails");
    let answer = shop.demo.till.refund(&number, &refund, fen).await;
    // Accepted and under way, or refused in the channel's word: never finished.
    if answer.outcome() == "SUCCESS" {
        assert!(
            answer.data().unwrap().get("end_time").is_none(),
            "{}",
            answer.text
        );
    } else {
        let words = ["CLOSED", "REFUND_FAIL"];
        assert!(words.contains(&answer.outcome()), "{}", answer.text);
    }
    let end = ended(shop, &refund).await;
    assert_eq!(end.str("trade_status"), "fail", "{}", end.text);
    let (after, _) = shop.settled(&number, 9).await;
    assert!(
        after.data().unwrap().get("refund_fee").is_none(),
        "{}",
        after.text
    );

    let repeat = shop.demo.till.refund(&number, &refund, fen).await;
    assert_eq!(repeat.outcome(), "SERIAL_REPEAT", "{}", repeat.text);
    let second = fresh("works");
    let answer = shop.demo.till.refund(&number, &second, fen).await;
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    let too_much = shop.demo.till.refund(&number, &fresh("more"), 1).await;
    assert_eq!(too_much.outcome(), "AMT_ERROR", "{}", too_much.text);
    let end = ended(shop, &second).await;
    assert_eq!(end.str("trade_status"), "succ", "{}", end.text);
    let (after, _) = shop.settled(&number, 5).await;
    assert_eq!(
        after.data().unwrap().int("refund_fee"),
        fen,
        "{}",
        after.text
    );
    assert_eq!(refunds_at_channel(shop, &trade_no).await, 1);
}
