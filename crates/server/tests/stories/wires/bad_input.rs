//! Story: whatever arrives, the till gets the dialect's own error or a closed connection within
//! seconds, and no order comes of it.

use std::time::Duration;

use crate::harness::{Answer, Json, Setup, Till, fresh, sign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FACTOR: u64 = 10;
const WITHIN: Duration = Duration::from_secs(30);
const STAMP: &str = "1768442400123";

/// A good order as members; cases change it.
fn good(till: &Till, number: &str) -> Vec<(String, Json)> {
    let members = [
        ("busi_id", (&till.busi_id).into()),
        ("operator_id", "oper01".into()),
        ("terminal_id", "dev01".into()),
        ("total_fee", "158".into()),
        ("channel_type", "0".into()),
        ("auth_code", Json::from("284214903060794700")),
        ("pay_subject", "牛肉面".into()),
        ("out_trade_no", number.into()),
        ("fee_type", "CNY".into()),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The good order with one member changed, added, or (without a value) left out.
fn with(till: &Till, number: &str, name: &str, value: Option<Json>) -> Vec<u8> {
    let mut members = good(till, number);
    members.retain(|(member, _)| member != name);
    members.extend(value.map(|value| (name.to_owned(), value)));
    Json::Object(members).to_string().into_bytes()
}

/// A JSON value as it is written.
fn raw(text: &str) -> Option<Json> {
    Some(Json::Number(text.to_owned()))
}

/// Sends a body with a good signature: the call or the operation must fail with `expected`.
async fn refused(till: &Till, case: &str, body: Vec<u8>, expected: &str) -> Option<String> {
    let sent = tokio::time::timeout(WITHIN, till.post_signed("order", body)).await;
    match sent {
        Err(_) => Some(format!("{case}: no answer within {WITHIN:?}")),
        Ok(Err(problem)) => Some(format!("{case}: expected {expected}, got {problem}")),
        Ok(Ok(answer)) => not_like(case, &answer, expected),
    }
}

/// The exact body of a refusal: of the operation for amounts, of the call for all else.
fn not_like(case: &str, answer: &Answer, expected: &str) -> Option<String> {
    answer.assert_frame();
    let body = if expected == "AMT_ERROR" {
        "{\"result\":{\"return_msg\":\"OK\",\"return_code\":\"SUCCESS\"},\
         \"data\":{\"return_code\":\"FAIL\",\"return_msg\":\"AMT_ERROR\"}}"
            .to_owned()
    } else {
        format!("{{\"result\":{{\"return_msg\":\"{expected}\",\"return_code\":\"FAIL\"}}}}")
    };
    (answer.text != body).then(|| format!("{case}: expected {body}, got {}", answer.text))
}

/// Nothing came of the number, and the books are clean.
async fn assert_nothing_came_of(setup: &Setup, till: &Till, numbers: &[String], wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} cases went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    for number in numbers {
        assert_eq!(
            till.query(number).await.outcome(),
            "CHARGE_NONEXISTENT",
            "{number}"
        );
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn amounts_that_are_no_positive_whole_numbers_are_amount_errors() {
    let setup = Setup::new("amounts", FACTOR);
    let demo = setup.start().await;
    let (till, mut numbers, mut wrong) = (&demo.till, Vec::new(), Vec::new());
    let amounts = [
        "0",
        "\"0\"",
        "-1",
        "\"-1\"",
        "\"+1\"",
        "1.5",
        "\"1.50\"",
        "1.0",
        "9223372036854775808",
        "\"9223372036854775808\"",
        "\"12345678901\"",
        "\"1e2\"",
        "1e2",
        "true",
        "false",
        "{}",
        "\"１００\"",
        "\"1 5\"",
        "\"0x10\"",
    ];
    for amount in amounts {
        let number = fresh("amount");
        let body = with(till, &number, "total_fee", raw(amount));
        wrong.extend(refused(till, &format!("total_fee {amount}"), body, "AMT_ERROR").await);
        numbers.push(number);
    }
    for amount in ["null", "\"\""] {
        let number = fresh("amount");
        let body = with(till, &number, "total_fee", raw(amount));
        let case = format!("total_fee {amount}");
        wrong.extend(refused(till, &case, body, "ILLEGAL_PARAMETER").await);
        numbers.push(number);
    }
    assert_nothing_came_of(&setup, till, &numbers, &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_empty_over_long_and_unknown_values_are_parameter_errors() {
    let setup = Setup::new("fields", FACTOR);
    let demo = setup.start().await;
    let (till, mut numbers, mut wrong) = (&demo.till, Vec::new(), Vec::new());
    let mandatory = [
        "total_fee",
        "channel_type",
        "auth_code",
        "pay_subject",
        "out_trade_no",
    ];
    let long = |length: usize| Some(Json::Text("面".repeat(length)));
    let digits = |length: usize| Some(Json::Text("1".repeat(length)));
    let mut cases: Vec<(&str, Option<Json>)> = vec![
        ("operator_id", long(33)),
        ("terminal_id", long(33)),
        ("store_id", long(33)),
        ("merchant_param", long(128)),
        ("pay_subject", long(101)),
        ("time_zone", long(65)),
        ("fee_type", digits(11)),
        ("auth_code", digits(101)),
        ("out_trade_no", digits(65)),
        ("out_trade_no", Some("a b".into())),
        ("out_trade_no", Some("订单".into())),
        ("out_trade_no", Some("a&b=c".into())),
        ("channel_type", Some("3".into())),
        ("channel_type", Some("wechat".into())),
        ("auth_code", Some("990000000000000000".into())),
        ("fee_type", Some("XXZ".into())),
    ];
    for name in mandatory {
        cases.extend([
            (name, None),
            (name, Some("".into())),
            (name, Some(Json::Null)),
        ]);
    }
    for (name, value) in cases {
        let number = fresh("field");
        let case = format!("{name} {value:?}");
        let body = with(till, &number, name, value);
        wrong.extend(refused(till, &case, body, "ILLEGAL_PARAMETER").await);
        if name != "out_trade_no" {
            numbers.push(number);
        }
    }
    assert_nothing_came_of(&setup, till, &numbers, &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_good_json_are_parameter_errors() {
    let setup = Setup::new("bodies", FACTOR);
    let demo = setup.start().await;
    let till = &demo.till;
    let number = fresh("body");
    let text = Json::Object(good(till, &number)).to_string();
    let insert = |member: &str| text.replacen('{', &format!("{{{member},"), 1).into_bytes();
    let mut invalid = insert("\"store_id\":\"?\"");
    let mark = invalid.iter().position(|byte| *byte == b'?').unwrap();
    invalid[mark] = 0xff;
    let deep = format!("\"x\":{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a list", format!("[{text}]").into_bytes()),
        ("null", b"null".to_vec()),
        ("a text", b"\"busi_id\"".to_vec()),
        ("half of it", text.get(..60).unwrap().as_bytes().to_vec()),
        ("more after it", format!("{text}{{}}").into_bytes()),
        ("no merchant", with(till, &number, "busi_id", None)),
        ("an amount twice", insert("\"total_fee\":\"1\"")),
        ("an unknown member twice", insert("\"x\":1,\"x\":2")),
        ("invalid UTF-8", invalid),
        ("a raw NUL", insert("\"store_id\":\"a\0b\"")),
        ("an escaped NUL", insert("\"store_id\":\"a\\u0000b\"")),
        ("half of a surrogate", insert("\"store_id\":\"\\ud800\"")),
        ("deep nesting", insert(&deep)),
    ];
    let mut wrong = Vec::new();
    for (case, body) in cases {
        wrong.extend(refused(till, case, body, "ILLEGAL_PARAMETER").await);
    }
    assert_nothing_came_of(&setup, till, &[number], &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_signatures_and_unknown_merchants_are_told_apart() {
    let setup = Setup::new("signs", FACTOR);
    let demo = setup.start().await;
    let till = &demo.till;
    let number = fresh("sign");
    let body = with(till, &number, "store_id", Some("1".into()));
    let right = sign(&till.key, STAMP, &body);
    let hex = right.split(':').next().unwrap();
    let queries = [
        String::new(),
        "sign=".to_owned(),
        format!("sign={hex}"),
        format!("sign={}:{STAMP}", "0".repeat(32)),
        format!("sign={hex}:{STAMP}0"),
        format!("sign={}:{STAMP}", hex.get(1..).unwrap()),
        format!("sign={hex}:123456789012345678901"),
        format!("sign={hex}:"),
        format!("sign={right}&sign={right}"),
        format!(
            "sign={}",
            sign("another key that nobody has 1234", STAMP, &body)
        ),
        format!("Sign={right}"),
    ];
    let mut wrong = Vec::new();
    for query in &queries {
        let answer = till.post("order", query, body.clone()).await.unwrap();
        wrong.extend(not_like(query, &answer, "INVALID_SIGN"));
    }
    let stranger = with(till, &number, "busi_id", Some("999999999999999".into()));
    for query in [
        format!("sign={}", sign(&till.key, STAMP, &stranger)),
        String::new(),
    ] {
        let answer = till.post("order", &query, stranger.clone()).await.unwrap();
        wrong.extend(not_like("a stranger", &answer, "UNREGISTERED_BUSI"));
    }
    assert_nothing_came_of(&setup, till, &[number], &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_too_large_are_refused_or_cut_off() {
    let setup = Setup::new("large", FACTOR);
    let demo = setup.start().await;
    let (till, mut numbers, mut wrong) = (&demo.till, Vec::new(), Vec::new());
    for size in [65 * 1024, 10 * 1024 * 1024] {
        let number = fresh("large");
        let padding = Some(Json::Text("x".repeat(size)));
        let body = with(till, &number, "padding", padding);
        let sent = tokio::time::timeout(WITHIN, till.post_signed("order", body)).await;
        let case = format!("{size} bytes");
        match sent {
            Err(_) => wrong.push(format!("{case}: no end within {WITHIN:?}")),
            Ok(Err(_)) => {}
            Ok(Ok(answer)) => wrong.extend(not_like(&case, &answer, "ILLEGAL_PARAMETER")),
        }
        numbers.push(number);
    }
    assert_nothing_came_of(&setup, till, &numbers, &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_never_finish_a_request_are_closed_within_seconds() {
    let setup = Setup::new("halves", FACTOR);
    let demo = setup.start().await;
    let halves = [
        "POST /gateway/pay/order HTTP/1.1\r\nHost: half",
        "POST /gateway/pay/order",
        "POST /gateway/pay/order HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{\"busi_id\":",
    ];
    for half in halves {
        let mut stream = TcpStream::connect(demo.address()).await.unwrap();
        stream.write_all(half.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await;
        assert!(end.is_ok(), "still open after {WITHIN:?}: {half:?}");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(!answer.contains("SUCCESS"), "{half:?}: {answer}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_paths_and_other_methods_are_told_by_status() {
    let setup = Setup::new("paths", FACTOR);
    let demo = setup.start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = &demo.till.base;
    let get = http.get(format!("{base}/order")).send().await.unwrap();
    assert_eq!(get.status().as_u16(), 405);
    let unknown = http
        .post(format!("{base}/unknown"))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status().as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_refunds_leave_the_paid_order_as_it_was() {
    let setup = Setup::new("refunds", FACTOR);
    let demo = setup.start().await;
    let (till, number) = (&demo.till, fresh("refund"));
    let paid = till.order(&number, 100, "284214903060794700").await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    let before = till.query(&number).await.text.clone();
    let refund = async |fee: Json, out_refund_no: &str| {
        let members = [
            ("operator_id", "oper01".into()),
            ("terminal_id", "dev01".into()),
            ("refund_fee", fee),
            ("refund_subject", "退款".into()),
            ("out_trade_no", (&number).into()),
            ("out_refund_no", out_refund_no.into()),
        ];
        till.call("refund", &members).await
    };
    for fee in [
        "0",
        "-1",
        "1.5",
        "\"101\"",
        "101",
        "true",
        "9223372036854775808",
    ] {
        let answer = refund(Json::Number(fee.to_owned()), &fresh("bad")).await;
        assert_eq!(
            answer.outcome(),
            "AMT_ERROR",
            "refund_fee {fee}: {}",
            answer.text
        );
    }
    assert_eq!(
        refund(Json::Null, &fresh("bad")).await.outcome(),
        "ILLEGAL_PARAMETER"
    );
    assert_eq!(
        refund(Json::from(1), "").await.outcome(),
        "ILLEGAL_PARAMETER"
    );
    assert_eq!(
        till.refund("no-such-order", &fresh("bad"), 1)
            .await
            .outcome(),
        "CHARGE_NONEXISTENT"
    );
    assert_eq!(till.query(&number).await.text, before);
    setup.assert_books_balance();
}
