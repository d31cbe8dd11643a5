//! Story: whatever shape a request of the third dialect arrives in, it is read as its client meant it; texts
//! come back as they were sent, and a request that comes twice is one.

use crate::harness::{
    Demo, PAY_WAYS, Pairs, PayWay, Receiver, SIX_ZEROS, Setup, XML_FORM, XmlTill, encoded,
    eventually, hex_md5, joined, notice_verifies, percent_encoded, random, read_xml, request_text,
    request_text_with_empty, spoken, value, xml_number,
};
use futures::future::join_all;

const FACTOR: u64 = 5;

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
            assert_eq!(found(service, &both).await, "error -20018", "{wrong}");
        }
        for wrong in ["x", "订单 ]]>", "a.b", "0"] {
            let by_theirs = [("third_order_id", wrong)];
            assert_eq!(found(service, &by_theirs).await, "error -20018", "{wrong}");
        }
        // An empty one is none.
        let with_empty = [("third_order_id", &*second), ("leshua_order_id", "")];
        assert_eq!(found(service, &with_empty).await, ours[1]);
        assert_eq!(found(service, &[]).await, "error -20024");
    }
    for service in ["close_order", "unified_query_refund"] {
        let nobodys = [("third_order_id", "nobodys")];
        assert_eq!(found(service, &nobodys).await, "error -4006", "{service}");
        assert_eq!(found(service, &[]).await, "error -20024", "{service}");
    }
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
        " x  ",
        "  ",
        "=",
        "\u{feff}x",
    ];
    let told = texts.map(async |text| {
        // Blanks alone are no text.
        let back = Some(text).filter(|text| !text.trim().is_empty());
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
            if answer.get("attach") != back || answer.outcome() != "status 2" {
                return Some(format!("{text:?}: {}", answer.text));
            }
        }
        let heard = receiver.wait(&path, 1).await.remove(0);
        let notice = read_xml(heard.text(), "leshua").unwrap();
        let holds = notice_verifies(&till.notify_key, &notice);
        if value(&notice, "attach") != back || !holds {
            return Some(format!("{text:?}: {}", heard.text()));
        }
        let refund = [("attach", text)];
        let refund = till.refund(&number, &xml_number("R"), 50, &refund).await;
        (refund.get("attach") != back).then(|| format!("{text:?}: {}", refund.text))
    });
    let wrong: Vec<String> = join_all(told).await.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} texts went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    setup.assert_books_balance();
}

/// The identical repeat gives the present state, another one is told what became of the order (ruling 18).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_is_one_payment_however_often_it_is_sent() {
    let setup = Setup::new("ls-once", FACTOR);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let (number, code) = (&*xml_number("once"), &*PayWay::Wechat.code("00"));
    let repeat = async |amount: &str, more: &[(&str, &str)]| {
        let mut members = vec![
            ("third_order_id", number),
            ("amount", amount),
            ("auth_code", code),
        ];
        members.extend(more);
        till.call("upload_authcode", &members).await
    };
    let paid = repeat("100", &[]).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    for more in [&[][..], &[("client_ip", "203.0.113.9")]] {
        let again = repeat("100", more).await;
        assert_eq!(again.outcome(), "status 2", "{}", again.text);
        for name in ["leshua_order_id", "out_transaction_id", "pay_time"] {
            assert_eq!(again.get(name), paid.get(name), "{}", again.text);
        }
    }
    for more in [&[("attach", "other")][..], &[("body", "other")]] {
        let other = repeat("100", more).await;
        assert_eq!(other.outcome(), "error -20027", "{more:?}: {}", other.text);
    }
    let other = repeat("101", &[]).await;
    assert_eq!(other.outcome(), "error -20027", "{}", other.text);
    let state = till.query(number).await;
    assert_eq!(state.outcome(), "status 2", "{}", state.text);
    let waiting = xml_number("wait");
    let code = PayWay::Alipay.code("91");
    let first = till.pay(&waiting, 100, &code, &[]).await;
    assert_eq!(first.outcome(), "status 0", "{}", first.text);
    let again = till.pay(&waiting, 100, &code, &[]).await;
    assert_eq!(again.outcome(), "status 0", "{}", again.text);
    let other = till.pay(&waiting, 101, &code, &[]).await;
    assert_eq!(other.outcome(), "error -1006", "{}", other.text);
    let failed = xml_number("fail");
    let code = PayWay::Alipay.code("93");
    eventually("the payment failed", async || {
        let answer = till.pay(&failed, 100, &code, &[]).await;
        (answer.outcome() == "status 8").then_some(())
    })
    .await;
    // Whatever was sent, one payment of each went to the channel.
    for number in [number, &waiting, &failed] {
        let story = setup.story(number);
        let attempts = story.lines().filter(|line| line.starts_with("  attempt "));
        assert_eq!(attempts.count(), 1, "{story}");
    }
    setup.assert_books_balance();
}

/// Several real shops have one key for both directions, so nothing may rest on their difference.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_of_random_numbers_and_one_key_trades_like_the_demos() {
    let setup = Setup::new("ls-added", FACTOR);
    let demo = setup.start().await;
    let merchant_id = format!("{:010}", random() % 10_000_000_000);
    let key = format!("{:016x}{:016x}", random(), random());
    let mut contracts = Vec::new();
    for way in PAY_WAYS {
        let name = way.name();
        contracts.extend(demo.sandbox.enrol(name).await.arguments(name, "0.6%"));
    }
    let (trade, notify) = (format!("trade={key}"), format!("notify={key}"));
    let mut arguments = vec!["merchants", "add", &*merchant_id, "--name", "随机商户"];
    arguments.extend(["--dialect", "leshua", "--app-id", &*merchant_id]);
    arguments.extend(["--key", &*trade, "--key", &*notify]);
    arguments.extend(contracts.iter().map(String::as_str));
    let output = setup.run(&arguments);
    assert!(output.status.success(), "{}", spoken(&output));
    let demos = XmlTill::of(&demo);
    let till = demos.of_merchant(&merchant_id).with_keys(&key, &key);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    for way in PAY_WAYS {
        let fen = i64::try_from(100 + random() % 90_000).unwrap();
        let number = xml_number("added");
        let path = format!("/{number}");
        let url = receiver.url(&path);
        let more = [("notify_url", &*url)];
        let paid = till.pay(&number, fen, &way.code("98"), &more).await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        assert_eq!(paid.str("merchant_id"), merchant_id, "{}", paid.text);
        assert_eq!(paid.fen("discount_amount"), fen / 10, "{}", paid.text);
        let notice = read_xml(receiver.wait(&path, 1).await[0].text(), "leshua").unwrap();
        assert!(notice_verifies(&key, &notice), "{notice:?}");
        assert_eq!(value(&notice, "merchant_id"), Some(&*merchant_id));
        // Numbers belong to their merchants, and so do keys.
        let told = demos.query(&number).await;
        assert_eq!(told.outcome(), "error -20018", "{}", told.text);
        assert_eq!(told.str("pay_way"), "UNKNOWN");
        let ours = [("leshua_order_id", paid.str("leshua_order_id"))];
        let told = demos.call("query_status", &ours).await;
        assert_eq!(told.outcome(), "error -20018", "{}", told.text);
        assert_eq!(told.str("pay_way"), "UNKNOWN");
        let stolen = demos.signed_with(&key, demos.unsigned("query_status", &ours));
        let told = demos.post_form(encoded(&stolen)).await;
        assert_eq!(told.outcome(), "gateway 1", "{}", told.text);
        let same = demos.pay(&number, fen, &way.code("00"), &[]).await;
        assert_eq!(same.outcome(), "status 2", "another's order: {}", same.text);
    }
    setup.assert_books_balance();
}
