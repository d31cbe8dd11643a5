//! Story: whatever shape a form arrives in, it is read as the client meant it; whatever is wrong
//! with it, the till gets the dialect's own error within seconds, and no order comes of it.

use std::time::Duration;

use crate::harness::{
    AgentTill, FORM, GATEWAY, Pairs, REGISTER, Setup, WECHAT_PRE_ORDER, Wallet, encoded, form_sign,
    joined, order_number,
};

const FACTOR: u64 = 5;
const WITHIN: Duration = Duration::from_secs(30);
const PARAMETER: &str = "FAIL 20004";
const DONE: &str = "SUCCESS 10000 SUCCESS";

/// A good payment, unsigned; cases change it.
fn good(till: &AgentTill, number: &str) -> Pairs {
    let code = Wallet::Alipay.code("00");
    till.unsigned(&[
        ("method", "pay"),
        ("mch_id", &till.mch_id),
        ("out_trade_no", number),
        ("auth_code", &code),
        ("body", "牛肉面"),
        ("total_fee", "158"),
    ])
}

/// The good payment with one value changed, added, or (without one) left out.
fn with(till: &AgentTill, number: &str, name: &str, value: Option<&str>) -> Pairs {
    let mut pairs = good(till, number);
    pairs.retain(|(member, _)| member != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    pairs
}

/// Sends a well signed payment that must fail with `expected`; the answer is what went wrong.
async fn refused(till: &AgentTill, case: &str, pairs: Pairs, expected: &str) -> Option<String> {
    let sent = tokio::time::timeout(WITHIN, till.post_signed(GATEWAY, pairs)).await;
    match sent {
        Err(_) => Some(format!("{case}: no answer within {WITHIN:?}")),
        Ok(Err(problem)) => Some(format!("{case}: expected {expected}, got {problem}")),
        Ok(Ok(answer)) => {
            answer.assert_frame();
            let is_right = answer.outcome() == expected && answer.verifies(&till.key);
            (!is_right).then(|| format!("{case}: expected {expected}, got {}", answer.text))
        }
    }
}

/// Nothing came of the numbers, and the books are clean.
async fn assert_nothing_came_of(
    setup: &Setup,
    till: &AgentTill,
    numbers: &[String],
    wrong: &[String],
) {
    assert!(
        wrong.is_empty(),
        "{} cases went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    for number in numbers {
        assert_eq!(till.query(number).await.code(), "20007", "{number}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_values_are_parameter_errors_and_no_orders() {
    let setup = Setup::new("cy-values", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    let long = |length: usize| "面".repeat(length);
    let digits = |prefix: &str, length: usize| format!("{prefix}{}", "0".repeat(length));
    let mut cases: Vec<(&str, Option<String>, &str)> = Vec::new();
    for amount in [
        "0",
        "-1",
        "+1",
        "1.5",
        "1.0",
        "1e2",
        "0x10",
        "abc",
        "１００",
        "1 5",
        "12345678901",
        "true",
    ] {
        cases.push(("total_fee", Some(amount.to_owned()), PARAMETER));
    }
    for name in [
        "method",
        "version",
        "pid",
        "mch_id",
        "out_trade_no",
        "auth_code",
        "body",
        "total_fee",
    ] {
        cases.push((name, None, PARAMETER));
        cases.push((name, Some(String::new()), PARAMETER));
        cases.push((name, Some("  ".to_owned()), PARAMETER));
    }
    for (name, length) in [
        ("body", 129),
        ("attach", 128),
        ("device_info", 33),
        ("mch_create_ip", 46),
        ("op_user_id", 33),
        ("op_shop_id", 33),
        ("op_device_id", 33),
        ("goods_tag", 33),
        ("goods_detail", 6_001),
        ("version", 33),
        ("pid", 33),
        ("mch_id", 33),
        ("out_trade_no", 33),
        ("auth_code", 129),
    ] {
        cases.push((name, Some(long(length)), PARAMETER));
    }
    // Codes of no wallet; then of wallets for which the demo's merchant has no contract.
    for code in [
        "123123123",
        "990000000000000000",
        "13000000000000000",
        "1300000000000000000",
        "28000000000000x",
        "06000000000000000",
    ] {
        cases.push(("auth_code", Some(code.to_owned()), PARAMETER));
    }
    cases.extend([
        ("auth_code", Some(digits("91", 16)), PARAMETER),
        ("auth_code", Some(digits("51", 16)), "FAIL 20013"),
        ("auth_code", Some(digits("18", 16)), "FAIL 20013"),
        ("method", Some("refundall".to_owned()), PARAMETER),
        ("mch_id", Some("f0000000000000009".to_owned()), "FAIL 20005"),
    ]);
    let (mut numbers, mut wrong) = (Vec::new(), Vec::new());
    for (name, value, expected) in cases {
        let number = order_number("value");
        let shown: Option<String> = value.as_ref().map(|value| value.chars().take(40).collect());
        let case = format!("{name} {shown:?}");
        let pairs = with(till, &number, name, value.as_deref());
        wrong.extend(refused(till, &case, pairs, expected).await);
        numbers.push(number);
    }
    let number = order_number("device");
    let mut pairs = with(till, &number, "auth_code", Some(&digits("91", 16)));
    pairs.push(("device_info".to_owned(), "d1".to_owned()));
    wrong.extend(refused(till, "QQ with its device", pairs, "FAIL 20013").await);
    numbers.push(number);
    assert_nothing_came_of(&setup, till, &numbers, &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_forms_are_parameter_errors() {
    let setup = Setup::new("cy-bodies", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    let number = order_number("body");
    let signed = till.signed(good(till, &number));
    let form = encoded(&signed);
    let object: Vec<String> = signed
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    let object = format!("{{{}}}", object.join(","));
    let elements: String = signed
        .iter()
        .map(|(name, value)| format!("<{name}>{value}</{name}>"))
        .collect();
    let elements = format!("<xml>{elements}</xml>");
    let json = "application/json;charset=UTF-8";
    let without_agent: Pairs = signed
        .iter()
        .filter(|(name, _)| name != "agent_id")
        .cloned()
        .collect();
    let unsigned: Vec<(&str, Option<&str>, Vec<u8>)> = vec![
        ("JSON", Some(json), object.clone().into_bytes()),
        ("JSON as a form", Some(FORM), object.into_bytes()),
        ("XML", Some("text/xml"), elements.clone().into_bytes()),
        ("XML as a form", Some(FORM), elements.into_bytes()),
        ("nothing", Some(FORM), Vec::new()),
        ("a sentence", None, "早上好".into()),
        ("no agent", Some(FORM), encoded(&without_agent).into_bytes()),
        (
            "a multipart body without its boundary",
            Some("multipart/form-data"),
            form.clone().into_bytes(),
        ),
    ];
    let mut wrong = Vec::new();
    for (case, content_type, body) in unsigned {
        for path in [GATEWAY, WECHAT_PRE_ORDER, REGISTER] {
            let answer = till.post(path, content_type, body.clone()).await.unwrap();
            answer.assert_frame();
            if answer.outcome() != PARAMETER || answer.is_signed() {
                wrong.push(format!("{case} at {path}: {}", answer.text));
            }
        }
    }
    let two_amounts = format!("{form}&total_fee=1");
    let with_nul = with(till, &number, "attach", Some("a\0b"));
    let with_nul = encoded(&till.signed(with_nul));
    let mut invalid = b"attach=\xff&".to_vec();
    invalid.extend(form.bytes());
    let mut escaped = b"attach=%ff&".to_vec();
    escaped.extend(form.bytes());
    for (case, body) in [
        ("an amount twice", two_amounts.into_bytes()),
        ("invalid UTF-8", invalid),
        ("invalid UTF-8, escaped", escaped),
        ("NUL", with_nul.into_bytes()),
        (
            "too large",
            format!("{form}&x={}", "x".repeat(70_000)).into_bytes(),
        ),
    ] {
        let answer = till.post(GATEWAY, Some(FORM), body).await.unwrap();
        answer.assert_frame();
        if answer.outcome() != PARAMETER {
            wrong.push(format!("{case}: {}", answer.text));
        }
    }
    let huge = format!("{form}&x={}", "x".repeat(10 * 1024 * 1024)).into_bytes();
    match tokio::time::timeout(WITHIN, till.post(GATEWAY, Some(FORM), huge)).await {
        Err(_) => wrong.push(format!("ten megabytes: no end within {WITHIN:?}")),
        Ok(Ok(answer)) if answer.outcome() != PARAMETER => {
            wrong.push(format!("ten megabytes: {}", answer.text));
        }
        Ok(_) => {}
    }
    assert_nothing_came_of(&setup, till, &[number], &wrong).await;
}

/// As parts of a multipart body, with its content type.
fn multipart(pairs: &Pairs) -> (String, String) {
    let boundary = "----till7MA4YWxkTrZu0gW";
    let parts: String = pairs
        .iter()
        .map(|(name, value)| {
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        })
        .collect();
    (
        format!("multipart/form-data; boundary={boundary}"),
        format!("{parts}--{boundary}--\r\n"),
    )
}

/// As the published samples are printed: not encoded at all.
fn raw(pairs: &Pairs) -> String {
    joined(pairs, str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_may_come_in_every_shape_that_clients_of_this_wire_use() {
    let setup = Setup::new("cy-shapes", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    let mut wrong = Vec::new();
    let pairs = |method: &str, attach: &str| {
        let mut pairs = with(till, &order_number("shape"), "method", Some(method));
        pairs.push(("attach".to_owned(), attach.to_owned()));
        till.signed(pairs)
    };
    let mut cases: Vec<(&str, String, Option<String>, String)> = Vec::new();
    let form = || Some(FORM.to_owned());
    let plain = |text: &str| encoded(&pairs("pay", text));

    for path in [
        "/unifiedpay/gateway",
        "/UNIFIEDPAY/GATEWAY",
        "/UnifiedPay/Gateway/",
    ] {
        cases.push((path, path.to_owned(), form(), plain("备注")));
    }
    for method in ["PAY", "Pay", "pAY"] {
        let body = encoded(&pairs(method, "备注"));
        cases.push((method, GATEWAY.to_owned(), form(), body));
    }
    for content_type in [
        None,
        Some("application/x-www-form-urlencoded"),
        Some("application/x-www-form-urlencoded; charset=GBK"),
        Some("text/plain"),
    ] {
        let shown = content_type.unwrap_or("no content type");
        let content_type = content_type.map(str::to_owned);
        cases.push((shown, GATEWAY.to_owned(), content_type, plain("备注")));
    }
    let (content_type, body) = multipart(&pairs("pay", "备注"));
    cases.push(("multipart", GATEWAY.to_owned(), Some(content_type), body));
    let body = raw(&pairs("pay", "备注"));
    cases.push(("not encoded", GATEWAY.to_owned(), form(), body));
    let target = format!("{GATEWAY}?{}", plain("备注"));
    cases.push(("in the query", target, form(), String::new()));
    let body = pairs("pay", "备注");
    let (first, second) = body.split_at(4);
    let target = format!("{GATEWAY}?{}", encoded(first));
    cases.push(("half in the query", target, form(), encoded(second)));
    let target = format!("{GATEWAY}?total_fee=1&pid=other");
    cases.push(("twice, the body wins", target, form(), plain("备注")));
    let body = plain("备注");
    let body = format!("{body}&pid=demopos");
    cases.push(("the same value twice", GATEWAY.to_owned(), form(), body));
    let body = format!("\u{feff}{}", plain("备注"));
    cases.push(("a byte order mark", GATEWAY.to_owned(), form(), body));

    for (case, target, content_type, body) in cases {
        let sent = till.post(&target, content_type.as_deref(), body.into_bytes());
        let answer = sent.await.unwrap();
        till.assert_answers(GATEWAY, &answer);
        let is_right = answer.outcome() == DONE
            && answer.text_of("attach") == Some("备注")
            && answer.text_of("base_fee") == Some("158");
        if !is_right {
            wrong.push(format!("{case}: {}", answer.text));
        }
    }

    // What the client hashed decides what a plus is.
    for (attach, written) in [
        ("a b", "a+b"),
        ("a b", "a%20b"),
        ("a+b", "a+b"),
        ("a+b", "a%2Bb"),
        ("五折=50%off", "五折=50%off"),
    ] {
        let unwritten: Pairs = good(till, &order_number("plus"));
        let mut all = unwritten.clone();
        all.push(("attach".to_owned(), attach.to_owned()));
        let sign = form_sign(&till.key, &all);
        let body = format!("{}&attach={written}&sign={sign}", encoded(&unwritten));
        let answer = till
            .post(GATEWAY, Some(FORM), body.into_bytes())
            .await
            .unwrap();
        till.assert_answers(GATEWAY, &answer);
        if answer.text_of("attach") != Some(attach) {
            wrong.push(format!("{attach} written {written}: {}", answer.text));
        }
    }
    for (amount, fen) in [("007", "7"), (" 9 ", "9")] {
        let pairs = with(till, &order_number("zero"), "total_fee", Some(amount));
        let answer = till.post_signed(GATEWAY, pairs).await.unwrap();
        if answer.text_of("base_fee") != Some(fen) {
            wrong.push(format!("{amount:?} of fen: {}", answer.text));
        }
    }
    for basket in [
        "[[{\"goods_id\":\"A\",\"quantity\":1,\"price\":1}]]",
        "{[",
        "no basket",
    ] {
        let pairs = with(till, &order_number("goods"), "goods_detail", Some(basket));
        let answer = till.post_signed(GATEWAY, pairs).await.unwrap();
        if answer.outcome() != DONE {
            wrong.push(format!("a basket {basket}: {}", answer.text));
        }
    }
    assert_nothing_came_of(&setup, till, &[], &wrong).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_methods_and_paths_are_told_by_status() {
    let setup = Setup::new("cy-paths", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let (status, _, _) = till.get(&format!("{}{GATEWAY}", till.base)).await;
    assert_eq!(status, 405);
    for path in [
        "/UnifiedPay",
        "/UnifiedPay/Unknown",
        "/Open/QQ_PreOrder",
        "/v2/Gateway",
    ] {
        let (status, _) = demo
            .sandbox
            .post_as_stranger(&format!("{}{path}", till.base), &[], String::new())
            .await;
        assert_eq!(status, 404, "{path}");
    }
}
