//! Story: whatever shape a request of the third dialect arrives in, it is read as its client meant it; what
//! is wrong with it gets the wire's own refusal, and no order comes of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

mod harness;

use std::time::Duration;

use futures::future::join_all;
use harness::{
    Demo, Json, PAY_WAYS, Pairs, PayWay, Receiver, SIX_ZEROS, Setup, XML_FORM, XmlAnswer, XmlTill,
    encoded, eventually, hex_md5, joined, notice_verifies, percent_encoded, read_xml, request_text,
    request_text_with_empty, value, xml_number,
};

const FACTOR: u64 = 5;
const WITHIN: Duration = Duration::from_secs(30);

/// What a client puts on the wire.
struct Sent {
    behind: String,
    content_type: Option<&'static str>,
    body: Vec<u8>,
}

impl Sent {
    fn form(body: impl Into<Vec<u8>>) -> Sent {
        Sent {
            behind: String::new(),
            content_type: Some(XML_FORM),
            body: body.into(),
        }
    }
}

/// A habit of some client: how it changes the parameters and writes them.
struct Habit {
    name: &'static str,
    /// What it sends as goods, and what the payer is to read.
    body: &'static str,
    attach: &'static str,
    /// Parameters that it adds.
    more: &'static [(&'static str, &'static str)],
    /// Whether the address for notifications is encoded before it is signed.
    is_url_encoded_before: bool,
    write: fn(&str, Pairs) -> Sent,
}

const PLAIN: Habit = Habit {
    name: "a careful client",
    body: "牛肉面 a+b",
    attach: "桌号 12+1",
    more: &[],
    is_url_encoded_before: false,
    write: |key, pairs| Sent::form(encoded(&signed(key, pairs))),
};

/// With the signature over what is not empty, in upper case.
fn signed(key: &str, mut pairs: Pairs) -> Pairs {
    let sign = hex_md5(request_text(key, &pairs).as_bytes()).to_uppercase();
    pairs.push(("sign".to_owned(), sign));
    pairs
}

/// With the signature over everything.
fn signed_with_empty(key: &str, mut pairs: Pairs) -> Pairs {
    let sign = hex_md5(request_text_with_empty(key, &pairs).as_bytes()).to_uppercase();
    pairs.push(("sign".to_owned(), sign));
    pairs
}

/// Values as they are.
fn raw(pairs: &[(String, String)]) -> String {
    joined(pairs, str::to_owned)
}

/// Percent-encoded with escapes in lower case.
fn lower_escapes(text: &str) -> String {
    let encoded = percent_encoded(text);
    let mut pieces = encoded.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at(2);
        lower.push_str(&format!("%{}{rest}", digits.to_lowercase()));
    }
    lower
}

/// One part a parameter.
fn multipart(pairs: &[(String, String)]) -> Sent {
    let mut body = String::new();
    for (name, value) in pairs {
        body.push_str(&format!(
            "--------------------------d74496d66958873e\r\n\
             Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str("--------------------------d74496d66958873e--\r\n");
    let content_type = "multipart/form-data; boundary=------------------------d74496d66958873e";
    Sent {
        behind: String::new(),
        content_type: Some(content_type),
        body: body.into_bytes(),
    }
}

fn behind_address(behind: &str, body: &str) -> Sent {
    Sent {
        behind: format!("?{behind}"),
        ..Sent::form(body)
    }
}

const EMPTY: &[(&str, &str)] = &[("sub_openid", ""), ("appid", ""), ("goods_tag", "")];

const HABITS: [Habit; 25] = [
    PLAIN,
    Habit {
        name: "escapes in lower case",
        write: |key, pairs| Sent::form(joined(&signed(key, pairs), lower_escapes)),
        ..PLAIN
    },
    Habit {
        name: "+ for blanks, %2B for plus",
        write: |key, pairs| {
            let form = joined(&signed(key, pairs), |text| {
                percent_encoded(text).replace("%20", "+")
            });
            Sent::form(form)
        },
        ..PLAIN
    },
    Habit {
        name: "raw UTF-8, colons, slashes, blanks",
        body: "测试 商品: a/b?c",
        attach: "门店:1/2",
        write: |key, pairs| Sent::form(raw(&signed(key, pairs))),
        ..PLAIN
    },
    Habit {
        name: "raw, with + meant as itself",
        write: |key, pairs| Sent::form(raw(&signed(key, pairs))),
        ..PLAIN
    },
    Habit {
        name: "raw, with a per cent that escapes nothing",
        body: "100% 牛肉",
        attach: "5%",
        write: |key, pairs| Sent::form(raw(&signed(key, pairs))),
        ..PLAIN
    },
    Habit {
        name: "raw, notify_url encoded before signing",
        body: "面: a/b",
        attach: "12",
        is_url_encoded_before: true,
        write: |key, pairs| Sent::form(raw(&signed(key, pairs))),
        ..PLAIN
    },
    Habit {
        name: "raw, with signed empties and +",
        more: EMPTY,
        write: |key, pairs| Sent::form(raw(&signed_with_empty(key, pairs))),
        ..PLAIN
    },
    Habit {
        name: "a form, notify_url encoded before signing",
        is_url_encoded_before: true,
        ..PLAIN
    },
    Habit {
        name: "empties sent and not signed",
        more: EMPTY,
        ..PLAIN
    },
    Habit {
        name: "empties sent and signed",
        more: EMPTY,
        write: |key, pairs| Sent::form(encoded(&signed_with_empty(key, pairs))),
        ..PLAIN
    },
    Habit {
        name: "multipart",
        write: |key, pairs| multipart(&signed(key, pairs)),
        ..PLAIN
    },
    Habit {
        name: "multipart, with signed empties",
        more: EMPTY,
        write: |key, pairs| multipart(&signed_with_empty(key, pairs)),
        ..PLAIN
    },
    Habit {
        name: "multipart, notify_url encoded before signing",
        is_url_encoded_before: true,
        write: |key, pairs| multipart(&signed(key, pairs)),
        ..PLAIN
    },
    Habit {
        name: "everything behind the address",
        write: |key, pairs| behind_address(&encoded(&signed(key, pairs)), ""),
        ..PLAIN
    },
    Habit {
        name: "half behind the address",
        write: |key, pairs| {
            let pairs = signed(key, pairs);
            let (behind, body) = pairs.split_at(3);
            behind_address(&encoded(behind), &encoded(body))
        },
        ..PLAIN
    },
    Habit {
        name: "a signature in lower case",
        write: |key, pairs| {
            let mut pairs = signed(key, pairs);
            let sign = pairs.last_mut().unwrap();
            sign.1 = sign.1.to_lowercase();
            Sent::form(encoded(&pairs))
        },
        ..PLAIN
    },
    Habit {
        name: "sign_type",
        more: &[("sign_type", "MD5")],
        ..PLAIN
    },
    Habit {
        name: "unknown fields",
        more: &[
            (
                "terminal_info",
                "{\"device_type\":\"04\",\"device_id\":\"D1\"}",
            ),
            ("zz_unknown", "1&2=3"),
            ("Source", "qw_code"),
            ("未知", "值"),
        ],
        ..PLAIN
    },
    Habit {
        name: "another order",
        write: |key, pairs| {
            let mut pairs = signed(key, pairs);
            pairs.reverse();
            Sent::form(encoded(&pairs))
        },
        ..PLAIN
    },
    Habit {
        name: "a byte order mark",
        write: |key, pairs| Sent::form(format!("\u{feff}{}", encoded(&signed(key, pairs)))),
        ..PLAIN
    },
    Habit {
        name: "no content type",
        write: |key, pairs| Sent {
            content_type: None,
            ..Sent::form(encoded(&signed(key, pairs)))
        },
        ..PLAIN
    },
    Habit {
        name: "a content type with a charset",
        write: |key, pairs| Sent {
            content_type: Some("application/x-www-form-urlencoded; charset=utf-8"),
            ..Sent::form(encoded(&signed(key, pairs)))
        },
        ..PLAIN
    },
    Habit {
        name: "a content type that is not true",
        write: |key, pairs| Sent {
            content_type: Some("text/xml"),
            ..Sent::form(encoded(&signed(key, pairs)))
        },
        ..PLAIN
    },
    Habit {
        name: "blanks around a value",
        body: " 牛肉面 ",
        attach: "  a ",
        ..PLAIN
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_habit_of_clients_is_read_as_it_was_meant() {
    let setup = Setup::new("ls-habits", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let mut wrong = Vec::new();
    for (index, habit) in HABITS.iter().enumerate() {
        let told = play(&demo, &till, &receiver, index, habit).await;
        wrong.extend(told.err().map(|told| format!("{}: {told}", habit.name)));
    }
    assert!(
        wrong.is_empty(),
        "{} habits went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    setup.assert_books_balance();
}

/// An order by this client, paid; goods, attachment and the address for notifications are as it meant them.
async fn play(
    demo: &Demo,
    till: &XmlTill,
    receiver: &Receiver,
    index: usize,
    habit: &Habit,
) -> Result<(), String> {
    let way = PAY_WAYS[index % 2];
    let number = xml_number("habit");
    let path = format!("/{number}");
    let url = receiver.url(&format!("{path}?a:b"));
    let url = if habit.is_url_encoded_before {
        percent_encoded(&url)
    } else {
        url
    };
    let members = [
        ("third_order_id", &*number),
        ("amount", "500"),
        ("pay_way", way.word()),
        ("jspay_flag", "0"),
        ("body", habit.body),
        ("attach", habit.attach),
        ("notify_url", &*url),
        // The same one every time: it is compared with nothing.
        ("nonce_str", "20260115100000"),
    ];
    let mut pairs = till.unsigned("get_tdcode", &members);
    pairs.retain(|(name, value)| name != "nonce_str" || value == "20260115100000");
    let more = habit.more.iter();
    pairs.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let sent = (habit.write)(&till.trade_key, pairs);
    let answer = till
        .post(&sent.behind, sent.content_type, sent.body)
        .await?;
    answer.assert_frame(&till.trade_key);
    if answer.outcome() != "done" {
        return Err(answer.text);
    }
    let order = demo.sandbox.order(answer.str("leshua_order_id")).await;
    let order = order.ok_or("the channel knows no such order")?;
    if order.str("subject").trim() != habit.body.trim() {
        return Err(format!("the payer reads {}", order.str("subject")));
    }
    demo.sandbox.pay(answer.str("td_code")).await;
    let heard = receiver.wait(&path, 1).await.remove(0);
    let notice = read_xml(heard.text(), "leshua")?;
    let attach = value(&notice, "attach");
    let is_told = attach == Some(habit.attach) && heard.query == "a:b";
    if !is_told || !notice_verifies(&till.notify_key, &notice) {
        return Err(format!("called with {:?}: {}", heard.query, heard.text()));
    }
    let paid = till.query(&number).await;
    let is_paid = paid.outcome() == "status 2" && paid.get("attach") == Some(habit.attach);
    if is_paid { Ok(()) } else { Err(paid.text) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_may_come_again_and_every_reference_works() {
    let setup = Setup::new("ls-references", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let (first, second) = (xml_number("a"), xml_number("b"));
    let nonce = |pairs: Pairs| -> Pairs {
        let with = pairs.into_iter().map(|(name, value)| match &*name {
            "nonce_str" => (name, "1".to_owned()),
            _ => (name, value),
        });
        with.collect()
    };
    let mut ours = Vec::new();
    for number in [&first, &second] {
        let code = PayWay::Alipay.code("00");
        let members = [
            ("third_order_id", &**number),
            ("amount", "100"),
            ("auth_code", &*code),
        ];
        let answer = till
            .send(nonce(till.unsigned("upload_authcode", &members)))
            .await;
        assert_eq!(answer.outcome(), "status 2", "{}", answer.text);
        ours.push(answer.str("leshua_order_id").to_owned());
    }
    let found = async |service: &str, members: &[(&str, &str)]| {
        let answer = till.send(nonce(till.unsigned(service, members))).await;
        match answer.get("leshua_order_id") {
            Some(number) => number.to_owned(),
            None => answer.outcome(),
        }
    };
    for service in ["query_status", "query_order"] {
        let by_theirs = [("third_order_id", &*first)];
        assert_eq!(found(service, &by_theirs).await, ours[0]);
        let by_ours = [("leshua_order_id", &*ours[0])];
        assert_eq!(found(service, &by_ours).await, ours[0]);
        // Ours is preferred, and alone decides.
        let both = [("third_order_id", &*first), ("leshua_order_id", &*ours[1])];
        assert_eq!(found(service, &both).await, ours[1]);
        let unknown = "1234567890123456";
        for wrong in [unknown, "x", "订单"] {
            let both = [("third_order_id", &*first), ("leshua_order_id", wrong)];
            assert_eq!(found(service, &both).await, "error -1002", "{wrong}");
        }
        for wrong in ["x", "订单 ]]>", "a.b", "0"] {
            let by_theirs = [("third_order_id", wrong)];
            assert_eq!(found(service, &by_theirs).await, "error -1002", "{wrong}");
        }
        // An empty one is none.
        let with_empty = [("third_order_id", &*second), ("leshua_order_id", "")];
        assert_eq!(found(service, &with_empty).await, ours[1]);
        assert_eq!(found(service, &[]).await, "gateway 3");
    }
    setup.assert_books_balance();
}

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
    let (missing, bad) = ("gateway 3", "error -1001");
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
        " ",
        "true",
    ] {
        cases.push(("amount", Some(amount.to_owned()), bad));
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
    }
    for (name, length) in [
        ("third_order_id", 65),
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
        cases.push(("third_order_id", Some(number.to_owned()), bad));
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
        let expected = if name == "service" { "gateway 4" } else { bad };
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
        assert_eq!(answer.outcome(), "error -1002", "{number}");
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
        ("1", "error -1001"),
        ("999999999999999999", "error -1001"),
        ("13456789012345678a", "error -1001"),
        ("13456789012345678 ", "error -1001"),
        // e-CNY's.
        ("0134567890123456789", "error -1001"),
    ] {
        let number = xml_number("code");
        let members = [
            ("third_order_id", &*number),
            ("amount", "100"),
            ("auth_code", code),
        ];
        let pairs = till.unsigned("upload_authcode", &members);
        wrong.extend(refused(till, &format!("auth_code={code:?}"), pairs, expected).await);
        assert_eq!(till.query(&number).await.outcome(), "error -1002", "{code}");
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
        ("refund_amount", Some("0"), "error -1001"),
        ("refund_amount", Some("-1"), "error -1001"),
        ("refund_amount", Some("1.00"), "error -1001"),
        ("refund_amount", Some("501"), "error -1010"),
        ("merchant_refund_id", None, "gateway 3"),
        ("merchant_refund_id", Some("R 1"), "error -1001"),
        ("merchant_refund_id", Some("R]]>"), "error -1001"),
        ("merchant_refund_id", Some(&long), "error -1001"),
        ("third_order_id", None, "gateway 3"),
        ("third_order_id", Some("nobodys"), "error -1002"),
        ("leshua_order_id", Some("1"), "error -1002"),
        ("notify_url", Some("notify"), "error -1001"),
        ("attach", Some("a\nb"), "error -1001"),
    ] {
        let case = format!("refund with {name}={value:?}");
        wrong.extend(refused(till, &case, refund(name, value), expected).await);
    }
    assert_none_wrong(&wrong);
    let references = [("third_order_id", &*number)];
    let answer = till.refund_query(&references).await;
    assert_eq!(answer.outcome(), "error -1012", "{}", answer.text);
    let after = till.query(&number).await;
    assert_eq!(after.outcome(), "status 2", "{}", after.text);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_come_back_as_they_were_sent_and_never_break_the_answer() {
    let setup = Setup::new("ls-texts", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let receiver = &Receiver::start(|_, _| SIX_ZEROS).await;
    let texts = [
        "]]>",
        "]]]]>><![CDATA[x]]>",
        "<b>&amp;</b>",
        "a&b=c&sign=0",
        "'\"\\",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>",
        "</attach></leshua>",
        "&#0;&#x1;&e;",
        "😀\u{2028}\u{ff1c}",
        "%25%2B+%",
        "  ",
        "=",
        "\u{feff}x",
    ];
    let told = texts.map(async |text| {
        let number = xml_number("text");
        let path = format!("/{number}");
        let url = receiver.url(&path);
        let code = PayWay::Alipay.code("00");
        let members = [
            ("third_order_id", &*number),
            ("amount", "100"),
            ("auth_code", &*code),
            ("body", text),
            ("attach", text),
            ("notify_url", &*url),
        ];
        let paid = till.call("upload_authcode", &members).await;
        let queried = till.query(&number).await;
        for answer in [&paid, &queried] {
            if answer.get("attach") != Some(text) || answer.outcome() != "status 2" {
                return Some(format!("{text:?}: {}", answer.text));
            }
        }
        let heard = receiver.wait(&path, 1).await.remove(0);
        let notice = read_xml(heard.text(), "leshua").unwrap();
        let holds = notice_verifies(&till.notify_key, &notice);
        if value(&notice, "attach") != Some(text) || !holds {
            return Some(format!("{text:?}: {}", heard.text()));
        }
        let refund = [("attach", text)];
        let refund = till.refund(&number, &xml_number("R"), 50, &refund).await;
        (refund.get("attach") != Some(text)).then(|| format!("{text:?}: {}", refund.text))
    });
    let wrong: Vec<String> = join_all(told).await.into_iter().flatten().collect();
    assert_none_wrong(&wrong);
    setup.assert_books_balance();
}

/// Bodies that are no forms, or no good ones: the wire's refusal, within a second or so, and nothing of them
/// comes back.
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
    assert_eq!(till.query(&number).await.outcome(), "error -1002");
    // A value that stands twice is one if it is the same, and none if it is not.
    let twice = |value: &str| {
        let mut pairs = good(till, &number);
        let mut signed_twice = till.signed(pairs.clone());
        pairs.push(("amount".to_owned(), value.to_owned()));
        signed_twice.push(("amount".to_owned(), value.to_owned()));
        encoded(&signed_twice)
    };
    let other = till.post_form(twice("159")).await;
    assert_eq!(other.outcome(), "error -1001", "{}", other.text);
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
    // Unknown merchants are told so whatever they sign; an unknown service after a good signature only.
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
    assert_eq!(till.query(&number).await.outcome(), "error -1002");
    let paid = till.call("upload_authcode", &members).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    assert_one_number_is_one_payment(till, &number, &code, &paid).await;
    setup.assert_books_balance();
}

/// The identical repeat gives the present state, another one is told what became of the order (ruling 18).
async fn assert_one_number_is_one_payment(
    till: &XmlTill,
    number: &str,
    code: &str,
    paid: &XmlAnswer,
) {
    let repeat = async |amount: &str, more: &[(&str, &str)]| {
        let mut members = vec![
            ("third_order_id", number),
            ("amount", amount),
            ("auth_code", code),
        ];
        members.extend(more);
        till.call("upload_authcode", &members).await
    };
    for more in [&[][..], &[("client_ip", "203.0.113.9")]] {
        let again = repeat("100", more).await;
        assert_eq!(again.outcome(), "status 2", "{}", again.text);
        for name in ["leshua_order_id", "out_transaction_id", "pay_time"] {
            assert_eq!(again.get(name), paid.get(name), "{}", again.text);
        }
    }
    for more in [&[("attach", "other")][..], &[("body", "other")]] {
        let other = repeat("100", more).await;
        assert_eq!(other.outcome(), "error -1004", "{more:?}: {}", other.text);
    }
    let other = repeat("101", &[]).await;
    assert_eq!(other.outcome(), "error -1004", "{}", other.text);
    let state = till.query(number).await;
    assert_eq!(state.outcome(), "status 2", "{}", state.text);
    let waiting = xml_number("wait");
    let code = PayWay::Alipay.code("91");
    let first = till.pay(&waiting, 100, &code, &[]).await;
    assert_eq!(first.outcome(), "status 0", "{}", first.text);
    let again = till.pay(&waiting, 100, &code, &[]).await;
    assert_eq!(again.outcome(), "status 0", "{}", again.text);
    let other = till.pay(&waiting, 101, &code, &[]).await;
    assert_eq!(other.outcome(), "error -1003", "{}", other.text);
    let failed = xml_number("fail");
    let code = PayWay::Alipay.code("93");
    eventually("the payment failed", async || {
        let answer = till.pay(&failed, 100, &code, &[]).await;
        (answer.outcome() == "status 8").then_some(())
    })
    .await;
}
