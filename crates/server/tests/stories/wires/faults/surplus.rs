//! Money that no order wants: it comes after the end, or a second time. It is booked and goes back.

use futures::future::join_all;

use super::shop::{BOTH, Shop, Wallet, amount, assert_surplus_given_back, count, is_nothing_final};
use crate::harness::fresh;

/// Settled in `state`, with one surplus that came and went; the merchant heard `notices`
/// notifications.
async fn assert_given_back(shop: &Shop, number: &str, state: i64, path: &str, notices: usize) {
    let story = eventually_surplus(shop, number).await;
    let (answer, _) = shop.settled(number, state).await;
    assert_surplus_given_back(&story);
    assert_eq!(
        shop.receiver.heard(path).len(),
        notices,
        "{}\n{story}",
        answer.text
    );
}

async fn eventually_surplus(shop: &Shop, number: &str) -> String {
    crate::harness::eventually(&format!("{number}: the surplus went back"), async || {
        let story = shop.story(number);
        (count(&story, "surplus_returned") >= 2).then_some(story)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_arrives_after_a_reversal_goes_back() {
    let shop = Shop::open("late").await;
    let plays = ["91", "97"].map(async |digits| {
        shop.fault(Wallet::Alipay, "reverse", "late_success", 1)
            .await;
        let number = fresh("late");
        let code = Wallet::Alipay.code(digits);
        let answer = shop.demo.till.order(&number, amount(), &code).await;
        let is_revoked = answer.outcome() == "AREADY_REVOKED";
        assert!(is_revoked || is_nothing_final(&answer), "{}", answer.text);
        assert_given_back(&shop, &number, 2, "/none", 0).await;
        let end = shop.demo.till.query(&number).await;
        let belief = shop.demo.sandbox.belief(end.str("trade_no")).await;
        let belief = belief.unwrap();
        assert!(belief.was_charged && !belief.is_paid, "{belief:?}");
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_arrives_after_a_close_goes_back() {
    let shop = Shop::open("closed").await;
    let plays = BOTH.map(async |wallet| {
        let path = format!("/{}", wallet.name());
        shop.fault(wallet, "close", "late_success", 1).await;
        let page = shop.page(wallet, &path, 5).await;
        let closed = shop.close(&page.number).await;
        assert_eq!(closed.outcome(), "SUCCESS", "{}", closed.text);
        assert_eq!(shop.demo.till.query(&page.number).await.state(), Some(6));
        assert_given_back(&shop, &page.number, 6, &path, 0).await;
        let order = shop.demo.sandbox.order(&page.trade_no).await.unwrap();
        assert!(order.get("paid").unwrap().to_string() == "true", "{order}");
        match wallet {
            Wallet::Alipay => assert_eq!(order.get("money_back").unwrap().to_string(), "true"),
            Wallet::Wechat => assert_eq!(order.int("refunded_fen"), page.fen),
        }
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payer_who_pays_a_closed_page_gets_the_money_back() {
    let shop = Shop::open("anyway").await;
    let plays = BOTH.map(async |wallet| {
        for (index, fault) in ["http_500", "early_close_refused", "silent_before"]
            .iter()
            .enumerate()
        {
            let path = format!("/{}-{fault}", wallet.name());
            let page = shop.page(wallet, &path, 5).await;
            // The channel is not told of the close for a while, and in one case tells nobody of the
            // payment.
            shop.fault(wallet, "close", fault, 2).await;
            if index == 1 {
                shop.fault(wallet, "pay", "no_notifications", 1).await;
            }
            let closed = shop.close(&page.number).await;
            assert_eq!(closed.outcome(), "SUCCESS", "{}", closed.text);
            shop.demo.sandbox.pay(&page.code).await;
            assert_given_back(&shop, &page.number, 6, &path, 0).await;
            shop.demo.sandbox.clear_faults().await;
        }
    });
    for play in plays {
        play.await;
    }
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payer_who_pays_a_closed_code_gets_the_money_back() {
    let shop = Shop::open("closed-qr").await;
    let plays = BOTH.map(async |wallet| {
        let path = format!("/{}", wallet.name());
        let qr = shop.qr(&path, 5).await;
        let code = shop.hand_over(&qr, wallet).await;
        shop.fault(wallet, "close", "http_500", 1).await;
        let closed = shop.close(&qr.number).await;
        assert_eq!(closed.outcome(), "SUCCESS", "{}", closed.text);
        shop.demo.sandbox.pay(&code).await;
        assert_given_back(&shop, &qr.number, 6, &path, 0).await;
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_wallets_that_pay_one_code_the_second_gets_its_money_back() {
    let shop = Shop::open("two").await;
    for first in BOTH {
        let path = format!("/{}-first", first.name());
        let second = first.other();
        let qr = shop.qr(&path, 5).await;
        let code = shop.hand_over(&qr, second).await;
        // The channel of the second wallet hears late that the order is paid.
        shop.fault(second, "close", "http_500", 1).await;
        shop.demo.sandbox.scan(&qr.url, first.name()).await;
        shop.receiver.wait(&path, 1).await;
        shop.demo.sandbox.pay(&code).await;
        assert_given_back(&shop, &qr.number, 1, &path, 1).await;
        let attempts = shop.attempts(&qr.number);
        let state_of = |wallet: Wallet| {
            let of_wallet = attempts.iter().filter(|one| one.wallet == wallet.name());
            of_wallet.map(|one| one.state.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(state_of(first), ["paid"], "{attempts:?}");
        assert_eq!(state_of(second), ["reversed"], "{attempts:?}");
    }
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_one_wallet_has_paid_a_code_the_other_cannot() {
    let shop = Shop::open("once").await;
    for first in BOTH {
        let path = format!("/{}-first", first.name());
        let second = first.other();
        let qr = shop.qr(&path, 5).await;
        let code = shop.hand_over(&qr, second).await;
        shop.demo.sandbox.scan(&qr.url, first.name()).await;
        shop.settled(&qr.number, 1).await;
        let refused = shop.demo.sandbox.try_pay(&code).await;
        assert!(refused.is_err(), "{refused:?}");
        let turned_away = shop.demo.sandbox.try_scan(&qr.url, second.name()).await;
        assert!(turned_away.is_err(), "{turned_away:?}");
        let (_, story) = shop.settled(&qr.number, 1).await;
        assert_eq!(count(&story, "surplus"), 0, "{story}");
        assert_eq!(shop.receiver.heard(&path).len(), 1);
    }
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_prepay_was_never_answered_is_no_order_and_its_money_goes_back() {
    let shop = Shop::open("prepay").await;
    let plays = BOTH.map(async |wallet| {
        let path = format!("/{}", wallet.name());
        shop.fault(wallet, "prepay", "silent_after", 2).await;
        // The close that follows is kept away until the payer has paid.
        shop.fault(wallet, "close", "http_500", 100).await;
        let number = fresh("prepay");
        let answer = shop.try_page(wallet, &number, amount(), &path, 5).await;
        assert_eq!(answer.outcome(), "IO_EXCEPTION", "{}", answer.text);
        assert_eq!(shop.demo.till.query(&number).await.state(), Some(6));
        // Nobody was given it, yet somebody pays it.
        let attempt = shop.attempts(&number).remove(0);
        let order = shop.demo.sandbox.order(&attempt.number).await.unwrap();
        let name = match wallet {
            Wallet::Wechat => "prepay_id",
            Wallet::Alipay => "transaction_id",
        };
        shop.demo.sandbox.pay(order.str(name)).await;
        assert_given_back(&shop, &number, 6, &path, 0).await;
    });
    join_all(plays).await;
    shop.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_fails_to_go_back_is_given_back_again() {
    let shop = Shop::open("again").await;
    let wallet = Wallet::Wechat;
    shop.fault(wallet, "close", "late_success", 2).await;
    let fails = "refund_pending_then_fails";
    shop.fault(wallet, "refund", fails, 2).await;
    // One of the two failures is told, one is to be asked for.
    shop.fault(wallet, "refund", "no_notifications", 1).await;
    let plays = ["/one", "/two"].map(async |path| {
        let page = shop.page(wallet, path, 5).await;
        let closed = shop.close(&page.number).await;
        assert_eq!(closed.outcome(), "SUCCESS", "{}", closed.text);
        assert_given_back(&shop, &page.number, 6, path, 0).await;
        let order = shop.demo.sandbox.order(&page.trade_no).await.unwrap();
        assert_eq!(order.int("refunded_fen"), page.fen, "{order}");
    });
    join_all(plays).await;
    shop.assert_books_balance();
}
