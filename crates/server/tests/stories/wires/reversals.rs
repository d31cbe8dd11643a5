//! Story: a channel confirms a reversal and takes the money all the same, or keeps it. It is asked
//! twice more, after one minute and after ten, and what it has goes back to the payer (row C7,
//! ruling 61).

use crate::harness::{
    AgentTill, Belief, Demo, PayWay, Setup, Wallet, XmlTill, eventually, fresh, order_number,
    xml_number,
};

const FACTOR: u64 = 12;
/// When the money comes after the reversal, in virtual ms.
const LATE_MS: i64 = 20_000;

/// The payer has nothing to complain about: charged, and all of it given back, by whatever means.
fn is_back(belief: &Belief) -> bool {
    belief.was_charged && (!belief.is_paid || belief.refunded_fen == belief.total_fen)
}

async fn assert_goes_back(setup: &Setup, demo: &Demo, number: &str) {
    let upstream = setup.upstream_number(number);
    let what = format!("the money of {number} goes back");
    eventually(&what, async || {
        let belief = demo.sandbox.belief(&upstream).await;
        belief.filter(is_back)
    })
    .await;
    let story = eventually("the books have it", async || {
        let story = setup.story(number);
        story.contains("surplus_returned").then_some(story)
    })
    .await;
    assert!(story.contains("surplus_arrived"), "{story}");
}

/// Nobody is notified: only who asks can find the money.
async fn pays_after_the_reversal(demo: &Demo, channel: &str) {
    let sandbox = &demo.sandbox;
    sandbox
        .set_fault(channel, "reverse", "no_notifications")
        .await;
    sandbox
        .set_fault_for(channel, "reverse", "late_success", Some(1), Some(LATE_MS))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_by_code_that_arrives_after_its_reversal_is_found_and_given_back() {
    let setup = Setup::new("late-code", FACTOR);
    let demo = setup.start().await;
    pays_after_the_reversal(&demo, "wechat").await;
    let number = fresh("late");
    let answer = demo
        .till
        .order(&number, 300, &Wallet::Wechat.code("97"))
        .await;
    assert_eq!(answer.state(), Some(2), "reversed: {answer:?}");
    assert_goes_back(&setup, &demo, &number).await;
    let known = demo.till.query(&number).await;
    assert_eq!(known.state(), Some(2), "an end is an end: {known:?}");
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_by_unionpays_code_too() {
    let setup = Setup::new("late-unionpay", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    pays_after_the_reversal(&demo, "unionpay").await;
    let number = xml_number("late");
    let answer = till
        .pay(&number, 300, &PayWay::Unionpay.code("97"), &[])
        .await;
    assert_eq!(answer.outcome(), "status 0", "{}", answer.text);
    eventually("nobody knows, so it is made as if not paid", async || {
        let known = till.query(&number).await;
        (known.outcome() == "status 6").then_some(())
    })
    .await;
    assert_goes_back(&setup, &demo, &number).await;
    assert_eq!(till.query(&number).await.outcome(), "status 6");
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_confirms_a_reversal_and_keeps_the_money_is_made_to_refund_it() {
    let setup = Setup::new("kept-money", FACTOR);
    let demo = setup.start().await;
    let till: &AgentTill = &demo.agent();
    for wallet in [Wallet::Wechat, Wallet::Alipay] {
        demo.sandbox
            .set_fault_for(wallet.name(), "reverse", "keeps_money", Some(1), None)
            .await;
        let number = order_number("kept");
        let paid = till.pay(&number, 300, &wallet.code("00")).await;
        assert_eq!(paid.outcome(), "SUCCESS 10000 SUCCESS", "{}", paid.text);
        let cancelled = till.cancel(&number).await;
        assert_eq!(
            cancelled.outcome(),
            "SUCCESS 10000 SUCCESS",
            "{}",
            cancelled.text
        );
        assert_eq!(demo.sandbox.faults_left(wallet.name()).await, 0);
        let belief = demo.sandbox.belief(&setup.upstream_number(&number)).await;
        assert!(belief.unwrap().is_paid, "the channel has the money");
        assert_goes_back(&setup, &demo, &number).await;
        let known = till.query(&number).await;
        assert_eq!(known.outcome(), "SUCCESS 10005 FAIL", "{}", known.text);
    }
    setup.assert_books_balance();
}
