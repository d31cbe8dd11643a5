//! Page orders come to their end: by the clock, or although the channel's answers are bad.

use futures::future::join_all;

use super::shop::{BOTH, Shop, Wallet, amount, count};
use crate::harness::fresh;

fn closed_word(wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::Wechat => "CLOSED",
        Wallet::Alipay => "TRADE_CLOSED",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_order_that_nobody_pays_expires_here_and_at_the_channel() {
    let shop = Shop::open("expiry").await;
    let plays = BOTH.map(async |wallet| {
        let page = shop.page(wallet, "/expiry", 1).await;
        assert_expires(&shop, wallet, &page.number, &page.code).await;
    });
    join_all(plays).await;
    assert!(shop.receiver.heard("/expiry").is_empty());
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_nobody_pays_expires_here_and_at_the_channels() {
    let shop = Shop::open("expiry-qr").await;
    let plays = BOTH.map(async |wallet| {
        let qr = shop.qr("/expiry", 1).await;
        let code = shop.hand_over(&qr, wallet).await;
        assert_expires(&shop, wallet, &qr.number, &code).await;
    });
    join_all(plays).await;
    assert!(shop.receiver.heard("/expiry").is_empty());
    shop.assert_books_balance();
}

async fn assert_expires(shop: &Shop, wallet: Wallet, number: &str, code: &str) {
    let (_, story) = shop.settled(number, 2).await;
    for attempt in shop.attempts(number) {
        let word = shop.channel_state(&attempt.number).await;
        assert_eq!(word, closed_word(wallet), "{story}");
    }
    let refused = shop.demo.sandbox.try_pay(code).await;
    assert!(refused.is_err(), "{refused:?}");
    let closed = shop.close(number).await;
    assert_eq!(closed.outcome(), "ORDER_FAILED", "{}", closed.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_order_is_closed_at_the_channel_whatever_its_first_answers() {
    let shop = Shop::open("closing").await;
    let plays = BOTH.map(async |wallet| {
        for fault in [
            "http_500",
            "silent_after",
            "cut_answer",
            "wrong_signature",
            "stale_timestamp",
            "early_close_refused",
        ] {
            // WeChat's page orders are v2, its codes v3.
            let page = shop.page(wallet, "/closing", 5).await;
            let qr = shop.qr("/closing", 5).await;
            shop.hand_over(&qr, wallet).await;
            for number in [&page.number, &qr.number] {
                shop.fault(wallet, "close", fault, 1).await;
                let closed = shop.close(number).await;
                assert_eq!(closed.outcome(), "SUCCESS", "{}", closed.text);
                shop.faults_happened(wallet).await;
            }
            for number in [&page.number, &qr.number] {
                let (_, story) = shop.settled(number, 6).await;
                let attempt = shop.attempts(number).remove(0);
                let word = shop.channel_state(&attempt.number).await;
                assert_eq!(word, closed_word(wallet), "{fault}: {story}");
                let again = shop.close(number).await;
                assert_eq!(again.outcome(), "SUCCESS", "{}", again.text);
            }
        }
    });
    join_all(plays).await;
    assert!(shop.receiver.heard("/closing").is_empty());
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prepay_whose_first_answer_is_bad_is_asked_for_again() {
    let shop = Shop::open("prepays").await;
    let plays = BOTH.map(async |wallet| {
        for fault in [
            "silent_before",
            "silent_after",
            "http_500",
            "cut_answer",
            "wrong_signature",
            "stale_timestamp",
        ] {
            let path = format!("/{}-{fault}", wallet.name());
            shop.fault(wallet, "prepay", fault, 1).await;
            let page = shop.page(wallet, &path, 5).await;
            shop.faults_happened(wallet).await;
            shop.demo.sandbox.pay(&page.code).await;
            shop.receiver.wait(&path, 1).await;
            shop.fault(wallet, "prepay", fault, 1).await;
            let qr = shop.qr(&path, 5).await;
            shop.demo.sandbox.scan(&qr.url, wallet.name()).await;
            shop.faults_happened(wallet).await;
            shop.receiver.wait(&path, 2).await;
            for number in [&page.number, &qr.number] {
                let (_, story) = shop.settled(number, 1).await;
                assert_eq!(count(&story, "  attempt "), 1, "{story}");
            }
            assert_eq!(shop.receiver.heard(&path).len(), 2);
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_whose_prepay_never_works_can_be_paid_with_the_other_wallet() {
    let shop = Shop::open("other").await;
    for broken in BOTH {
        let path = format!("/{}", broken.name());
        let qr = shop.qr(&path, 5).await;
        let sandbox = &shop.demo.sandbox;
        sandbox.set_fault(broken.name(), "prepay", "http_500").await;
        let refused = sandbox.try_scan(&qr.url, broken.name()).await;
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(shop.demo.till.query(&qr.number).await.state(), Some(0));
        sandbox.scan(&qr.url, broken.other().name()).await;
        shop.receiver.wait(&path, 1).await;
        shop.settled(&qr.number, 1).await;
        sandbox.clear_faults().await;
    }
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_order_that_the_channel_never_took_has_failed() {
    let shop = Shop::open("nowhere").await;
    let plays = BOTH.map(async |wallet| {
        shop.fault(wallet, "prepay", "http_500", 2).await;
        let number = fresh("nowhere");
        let answer = shop.try_page(wallet, &number, amount(), "/none", 5).await;
        assert_eq!(answer.outcome(), "IO_EXCEPTION", "{}", answer.text);
        shop.settled(&number, 6).await;
    });
    join_all(plays).await;
    shop.assert_books_balance();
}
