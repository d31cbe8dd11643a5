//! The channels' notifications come twice, too early, or not at all; the merchant hears once.

use std::time::Duration;

use futures::future::join_all;

use super::shop::{BOTH, FACTOR, Shop, Wallet, amount, count};
use crate::harness::{Json, eventually, fresh, now};

/// How many notifications of the channel about this number were sent and acknowledged.
async fn acknowledged(shop: &Shop, number: &str) -> usize {
    let order = shop.demo.sandbox.order(number).await.unwrap();
    let notifications = order.get("notifications").map_or(&[][..], Json::list);
    let is_heard = |one: &&Json| {
        let sendings = one.get("sendings").map_or(&[][..], Json::list);
        let last = sendings.last();
        last.is_some_and(|one| one.get("acknowledged") == Some(&Json::Bool(true)))
    };
    notifications.iter().filter(is_heard).count()
}

/// Paid, booked once, told to the merchant once, though the channel spoke `spoken` times.
async fn assert_heard_once(shop: &Shop, number: &str, path: &str, spoken: usize) {
    shop.receiver.wait(path, 1).await;
    let attempts = shop.attempts(number);
    let paid = attempts.iter().find(|one| one.state == "paid").unwrap();
    eventually("the channel was heard each time", async || {
        (acknowledged(shop, &paid.number).await == spoken).then_some(())
    })
    .await;
    let (_, story) = shop.settled(number, 1).await;
    assert_eq!(count(&story, "journal   payment_received"), 1, "{story}");
    assert_eq!(count(&story, "event     paid"), 1, "{story}");
    assert_eq!(count(&story, "event     notification_due"), 1, "{story}");
    assert_eq!(count(&story, "surplus"), 0, "{story}");
    assert_eq!(count(&story, "evidence_refused"), 0, "{story}");
    assert_eq!(shop.receiver.heard(path).len(), 1, "{story}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_the_channel_tells_twice_or_early_is_booked_and_told_once() {
    let shop = Shop::open("twice").await;
    let plays = BOTH.map(async |wallet| {
        let name = wallet.name();
        for faults in [
            &["duplicate_notifications"][..],
            &["early_notifications"],
            &["early_notifications", "duplicate_notifications"],
        ] {
            let spoken = if faults.contains(&"duplicate_notifications") {
                2
            } else {
                1
            };
            let path = |kind: &str| format!("/{name}-{}-{kind}", faults.join("-"));
            let set = async || {
                for fault in faults {
                    shop.fault(wallet, "pay", fault, 1).await;
                }
            };
            set().await;
            let page = shop.page(wallet, &path("page"), 5).await;
            shop.demo.sandbox.pay(&page.code).await;
            assert_heard_once(&shop, &page.number, &path("page"), spoken).await;
            set().await;
            let qr = shop.qr(&path("qr"), 5).await;
            shop.demo.sandbox.scan(&qr.url, name).await;
            assert_heard_once(&shop, &qr.number, &path("qr"), spoken).await;
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_that_overtakes_the_answer_of_a_barcode_payment_changes_nothing() {
    let shop = Shop::open("early").await;
    let wallet = Wallet::Alipay;
    for fault in ["early_notifications", "duplicate_notifications"] {
        shop.fault(wallet, "pay", fault, 2).await;
    }
    for digits in ["00", "96"] {
        let number = fresh("early");
        let code = wallet.code(digits);
        let answer = shop.demo.till.order(&number, amount(), &code).await;
        assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
        eventually("both were heard", async || {
            (acknowledged(&shop, answer.str("trade_no")).await == 2).then_some(())
        })
        .await;
        let (_, story) = shop.settled(&number, 1).await;
        assert_eq!(count(&story, "journal   payment_received"), 1, "{story}");
        assert_eq!(count(&story, "surplus"), 0, "{story}");
    }
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_the_channel_tells_nobody_is_found_by_a_query() {
    let shop = Shop::open("untold").await;
    let plays = BOTH.map(async |wallet| {
        let name = wallet.name();
        shop.fault(wallet, "pay", "no_notifications", 2).await;
        // The first answers to the question are bad, too.
        shop.fault(wallet, "query", "stale_timestamp", 1).await;
        shop.fault(wallet, "query", "wrong_signature", 1).await;
        let paths = ["page", "qr"].map(|kind| format!("/{name}-{kind}"));
        let page = shop.page(wallet, &paths[0], 60).await;
        let qr = shop.qr(&paths[1], 60).await;
        shop.demo.sandbox.pay(&page.code).await;
        shop.demo.sandbox.scan(&qr.url, name).await;
        for (number, path) in [(&page.number, &paths[0]), (&qr.number, &paths[1])] {
            shop.settled(number, 1).await;
            assert_heard_once(&shop, number, path, 0).await;
        }
        shop.faults_happened(wallet).await;
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_finds_the_payment_of_either_wallet_that_has_the_code() {
    let shop = Shop::open("which").await;
    for payer in BOTH {
        // Both wallets have the order; either may be the one that pays, and nobody says so.
        for first in BOTH {
            let path = format!("/{}-{}", first.name(), payer.name());
            shop.fault(payer, "pay", "no_notifications", 1).await;
            let qr = shop.qr(&path, 60).await;
            let codes = [
                (first, shop.hand_over(&qr, first).await),
                (first.other(), shop.hand_over(&qr, first.other()).await),
            ];
            let code = codes.iter().find(|(wallet, _)| *wallet == payer).unwrap();
            shop.demo.sandbox.pay(&code.1).await;
            // A till that asks every four seconds: each question may be put to a channel.
            let mut asked = now();
            eventually("a question finds it", async || {
                if asked.elapsed() < Duration::from_secs(4) / FACTOR {
                    return None;
                }
                asked = now();
                let answer = shop.demo.till.query(&qr.number).await;
                (answer.state() == Some(1)).then_some(())
            })
            .await;
            assert_heard_once(&shop, &qr.number, &path, 0).await;
        }
    }
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_the_channel_tells_nobody_is_found_when_the_order_expires() {
    let shop = Shop::open("at-expiry").await;
    let plays = BOTH.map(async |wallet| {
        let name = wallet.name();
        shop.fault(wallet, "pay", "no_notifications", 2).await;
        let paths = ["page", "qr"].map(|kind| format!("/{name}-{kind}"));
        let page = shop.page(wallet, &paths[0], 1).await;
        let qr = shop.qr(&paths[1], 1).await;
        shop.demo.sandbox.pay(&page.code).await;
        shop.demo.sandbox.scan(&qr.url, name).await;
        for (number, path) in [(&page.number, &paths[0]), (&qr.number, &paths[1])] {
            // Nobody asks: only the clock can find it.
            assert_heard_once(&shop, number, path, 0).await;
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}
