//! Story: a channel is reached, but TLS cannot be made with it. The till hears that no payment went
//! out, each wire in its own word; the order is over, and the other wallet pays.

use crate::harness::{
    Demo, PayWay, Setup, Wallet, XmlTill, fresh, order_number, spoken, xml_number,
};

const FACTOR: u64 = 10;
/// Sends Alipay's calls to the sandbox, which speaks no TLS, as if it did.
fn unsecure(setup: &Setup, demo: &Demo) {
    let sandbox = demo.about.str("sandbox");
    let gateway_url = format!(
        "gateway_url={}/alipay/gateway.do",
        sandbox.replacen("http:", "https:", 1)
    );
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../vault/tests/data");
    for account in ["alipay-sandbox", "alipay-held-sandbox"] {
        let output = setup.run(&[
            "channels",
            "put",
            account,
            "--channel",
            "alipay_isv",
            "--setting",
            &gateway_url,
            "--setting",
            &format!("oauth_url={sandbox}/alipay/oauth2/publicAppAuthorize.htm"),
            "--setting",
            "app_id=2021000000000001",
            "--key",
            &format!("app_private=@{keys}/test-private.pem"),
            "--key",
            &format!("alipay_public=@{keys}/test-public.pem"),
        ]);
        assert!(output.status.success(), "{}", spoken(&output));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_cannot_be_secured_is_told_in_each_wires_word() {
    let setup = Setup::new("unsecured", FACTOR);
    let demo = setup.start().await;
    unsecure(&setup, &demo);
    let (agent, xml) = (demo.agent(), XmlTill::of(&demo));

    let (number, code) = (fresh("order"), Wallet::Alipay.code("00"));
    let paid = demo.till.order(&number, 100, &code).await;
    let word = "CREATE_SECURITY_CONNECTION_ERROR";
    assert_eq!(paid.outcome(), word, "{}", paid.text);
    let asked = demo.till.query(&number).await;
    assert_eq!(asked.state(), Some(6), "{}", asked.text);

    let (number, code) = (order_number("order"), Wallet::Alipay.code("00"));
    let paid = agent.pay(&number, 100, &code).await;
    assert_eq!(paid.outcome(), "FAIL 30001 FAIL", "{}", paid.text);

    let (number, code) = (xml_number("order"), PayWay::Alipay.code("00"));
    let paid = xml.pay(&number, 100, &code, &[]).await;
    assert_eq!(paid.outcome(), "error -20010", "{}", paid.text);

    // The other wallet is none the worse.
    let (number, code) = (fresh("order"), Wallet::Wechat.code("00"));
    let paid = demo.till.order(&number, 100, &code).await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    setup.assert_books_balance();
}
