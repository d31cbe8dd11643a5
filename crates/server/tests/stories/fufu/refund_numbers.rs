//! Story: the first wire's order query also finds refunds by either of their numbers (ruling 55),
//! an order goes first where both carry the number, and nobody finds what is another merchant's.

use crate::harness::{Json, Setup, Till, Wallet, eventually, fresh};

const FACTOR: u64 = 10;
const REFUNDED: i64 = 11;

/// The demo's second merchant on this wire.
const OTHER_MERCHANT: (&str, &str) = ("581010199011345", "11111111111111111111111111111111");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_by_a_refunds_number_tells_the_refund_to_its_merchant_only() {
    let setup = Setup::new("refund-numbers", FACTOR);
    let demo = setup.start().await;
    let till = &demo.till;
    let (order, refund) = (fresh("order"), fresh("refund"));
    let paid = till.order(&order, 100, &Wallet::Wechat.code("00")).await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    let made = till.refund(&order, &refund, 40).await;
    assert_eq!(made.outcome(), "SUCCESS", "{}", made.text);
    let told = eventually("the refund is done", async || {
        let told = till.query(&refund).await;
        (told.state() == Some(REFUNDED)).then_some(told)
    });
    let told = told.await;
    let platform_number = told.str("trade_no").to_owned();
    assert_eq!(told.str("out_trade_no"), refund, "{}", told.text);
    assert_ne!(platform_number, paid.str("trade_no"), "{}", told.text);

    // The same by our number of it, and not by another merchant.
    let by_ours = [("trade_no", Json::from(&*platform_number))];
    let again = till.call("query", &by_ours).await;
    assert_eq!(again.data(), told.data());
    let other = Till::new(&till.base, OTHER_MERCHANT.0, OTHER_MERCHANT.1);
    for members in [&by_ours, &[("out_trade_no", Json::from(&*refund))]] {
        let absent = other.call("query", members).await;
        assert_eq!(absent.outcome(), "CHARGE_NONEXISTENT", "{}", absent.text);
    }

    // An order of the refund's number goes before it.
    let same = till.order(&refund, 7, &Wallet::Alipay.code("00")).await;
    assert_eq!(same.outcome(), "SUCCESS", "{}", same.text);
    let told = till.query(&refund).await;
    assert_eq!(told.str("trade_no"), same.str("trade_no"), "{}", told.text);
    let told = till.refund_query(&refund).await;
    assert_eq!(told.str("refund_no"), platform_number, "{}", told.text);
    setup.assert_books_balance();
}
