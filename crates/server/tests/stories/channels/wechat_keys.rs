//! Story: WeChat moves an account from its platform certificates to its public key, and back, while
//! orders are paid; nothing is lost, and a key that nobody knows is refused by name.

use crate::harness::{Demo, Json, PayWay, Setup, XmlTill, eventually, spoken, xml_number};

/// Ten minutes, the earliest that a channel is asked again for its keys, take ten seconds.
const FACTOR: u64 = 60;
const ACCOUNT: &str = "channel_account:wechat-held-sandbox";

/// An order whose code the payer scans: by v3, whose answers and notices name their key.
async fn scanned(till: &XmlTill) -> (String, String) {
    let number = xml_number("keys");
    let made = till.unified(PayWay::Wechat, "0", &number, 500, &[]).await;
    let code = made.get("td_code").map(str::to_owned);
    (number, code.unwrap_or_else(|| panic!("{}", made.text)))
}

async fn is_paid_in_the_end(till: &XmlTill, number: &str) {
    eventually("the order is paid", async || {
        (till.query(number).await.outcome() == "status 2").then_some(())
    })
    .await;
}

/// Moves the account; the serials of its certificates.
async fn moved_to(demo: &Demo, phase: &str) -> Vec<String> {
    let kept = demo.sandbox.move_wechat_keys(phase).await;
    let serials = kept.get("certificates").unwrap().list().iter();
    serials.map(|one| one.text().unwrap().to_owned()).collect()
}

fn warnings(demo: &Demo, words: &str) -> Vec<Json> {
    let log = demo.log();
    let lines = log.lines().filter_map(|line| Json::parse(line).ok());
    let warnings = lines.filter(|line| line.str("level") == "WARN");
    warnings
        .filter(|line| line.to_string().contains(words))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_between_certificate_and_public_key_loses_nothing() {
    let setup = Setup::new("wechat-keys", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    // Made under the public key, paid when certificates sign everything: the account knows none
    // yet.
    let (number, code) = scanned(till).await;
    let serials = moved_to(&demo, "certificate").await;
    let [serial] = &serials[..] else {
        panic!("{serials:?}")
    };
    demo.sandbox.pay(&code).await;
    is_paid_in_the_end(till, &number).await;
    assert!(
        !warnings(&demo, serial).is_empty(),
        "the unknown key is named"
    );
    let kept = spoken(&setup.run(&["keys", "list", ACCOUNT]));
    let role = format!("wechatpay_public/{serial}");
    assert!(kept.contains(&role), "{kept}");

    // Both sign, in turn: answers by what a request names, notices by either.
    moved_to(&demo, "switching").await;
    for _ in 0..4 {
        let (number, code) = scanned(till).await;
        demo.sandbox.pay(&code).await;
        is_paid_in_the_end(till, &number).await;
    }
    moved_to(&demo, "public_key").await;
    let (number, code) = scanned(till).await;
    demo.sandbox.pay(&code).await;
    is_paid_in_the_end(till, &number).await;
    // And back, which a stop does: the certificate is known by now.
    let told_before = warnings(&demo, "signed with a key that its account lacks").len();
    moved_to(&demo, "certificate").await;
    let (number, code) = scanned(till).await;
    demo.sandbox.pay(&code).await;
    is_paid_in_the_end(till, &number).await;
    let told = warnings(&demo, "signed with a key that its account lacks").len();
    assert_eq!(told, told_before);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_must_not_be_believed_change_nothing_and_are_told() {
    let setup = Setup::new("wechat-unknown-key", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    for fault in ["sign_test", "http_429", "unknown_serial"] {
        let (number, code) = scanned(till).await;
        let sandbox = &demo.sandbox;
        sandbox.pay(&code).await;
        is_paid_in_the_end(till, &number).await;
        // What comes back proves nothing, so the refund is sent again under its number.
        sandbox
            .set_fault_for("wechat", "refund", fault, Some(1), None)
            .await;
        let told = till.refund(&number, &xml_number("back"), 100, &[]).await;
        assert_eq!(told.get("result_code"), Some("0"), "{fault}: {}", told.text);
        // Upstream the order has the number of its attempt.
        let ours = setup.upstream_number(told.str("leshua_order_id"));
        eventually("the refund is done, once", async || {
            let belief = sandbox.belief(&ours).await?;
            (belief.refunded_fen == 100).then_some(())
        })
        .await;
        assert_eq!(sandbox.faults_left("wechat").await, 0, "{fault}");
        let told = warnings(&demo, "signed with a key that its account lacks");
        assert_eq!(!told.is_empty(), fault == "unknown_serial", "{told:?}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_is_told_too_many_calls_or_finds_its_payer_typing_ends_clearly() {
    let setup = Setup::new("wechat-busy", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let sandbox = &demo.sandbox;
    // Nobody knows what became of it; the channel never had it, and it is reversed there in the
    // end.
    sandbox
        .set_fault_for("wechat", "pay", "http_429", Some(1), None)
        .await;
    let number = xml_number("busy");
    let code = PayWay::Wechat.code("00");
    let answer = till.pay(&number, 500, &code, &[]).await;
    assert_ne!(answer.outcome(), "status 2", "{}", answer.text);
    eventually("it is reversed", async || {
        (till.query(&number).await.outcome() == "status 6").then_some(())
    })
    .await;
    // The payer never confirms; the first reversal hears that he is typing.
    sandbox
        .set_fault_for("wechat", "reverse", "user_paying", Some(1), None)
        .await;
    let number = xml_number("typing");
    till.pay(&number, 500, &PayWay::Wechat.code("91"), &[])
        .await;
    eventually("it is reversed", async || {
        (till.query(&number).await.outcome() == "status 6").then_some(())
    })
    .await;
    assert_eq!(sandbox.faults_left("wechat").await, 0);
    setup.assert_books_balance();
}
