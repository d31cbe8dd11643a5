//! Story: an order is paid and the merchant's listener hears of it, signed, until it says SUCCESS.

use crate::harness::{
    Answer, Demo, Heard, Json, Receiver, Reply, SUCCESS, Setup, fresh, random, verifies,
};

const FACTOR: u64 = 20;
/// Tries of one notification, and the virtual milliseconds between them.
const TRIES: usize = 5;
const GAP_MS: u64 = 5_000;

/// What every payment notification has, whoever paid.
fn assert_tells(demo: &Demo, heard: &Heard, created: &Answer, fen: i64, channel_type: &str) {
    let text = String::from_utf8(heard.body.clone()).unwrap();
    assert!(
        verifies(&demo.till.key, &heard.query, &heard.body),
        "{} {text}",
        heard.query
    );
    assert_eq!(heard.content_type, "application/json;charset=UTF-8");
    let body = heard.json();
    assert_eq!(body.to_string(), text, "compact JSON with raw UTF-8");
    assert_eq!(
        body.get("result").unwrap().to_string(),
        "{\"return_msg\":\"OK\",\"return_code\":\"SUCCESS\"}"
    );
    let data = body.get("data").unwrap();
    assert!(data.get("return_code").is_none(), "{text}");
    assert_eq!(data.str("busi_id"), demo.till.busi_id);
    assert_eq!(data.str("out_trade_no"), created.str("out_trade_no"));
    assert_eq!(data.str("trade_no"), created.str("trade_no"));
    assert_eq!(data.str("channel_type"), channel_type);
    assert_eq!(data.int("total_fee"), fen);
    assert_eq!(data.int("state"), 1);
}

fn amount() -> i64 {
    i64::try_from(1 + random() % 50_000).unwrap()
}

async fn jsapi_order(demo: &Demo, wallet: [(&str, Json); 2], fen: i64, notify_url: &str) -> Answer {
    let [first, second] = wallet;
    let members = [
        ("total_fee", fen.into()),
        first,
        second,
        ("subAppId", "wx00000000fufudemo".into()),
        ("out_trade_no", (&fresh("jsapi")).into()),
        ("pay_subject", "面".into()),
        ("notifyUrl", notify_url.into()),
    ];
    let answer = demo.till.call("preOrder", &members).await;
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_qr_order_paid_with_either_wallet_is_told_to_the_merchant() {
    let setup = Setup::new("qr", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::content().await;
    for (wallet, channel_type) in [("wechat", "2"), ("alipay", "1")] {
        let fen = amount();
        let path = format!("/{wallet}");
        let created = demo
            .till
            .qr_order(&fresh("qr"), fen, &receiver.url(&path))
            .await;
        assert_eq!(
            demo.till.query(created.str("out_trade_no")).await.state(),
            Some(0)
        );
        demo.sandbox.scan(created.str("qr_code"), wallet).await;
        let heard = receiver.wait(&path, 1).await;
        assert_tells(&demo, &heard[0], &created, fen, channel_type);
        assert_eq!(
            demo.till.query(created.str("out_trade_no")).await.state(),
            Some(1)
        );
        let belief = demo.sandbox.belief(created.str("trade_no")).await.unwrap();
        assert!(belief.is_paid, "{belief:?}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jsapi_order_paid_with_either_wallet_is_told_to_the_merchant() {
    let setup = Setup::new("jsapi", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::content().await;

    let fen = amount();
    let wechat = [
        ("channel_type", "2".into()),
        ("openId", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into()),
    ];
    let created = jsapi_order(&demo, wechat, fen, &receiver.url("/wechat")).await;
    let pay_info = Json::parse(created.str("payInfo")).unwrap();
    demo.sandbox
        .pay(pay_info.str("package").strip_prefix("prepay_id=").unwrap())
        .await;
    assert_tells(
        &demo,
        &receiver.wait("/wechat", 1).await[0],
        &created,
        fen,
        "2",
    );

    let fen = amount();
    let alipay = [
        ("channel_type", "1".into()),
        ("openId", "2088102172184723".into()),
    ];
    let created = jsapi_order(&demo, alipay, fen, &receiver.url("/alipay?shop=12")).await;
    demo.sandbox.pay(created.str("prePayId")).await;
    let heard = receiver.wait("/alipay", 1).await;
    assert!(
        heard[0].query.starts_with("shop=12&sign="),
        "{}",
        heard[0].query
    );
    assert_tells(&demo, &heard[0], &created, fen, "1");
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_answers_wrongly_gets_five_and_one_that_says_success_no_more() {
    let setup = Setup::new("tries", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/words", _) => Reply::Words("FAIL"),
        ("/status", _) => Reply::Status(500),
        ("/silent", _) => Reply::Silence,
        ("/late", 0 | 1) => Reply::Words("not yet"),
        ("/quoted", _) => Reply::Words("\u{feff} \"success\"\r\n"),
        ("/last", _) => Reply::Words("no"),
        _ => SUCCESS,
    })
    .await;
    let pay = async |path: &str| {
        let created = demo
            .till
            .qr_order(&fresh("tries"), amount(), &receiver.url(path))
            .await;
        demo.sandbox.scan(created.str("qr_code"), "wechat").await;
    };
    for path in [
        "/words", "/status", "/silent", "/late", "/quoted", "/at-once",
    ] {
        pay(path).await;
    }
    for path in ["/words", "/status", "/silent"] {
        receiver.wait(path, TRIES).await;
    }
    // Another order needs more than twenty virtual seconds for its five: if any of the first ones
    // had a sixth to come, it would come meanwhile.
    pay("/last").await;
    receiver.wait("/last", TRIES).await;

    for path in ["/words", "/status", "/silent", "/last"] {
        let heard = receiver.heard(path);
        assert_eq!(heard.len(), TRIES, "{path}");
        for pair in heard.windows(2) {
            let gap = pair[1].at.duration_since(pair[0].at).as_millis();
            let virtual_gap = u64::try_from(gap).unwrap() * FACTOR;
            // The wall's milliseconds are rounded down, which the factor makes larger.
            assert!(
                virtual_gap + 2 * FACTOR >= GAP_MS,
                "{path}: {virtual_gap} virtual ms apart"
            );
            assert_eq!(
                pair[0].body, pair[1].body,
                "{path}: the body is frozen at the first try"
            );
            assert!(
                verifies(&demo.till.key, &pair[1].query, &pair[1].body),
                "{path}"
            );
        }
    }
    assert_eq!(receiver.heard("/late").len(), 3, "none after SUCCESS");
    assert_eq!(
        receiver.heard("/quoted").len(),
        1,
        "white space, quotes, BOM and case do not count"
    );
    assert_eq!(receiver.heard("/at-once").len(), 1, "none after SUCCESS");
    setup.assert_books_balance();
}
