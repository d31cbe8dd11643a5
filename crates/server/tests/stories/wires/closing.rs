//! Story: closing an order asks the channel first, always. A payer who paid a second ago is not
//! given back, and a channel that does not say whether the order is paid leaves it open until it
//! does (rulings 20, 64 and 65).

use crate::harness::{
    Demo, PAY_WAYS, PayWay, Setup, Wallet, XmlTill, eventually, fresh, is_job, order_number,
    xml_number,
};

const FACTOR: u64 = 12;

/// An order that waits for its payer, and the code to scan.
async fn waiting(till: &XmlTill, way: PayWay) -> (String, String) {
    let number = xml_number("close");
    let created = till.unified(way, "0", &number, 300, &[]).await;
    (number, created.str("td_code").to_owned())
}

/// What becomes of an order whose channel does not say how it stands.
async fn is_silent(demo: &Demo, channel: &str) {
    demo.sandbox
        .set_fault(channel, "query", "silent_before")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payer_who_paid_a_second_ago_is_not_given_back() {
    let setup = Setup::new("close-paid", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    for way in PAY_WAYS {
        demo.sandbox
            .set_fault(way.name(), "pay", "no_notifications")
            .await;
        let (number, code) = waiting(till, way).await;
        // Somebody has asked just now: a query within three seconds would not ask again.
        assert_eq!(till.query(&number).await.outcome(), "status 0");
        demo.sandbox.pay(&code).await;
        let closed = till.close(&number).await;
        assert_eq!(closed.outcome(), "error -20027", "{}", closed.text);
        assert_eq!(till.query(&number).await.outcome(), "status 2");
        let belief = demo.sandbox.belief(&setup.upstream_number(&number)).await;
        assert!(belief.unwrap().is_paid, "{way:?}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_channel_is_silent_stays_open_and_is_closed_when_it_speaks() {
    let setup = Setup::new("close-silent", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    for way in [PayWay::Wechat, PayWay::Unionpay] {
        let (unpaid, _) = waiting(till, way).await;
        let (paid, code) = waiting(till, way).await;
        demo.sandbox
            .set_fault(way.name(), "pay", "no_notifications")
            .await;
        is_silent(&demo, way.name()).await;
        for number in [&unpaid, &paid] {
            let closed = till.close(number).await;
            assert_eq!(closed.outcome(), "status 0", "{}", closed.text);
            let story = setup.story(number);
            assert!(story.contains("close_requested"), "{story}");
        }
        demo.sandbox.pay(&code).await;
        demo.sandbox.clear_faults().await;
        for (number, end) in [(&unpaid, "status 6"), (&paid, "status 2")] {
            eventually("the channel speaks, and it is decided", async || {
                let story = setup.story(number);
                (!story.lines().any(is_job)).then_some(())
            })
            .await;
            assert_eq!(till.query(number).await.outcome(), end);
        }
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_dialects_till_hears_that_the_service_is_not_available() {
    let setup = Setup::new("close-fufu", FACTOR);
    let demo = setup.start().await;
    let till = &demo.till;
    let number = fresh("close");
    let made = till.qr_order(&number, 300, "http://127.0.0.1:9/").await;
    demo.sandbox
        .scan_and_turn_away(made.str("qr_code"), "wechat")
        .await;
    is_silent(&demo, "wechat").await;
    let close = [
        ("operator_id", "oper01".into()),
        ("terminal_id", "dev01".into()),
        ("out_trade_no", number.as_str().into()),
    ];
    let answer = till.call("close", &close).await;
    assert_eq!(answer.outcome(), "SERVICE_UNAVAILABLE", "{answer:?}");
    assert!(
        answer.data().is_some(),
        "the operation's own word: {answer:?}"
    );
    demo.sandbox.clear_faults().await;
    eventually("it can be closed", async || {
        let answer = till.call("close", &close).await;
        (answer.outcome() == "SUCCESS").then_some(())
    })
    .await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_that_is_not_done_yet_is_to_be_queried() {
    let setup = Setup::new("cancel-later", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    for wallet in [Wallet::Wechat, Wallet::Alipay] {
        demo.sandbox
            .set_fault(wallet.name(), "reverse", "recall")
            .await;
        let number = order_number("later");
        let answer = till.pay(&number, 300, &wallet.code("91")).await;
        assert_eq!(
            answer.outcome(),
            "SUCCESS 10001 NEED_QUERY",
            "{}",
            answer.text
        );
        let cancelled = till.cancel(&number).await;
        assert_eq!(
            cancelled.outcome(),
            "SUCCESS 10001 NEED_QUERY",
            "{}",
            cancelled.text
        );
        demo.sandbox.clear_faults().await;
        eventually("the cancel is done", async || {
            let cancelled = till.cancel(&number).await;
            (cancelled.outcome() == "SUCCESS 10000 SUCCESS").then_some(())
        })
        .await;
        assert_eq!(till.query(&number).await.outcome(), "SUCCESS 10004 FAIL");
    }
    setup.assert_books_balance();
}
