//! Story: an address that leads inside, or back to us, is refused when the order is made, in the
//! words of each dialect and without a question to the resolver; what used to be taken was never
//! delivered, and nobody heard why (row F4 of the reliability paper).

use crate::harness::{Demo, Live, Setup, WECHAT_PRE_ORDER, fresh, order_number, xml_number};

const OWN: &str = "https://pay.example.com";

/// What leads inside, and a word of the reason.
const REFUSED: [(&str, &str); 17] = [
    ("http://localhost:8080/notify", "localhost"),
    ("http://LocalHost./notify", "localhost"),
    ("http://shop.localhost/notify", "shop.localhost"),
    ("http://ip6-localhost/notify", "ip6-localhost"),
    ("http://till/notify", "till"),
    ("http://till.local:9000/notify", "till.local"),
    ("https://api.shop.internal/notify", "api.shop.internal"),
    ("http://127.0.0.1:8080/notify", "127.0.0.1"),
    ("http://10.1.2.3/notify", "10.1.2.3"),
    ("http://[::1]/notify", "::1"),
    ("http://192.88.99.1/notify", "192.88.99.1"),
    ("http://[2001::1]/notify", "2001::1"),
    ("http://shop:secret@merchant.example/notify", "credentials"),
    ("https://pay.example.com/notify", "own"),
    ("http://pay.example.com/notify", "own"),
    ("https://PAY.example.com.:443/notify", "own"),
    ("ftp://merchant.example/notify", "http"),
];
const TAKEN: [&str; 2] = [
    "https://merchant.example/notify",
    "http://8.8.8.8:8080/n?a=b",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_lead_inside_are_refused_by_every_dialect_when_the_order_is_made() {
    let live = Live::start("addresses", &[("HELIU_PUBLIC_URL", OWN)]).await;
    live.enter_merchants();
    let (till, agent, xml) = (live.till(), live.agent_till(), live.xml_till());
    let words = async |url: &str| {
        let first = till.try_qr_order(&fresh("a"), 158, url).await.unwrap();
        let members = [
            ("mch_id", &*agent.mch_id),
            ("trade_type", "NATIVE"),
            ("body", "面"),
            ("out_trade_no", &*order_number("a")),
            ("total_fee", "158"),
            ("notify_url", url),
        ];
        let second = agent.call(WECHAT_PRE_ORDER, &members).await;
        let members = [
            ("third_order_id", &*xml_number("a")),
            ("amount", "158"),
            ("body", "面"),
            ("jspay_flag", "2"),
            ("notify_url", url),
        ];
        let third = xml.call("get_tdcode", &members).await;
        let said = |text: Option<&str>, detail: Option<&String>| {
            format!(
                "{} {}",
                text.unwrap_or_default(),
                detail.map_or("", String::as_str)
            )
        };
        [
            (
                "the first dialect",
                said(None, first.detail.as_ref()),
                first.text.clone(),
            ),
            (
                "the second",
                said(Some(second.str("msg")), second.detail.as_ref()),
                second.text.clone(),
            ),
            (
                "the third",
                said(third.get("error_msg"), third.detail.as_ref()),
                third.text.clone(),
            ),
        ]
    };
    for (url, word) in REFUSED {
        for (dialect, reason, answer) in words(url).await {
            let reason = reason.replace("%20", " ").replace("%3A", ":");
            assert!(
                reason.contains("address") && reason.contains(word),
                "{url}: {dialect} says {reason} in {answer}"
            );
        }
    }
    for url in TAKEN {
        for (dialect, reason, answer) in words(url).await {
            // No contract stands here, which is the next thing to be looked at.
            assert!(
                !reason.contains("address"),
                "{url}: {dialect} says {reason} in {answer}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payers_are_not_sent_to_an_address_with_credentials_or_back_to_us() {
    let live = Live::start("jumps", &[("HELIU_PUBLIC_URL", OWN)]).await;
    live.enter_merchants();
    let xml = live.xml_till();
    for (url, word) in [
        ("https://shop:secret@merchant.example/done", "credentials"),
        ("https://shop@merchant.example/done", "credentials"),
        ("https://pay.example.com/cashier", "own"),
    ] {
        let members = [
            ("third_order_id", &*xml_number("jump")),
            ("amount", "158"),
            ("body", "面"),
            ("jspay_flag", "2"),
            ("jump_url", url),
        ];
        let answer = xml.call("get_tdcode", &members).await;
        let told = format!("{:?} {:?}", answer.get("error_msg"), answer.detail);
        assert!(told.contains(word), "{url}: {told} in {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demonstration_notifies_this_machine_and_not_itself() {
    let setup = Setup::new("demo-addresses", 20);
    let demo: Demo = setup.start().await;
    for url in [
        "http://localhost:9/n",
        "http://till.local/n",
        "http://127.0.0.1:9/n",
    ] {
        let made = demo.till.try_qr_order(&fresh("b"), 158, url).await.unwrap();
        assert_eq!(made.outcome(), "SUCCESS", "{url}: {}", made.text);
    }
    let own = format!("http://{}/n", demo.address());
    let refused = demo
        .till
        .try_qr_order(&fresh("b"), 158, &own)
        .await
        .unwrap();
    assert_eq!(refused.outcome(), "ILLEGAL_PARAMETER", "{}", refused.text);
    assert!(
        refused
            .detail
            .as_ref()
            .is_some_and(|why| why.contains("own")),
        "{:?}",
        refused.detail
    );
}
