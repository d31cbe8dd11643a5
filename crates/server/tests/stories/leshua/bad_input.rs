//! Story: whatever is wrong with a request of the third dialect, its till gets the wire's own
//! refusal within seconds, in a document that any reader reads, and no order comes of it.

use std::time::Duration;

use crate::harness::{Json, Pairs, PayWay, Setup, XML_FORM, XmlTill, encoded, xml_number};
use futures::future::join_all;

const FACTOR: u64 = 5;
const WITHIN: Duration = Duration::from_secs(30);

/// A good unified order; cases change it.
fn good(till: &XmlTill, number: &str) -> Pairs {
    let members = [
        ("third_order_id", number),
        ("amount", "158"),
        ("pay_way", "ZFBZF"),
        ("jspay_flag", "0"),
        ("body", "牛肉面"),
    ];
    till.unsigned("get_tdcode", &members)
}

fn with(mut pairs: Pairs, name: &str, value: Option<&str>) -> Pairs {
    pairs.retain(|(member, _)| member != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    pairs
}

/// Sends a well signed request that must come to `expected`; the answer is what went wrong.
async fn refused(till: &XmlTill, case: &str, pairs: Pairs, expected: &str) -> Option<String> {
    let sent = tokio::time::timeout(WITHIN, till.send(pairs)).await;
    let Ok(answer) = sent else {
        return Some(format!("{case}: no answer within {WITHIN:?}"));
    };
    let is_right = answer.outcome() == expected && answer.detail.is_some();
    (!is_right).then(|| {
        let detail = &answer.detail;
        format!(
            "{case}: expected {expected}, got {} ({detail:?})",
            answer.text
        )
    })
}

fn assert_none_wrong(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} cases went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_values_are_refused_and_no_orders() {
    let setup = Setup::new("ls-values", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let long = |length: usize| "面".repeat(length);
    let mut cases: Vec<(&str, Option<String>, &str)> = Vec::new();
    let (missing, bad) = ("gateway 3", "error -20001");
    let (bad_number, bad_way) = ("error -20003", "error -20008");
    let (bad_amount, bad_flag) = ("error -20009", "error -20015");
    for amount in [
        "0",
        "00",
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
        cases.push(("amount", Some(amount.to_owned()), bad_amount));
    }
    for name in [
        "service",
        "merchant_id",
        "nonce_str",
        "third_order_id",
        "amount",
        "pay_way",
    ] {
        cases.push((name, None, missing));
        cases.push((name, Some(String::new()), missing));
        cases.push((name, Some(" \u{3000}".to_owned()), missing));
    }
    cases.push(("third_order_id", Some(long(65)), bad_number));
    for (name, length) in [
        ("body", 257),
        ("attach", 97),
        ("shop_no", 17),
        ("pos_no", 17),
        ("goods_tag", 33),
        ("goods_detail", 6001),
    ] {
        cases.push((name, Some(long(length)), bad));
    }
    for number in ["a b", "a.b", "订单", "a/b", "a]]>b", "a&b", "a\u{0}b"] {
        cases.push(("third_order_id", Some(number.to_owned()), bad_number));
    }
    for (name, value) in [
        ("jspay_flag", "4"),
        ("jspay_flag", "x"),
        ("pay_way", "DCPAY"),
        ("pay_way", "wechat"),
        ("limit_pay", "2"),
        ("hb_fq_num", "5"),
        ("order_expiration", "0"),
        ("order_expiration", "-60"),
        ("order_expiration", "abc"),
        ("notify_url", "/notify"),
        ("notify_url", "ftp://merchant.example/notify"),
        ("notify_url", "javascript:alert(1)"),
        ("notify_url", "%2Fnotify"),
        ("jump_url", "/done"),
        ("service", "GET_TDCODE "),
    ] {
        let expected = match name {
            "service" => "gateway 4",
            "jspay_flag" => bad_flag,
            "pay_way" => bad_way,
            _ => bad,
        };
        cases.push((name, Some(value.to_owned()), expected));
    }
    for name in ["attach", "body", "goods_tag"] {
        for control in [
            "a\nb",
            "a\r\nb",
            "a\tb",
            "a\u{1}b",
            "a\u{b}b",
            "a\u{7f}b",
            "a\u{fffe}b",
        ] {
            cases.push((name, Some(control.to_owned()), bad));
        }
    }
    let numbers: Vec<String> = cases.iter().map(|_| xml_number("bad")).collect();
    let told = cases.iter().zip(&numbers);
    let told = told.map(async |((name, text, expected), number)| {
        let case = format!("{name}={text:?}");
        let pairs = with(good(till, number), name, text.as_deref());
        refused(till, &case, pairs, expected).await
    });
    let told: Vec<String> = join_all(told).await.into_iter().flatten().collect();
    assert_none_wrong(&told);
    for number in &numbers {
        let answer = till.query(number).await;
        assert_eq!(answer.outcome(), "error -20018", "{number}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_or_refund_with_bad_values_is_none() {
    let setup = Setup::new("ls-payments", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let mut wrong = Vec::new();
    for (code, expected) in [
        ("", "gateway 3"),
        ("1", "error -20014"),
        ("999999999999999999", "error -20014"),
        ("13456789012345678a", "error -20014"),
        ("13456789012345678 ", "error -20001"),
        // e-CNY's.
        ("0134567890123456789", "error -20014"),
    ] {
        let number = xml_number("code");
        let members = [
            ("third_order_id", &*number),
            ("amount", "100"),
            ("auth_code", code),
        ];
        let pairs = till.unsigned("upload_authcode", &members);
        wrong.extend(refused(till, &format!("auth_code={code:?}"), pairs, expected).await);
        assert_eq!(
            till.query(&number).await.outcome(),
            "error -20018",
            "{code}"
        );
    }
    let number = xml_number("paid");
    let paid = till
        .pay(&number, 500, &PayWay::Wechat.code("00"), &[])
        .await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    let refund = |name: &str, value: Option<&str>| {
        let members = [
            ("third_order_id", &*number),
            ("merchant_refund_id", "R1"),
            ("refund_amount", "100"),
        ];
        with(till.unsigned("unified_refund", &members), name, value)
    };
    let long = "R".repeat(65);
    for (name, value, expected) in [
        ("refund_amount", None, "gateway 3"),
        ("refund_amount", Some(""), "gateway 3"),
        ("refund_amount", Some("0"), "error -20001"),
        ("refund_amount", Some("-1"), "error -20001"),
        ("refund_amount", Some("1.00"), "error -20001"),
        ("refund_amount", Some("501"), "error -5017"),
        ("merchant_refund_id", None, "gateway 3"),
        ("merchant_refund_id", Some("R 1"), "error -20022"),
        ("merchant_refund_id", Some("R]]>"), "error -20022"),
        ("merchant_refund_id", Some(&long), "error -20022"),
        ("third_order_id", None, "error -20024"),
        ("third_order_id", Some("nobodys"), "error -4006"),
        ("leshua_order_id", Some("1"), "error -4006"),
        ("notify_url", Some("notify"), "error -20001"),
        ("attach", Some("a\nb"), "error -20001"),
    ] {
        let case = format!("refund with {name}={value:?}");
        wrong.extend(refused(till, &case, refund(name, value), expected).await);
    }
    assert_none_wrong(&wrong);
    let references = [("third_order_id", &*number)];
    let answer = till.refund_query(&references).await;
    assert_eq!(answer.outcome(), "error -5019", "{}", answer.text);
    let after = till.query(&number).await;
    assert_eq!(after.outcome(), "status 2", "{}", after.text);
    setup.assert_books_balance();
}

/// Bodies that are no forms, or no good ones: the wire's refusal, within a second or so, and
/// nothing of them comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_bodies_are_refused_in_the_frame_of_the_wire() {
    let setup = Setup::new("ls-bodies", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let number = xml_number("x");
    let form = encoded(&till.signed(good(till, &number)));
    let merchant = &*till.merchant_id;
    let laughs: String = (0..12)
        .map(|level| format!("<!ENTITY e{level} \"&e{0};&e{0};&e{0};&e{0};\">", level + 1))
        .collect();
    let bytes = |text: &str| text.as_bytes().to_vec();
    let cases: Vec<(&str, &str, Vec<u8>, &str)> = vec![
        (
            "XML",
            "text/xml",
            format!(
                "<xml><service>query_status</service><merchant_id>{merchant}</merchant_id></xml>"
            )
            .into_bytes(),
            "gateway 3",
        ),
        (
            "a document type",
            "text/xml",
            bytes(
                "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\
                 <xml><service>&e;</service></xml>",
            ),
            "gateway 3",
        ),
        (
            "a laughing document",
            "application/xml",
            format!("<!DOCTYPE x [{laughs}]><xml><merchant_id>&e0;</merchant_id></xml>")
                .into_bytes(),
            "gateway 3",
        ),
        (
            "JSON",
            "application/json",
            format!("{{\"service\":\"query_status\",\"merchant_id\":\"{merchant}\"}}").into_bytes(),
            "gateway 3",
        ),
        ("nothing", XML_FORM, Vec::new(), "gateway 3"),
        (
            "no UTF-8",
            XML_FORM,
            [form.as_bytes(), b"&a=\xff\xfe"].concat(),
            "gateway 3",
        ),
        (
            "no UTF-8 when decoded",
            XML_FORM,
            bytes(&format!("{form}&a=%ff%fe")),
            "gateway 3",
        ),
        (
            "too many parameters",
            XML_FORM,
            bytes(&format!("{form}{}", "&a=1".repeat(300))),
            "gateway 3",
        ),
        (
            "too large",
            XML_FORM,
            bytes(&format!("{form}&a={}", "x".repeat(80_000))),
            "gateway 3",
        ),
        (
            "multipart that is none",
            "multipart/form-data; boundary=XB",
            bytes(&form),
            "gateway 3",
        ),
        (
            "two merchants",
            XML_FORM,
            bytes(&format!("{form}&merchant_id=9605999999")),
            "gateway 3",
        ),
        (
            "two signatures",
            XML_FORM,
            bytes(&format!("{form}&sign=00000000000000000000000000000000")),
            "gateway 1",
        ),
        (
            "a parameter more than signed",
            XML_FORM,
            bytes(&format!("{form}&zz=1")),
            "gateway 1",
        ),
        (
            "an unknown merchant",
            XML_FORM,
            bytes(&form.replace(merchant, "9605999999")),
            "gateway 2",
        ),
        (
            "a merchant of no form",
            XML_FORM,
            bytes(&form.replace(merchant, "%27+or+1%3D1")),
            "gateway 2",
        ),
    ];
    for (case, content_type, body, expected) in cases {
        let sent = till.post("", Some(content_type), body);
        let sent = tokio::time::timeout(WITHIN, sent).await;
        let answer = sent.unwrap_or_else(|_| panic!("{case}: no answer"));
        let answer = answer.unwrap_or_else(|problem| panic!("{case}: {problem}"));
        answer.assert_frame(&till.trade_key);
        assert_eq!(answer.outcome(), expected, "{case}: {}", answer.text);
        assert!(answer.text.len() < 200, "{case}: {}", answer.text);
        assert!(!answer.text.contains("root:"), "{case}: {}", answer.text);
    }
    assert_eq!(till.query(&number).await.outcome(), "error -20018");
    // A value that stands twice is one if it is the same, and none if it is not.
    let twice = |value: &str| {
        let mut pairs = good(till, &number);
        let mut signed_twice = till.signed(pairs.clone());
        pairs.push(("amount".to_owned(), value.to_owned()));
        signed_twice.push(("amount".to_owned(), value.to_owned()));
        encoded(&signed_twice)
    };
    let other = till.post_form(twice("159")).await;
    assert_eq!(other.outcome(), "error -20001", "{}", other.text);
    let same = till.post_form(twice("158")).await;
    assert_eq!(same.outcome(), "done", "{}", same.text);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_trade_key_trades() {
    let setup = Setup::new("ls-keys", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let foreign = demo.about.get("dialects").unwrap();
    let key_of = |dialect: &str| {
        let about = foreign.get(dialect).and_then(|about| about.get("key"));
        about.and_then(Json::text).unwrap().to_owned()
    };
    let keys = [
        ("the notify key", till.notify_key.clone()),
        ("the agent's", till.agent_key.clone()),
        ("another dialect's", key_of("fufu")),
        ("another agent's", key_of("chaoying")),
        ("none", String::new()),
        ("in upper case", till.trade_key.to_uppercase()),
    ];
    let number = xml_number("key");
    let code = PayWay::Wechat.code("00");
    let members = [
        ("third_order_id", &*number),
        ("amount", "100"),
        ("auth_code", &*code),
    ];
    for (whose, key) in &keys {
        for service in ["upload_authcode", "query_status", "no_such_service"] {
            let pairs = till.signed_with(key, till.unsigned(service, &members));
            let answer = till.post_form(encoded(&pairs)).await;
            assert_eq!(answer.outcome(), "gateway 1", "{whose}: {}", answer.text);
        }
    }
    // Unknown merchants are told so whatever they sign; an unknown service after a good signature
    // only.
    let stranger = till.of_merchant("9605000012");
    for key in [&till.trade_key, &till.notify_key] {
        let pairs = stranger.signed_with(key, stranger.unsigned("query_status", &members));
        let answer = till.post_form(encoded(&pairs)).await;
        assert_eq!(answer.outcome(), "gateway 2", "{}", answer.text);
    }
    let unknown = till.call("no_such_service", &members).await;
    assert_eq!(unknown.outcome(), "gateway 4", "{}", unknown.text);
    for sign in ["", "0", "zz", "DBDB07ECC6DFFC77BB3F98645B74F48", "<sign>"] {
        let pairs = with(till.unsigned("query_status", &members), "sign", Some(sign));
        let answer = till.post_form(encoded(&pairs)).await;
        assert_eq!(answer.outcome(), "gateway 1", "{sign}: {}", answer.text);
    }
    assert_eq!(till.query(&number).await.outcome(), "error -20018");
    let paid = till.call("upload_authcode", &members).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    setup.assert_books_balance();
}
