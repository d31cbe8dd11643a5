//! Stories: an agent's keys take turns, and a merchant goes from its registration to its first
//! payment and out again.

use std::collections::BTreeSet;

use crate::harness::{
    AgentTill, Demo, REGISTER, Receiver, Setup, WECHAT_PRE_ORDER, decoded, eventually,
    form_verifies, order_number, random, spoken,
};
use futures::future::join_all;
use serde_json::Value;

const INFO: &str = "/Open/GetMchInfo";
const LOGIN_CODE: &str = "/Mch/GetMchSMSValid";
const LOGIN: &str = "/Mch/GetMchId";
const NEW_KEY: &str = "the_agents_next_key_0123456789ab";

fn operate(setup: &Setup, arguments: &[&str]) -> String {
    let output = setup.run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        spoken(&output)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn refused(setup: &Setup, arguments: &[&str]) {
    let output = setup.run(arguments);
    assert!(
        !output.status.success(),
        "{arguments:?}: {}",
        spoken(&output)
    );
}

/// An order is made with `till`'s key and paid; the notification that follows is `key`'s.
async fn assert_notified_with(demo: &Demo, receiver: &Receiver, till: &AgentTill, key: &str) {
    let number = order_number("turn");
    let path = format!("/{number}");
    let url = receiver.url(&path);
    let made = till.native(WECHAT_PRE_ORDER, &number, 8, &url).await;
    demo.sandbox.pay(made.str("code_url")).await;
    let heard = receiver.wait(&path, 1).await;
    let pairs = decoded(heard[0].text());
    assert!(form_verifies(key, &pairs), "{number}: {pairs:?}");
}

#[tokio::test]
async fn keys_of_an_agent_take_turns() {
    let setup = Setup::new("agent-keys", 1);
    let demo = setup.start().await;
    let receiver = Receiver::content().await;
    let old = demo.agent();
    let new = old.with_key(NEW_KEY);
    let members = [("mch_id", old.mch_id.as_str())];
    let rotate = ["agents", "rotate-key", old.agent_id.as_str()];
    let retire = [rotate.as_slice(), &["--retire"]].concat();

    operate(&setup, &[rotate.as_slice(), &["--key", NEW_KEY]].concat());
    refused(&setup, &retire);
    old.call(INFO, &members).await;
    assert_notified_with(&demo, &receiver, &old, &old.key).await;

    // The first request with the new key: from now on notifications are the new one's, answers are
    // the one's that was asked with.
    new.call(INFO, &members).await;
    let owner = format!("agent:chaoying:{}", old.agent_id);
    eventually("the new key is in use", async || {
        let keys = operate(&setup, &["keys", "list", &owner]);
        keys.contains("yes").then_some(())
    })
    .await;
    old.call(INFO, &members).await;
    assert_notified_with(&demo, &receiver, &old, NEW_KEY).await;

    // It holds over a restart.
    demo.kill();
    let demo = setup.start().await;
    let (old, new) = (demo.agent(), demo.agent().with_key(NEW_KEY));
    old.call(INFO, &members).await;
    assert_notified_with(&demo, &receiver, &old, NEW_KEY).await;

    operate(&setup, &retire);
    new.call(INFO, &members).await;
    let answer = old.try_call(INFO, &members).await.unwrap();
    assert_eq!(answer.code(), "20002", "{}", answer.text);
    operate(&setup, &["agents", "disable", &old.agent_id]);
    let answer = new.try_call(INFO, &members).await.unwrap();
    assert_eq!(answer.code(), "20012", "{}", answer.text);
    setup.assert_books_balance();
}

/// Signs in by a text message; the merchant's number and state.
async fn sign_in(demo: &Demo, till: &AgentTill, mobile: &str) -> (String, String) {
    let sent = till.call(LOGIN_CODE, &[("mobile", mobile)]).await;
    assert_eq!(
        (sent.state(), sent.code()),
        ("SUCCESS", "20"),
        "{}",
        sent.text
    );
    let text = demo.sandbox.text_message(mobile).await.unwrap();
    let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let code = digits.into_iter().find(|digits| digits.len() == 4).unwrap();
    let members = [("mobile", mobile), ("valid", code)];
    let found = till.call(LOGIN, &members).await;
    assert_eq!(found.outcome(), "SUCCESS 10000", "{}", found.text);
    assert_eq!(found.str("mch_trade_code").len(), 10, "{}", found.text);
    let again = till.call(LOGIN, &members).await;
    assert_eq!(again.code(), "20005", "a code is good once: {}", again.text);
    (
        found.str("mch_id").to_owned(),
        found.str("mch_state").to_owned(),
    )
}

#[tokio::test]
async fn a_merchant_applies_is_looked_at_trades_and_is_shut() {
    // An hour a minute, since a number gets one code a minute.
    let setup = Setup::new("agent-merchants", 60);
    let demo = setup.start().await;
    let till = demo.agent();
    let mobile = format!("139{:08}", random() % 100_000_000);
    let members = [
        ("FullName", "牛肉面馆有限公司"),
        ("ShortName", "牛肉面馆"),
        ("Mobile", &*mobile),
        ("username", &*mobile),
        ("password", "a password"),
        ("Linkman", "张三"),
    ];
    let tries = join_all((0..20).map(|_| till.call(REGISTER, &members))).await;
    let numbers: BTreeSet<&str> = tries.iter().map(|answer| answer.str("mch_id")).collect();
    assert_eq!(numbers.len(), 1, "{numbers:?}");
    let mch_id = numbers.first().unwrap().to_string();
    let shop = till.of_merchant(&mch_id);
    let mut other = members;
    (other[0].1, other[2].1) = ("别家面馆有限公司", "13800000000");
    let taken = till.call(REGISTER, &other).await;
    assert_eq!(
        (taken.code(), taken.str("msg")),
        ("20004", "参数错误：username已存在")
    );

    assert_eq!(
        sign_in(&demo, &till, &mobile).await,
        (mch_id.clone(), "0".into())
    );
    let login = [("username", &*mobile), ("password", "a password")];
    assert_eq!(till.call(LOGIN, &login).await.str("mch_state"), "0");
    let stranger = till.call(INFO, &[("mch_id", "f0000000000000009")]).await;
    assert_eq!(stranger.code(), "20005", "{}", stranger.text);
    let code = "134650000000000000";
    let early = shop.pay(&order_number("early"), 8, code).await;
    assert_eq!(
        early.code(),
        "20005",
        "nobody has looked at it: {}",
        early.text
    );

    let application = only_application(&setup, "auditing", &mch_id);
    let no = application["application_no"].as_str().unwrap();
    let merchant = application["merchant"].as_str().unwrap();
    refused(&setup, &["merchants", "enable", merchant]);
    refused(&setup, &["applications", "reject", no, "--reason", " "]);
    let reason = "the licence has ended";
    operate(&setup, &["applications", "reject", no, "--reason", reason]);
    let rejected = only_application(&setup, "rejected", &mch_id);
    assert_eq!(rejected["reason"], reason);
    assert_eq!(till.call(LOGIN, &login).await.str("mch_state"), "0");
    assert_eq!(till.call(REGISTER, &members).await.str("mch_id"), mch_id);
    let again = only_application(&setup, "auditing", &mch_id);
    assert_eq!(again["application_no"], no, "it is the same one");

    // As whom the sandbox's first merchant trades.
    let contract = "wechat=wechat-sandbox:0.38%:1900007109@wxce38685bc0500001";
    let pass = ["applications", "pass", no];
    let with = |contract: &'static str| [&pass[..], &["--contract", contract]].concat();
    refused(&setup, &with("wechat=wechat-sandbox:200%:1900007109"));
    only_application(&setup, "auditing", &mch_id);
    operate(&setup, &pass);
    assert_eq!(till.call(LOGIN, &login).await.str("mch_state"), "20");
    let bare = shop.pay(&order_number("bare"), 8, code).await;
    assert_eq!(bare.code(), "20013", "it has no contract: {}", bare.text);
    operate(&setup, &pass);
    refused(&setup, &with(contract));
    refused(&setup, &["applications", "reject", no, "--reason", reason]);
    operate(
        &setup,
        &["merchants", "edit", merchant, "--contract", contract],
    );
    let number = order_number("paid");
    let paid = shop.pay(&number, 8, code).await;
    assert_eq!(paid.outcome(), "SUCCESS 10000 SUCCESS", "{}", paid.text);

    operate(&setup, &["merchants", "disable", merchant]);
    let late = shop.pay(&order_number("late"), 8, code).await;
    assert_eq!(late.code(), "20005", "it is shut: {}", late.text);
    assert_eq!(shop.query(&number).await.code(), "10000", "queries go on");
    assert_eq!(till.call(LOGIN, &login).await.str("mch_state"), "30");
    for _ in 0..5 {
        let wrong = [("username", &*mobile), ("password", "guess")];
        assert_eq!(till.call(LOGIN, &wrong).await.code(), "20005");
    }
    operate(&setup, &["merchants", "enable", merchant]);
    assert_eq!(
        shop.pay(&order_number("again"), 8, code).await.code(),
        "10000"
    );
    assert_told(&setup, no, reason);
    setup.assert_books_balance();
}

#[tokio::test]
async fn an_application_passes_with_its_contracts_at_once() {
    let setup = Setup::new("agent-passes", 60);
    let demo = setup.start().await;
    let till = demo.agent();
    let mobile = format!("138{:08}", random() % 100_000_000);
    let members = [("FullName", "米线馆有限公司"), ("Mobile", &*mobile)];
    let mch_id = till.call(REGISTER, &members).await.str("mch_id").to_owned();
    let application = only_application(&setup, "auditing", &mch_id);
    let no = application["application_no"].as_str().unwrap();
    let contract = "wechat=wechat-sandbox:0.38%:1900007109@wxce38685bc0500001";
    operate(
        &setup,
        &["applications", "pass", no, "--contract", contract],
    );
    let shop = till.of_merchant(&mch_id);
    let paid = shop
        .pay(&order_number("first"), 8, "134650000000000000")
        .await;
    assert_eq!(paid.outcome(), "SUCCESS 10000 SUCCESS", "{}", paid.text);
    refused(&setup, &["applications", "show", "1"]);
    setup.assert_books_balance();
}

/// The one application of a state, which is the merchant's.
fn only_application(setup: &Setup, state: &str, mch_id: &str) -> Value {
    let list = ["--output", "json", "applications", "list", "--state", state];
    let listed: Vec<Value> = serde_json::from_str(&operate(setup, &list)).unwrap();
    let [application] = &listed[..] else {
        panic!("{state}: {listed:?}");
    };
    assert_eq!(application["app"], mch_id);
    application.clone()
}

/// What the merchant stated is shown without its password; every act stands in the timeline and,
/// with who did it, in the office's record.
fn assert_told(setup: &Setup, no: &str, reason: &str) {
    let shown = operate(setup, &["applications", "show", no]);
    for words in [
        "FullName = 牛肉面馆有限公司",
        reason,
        "submitted again",
        "passed",
    ] {
        assert!(shown.contains(words), "{words:?} in {shown}");
    }
    assert!(!shown.contains("a password"), "{shown}");
    let subject = format!("application {no}");
    let listed = operate(setup, &["audit", "list", "--subject", &subject]);
    for action in ["applications.pass", "applications.reject"] {
        let told = listed.lines().filter(|line| line.contains(action));
        assert_eq!(told.count(), 1, "a repeat does nothing: {listed}");
    }
}
