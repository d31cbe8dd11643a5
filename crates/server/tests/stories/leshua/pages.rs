//! Story: a unified order of the third dialect reaches its payer in every way that the wire knows,
//! is paid there and told; asked for again it gives the first result; closed it takes no money.

use crate::harness::{
    Demo, Json, PAY_WAYS, PayWay, Receiver, SIX_ZEROS, Setup, XmlAnswer, XmlTill, eventually,
    notice_verifies, percent_encoded, random, read_xml, value, xml_number,
};

/// A channel has seconds to answer a prepay: on a faster clock they would be short for a busy
/// machine.
const FACTOR: u64 = 5;
const MERCHANTS_APP: &str = "wx0000000000000001";

fn amount() -> i64 {
    i64::try_from(10 + random() % 50_000).unwrap()
}

/// The merchant has heard of the payment, and a query says the same.
async fn assert_paid(
    till: &XmlTill,
    receiver: &Receiver,
    created: &XmlAnswer,
    way: PayWay,
    trade_type: &str,
) {
    let number = created.str("third_order_id");
    let heard = receiver.wait(&format!("/{number}"), 1).await.remove(0);
    let notice = read_xml(heard.text(), "leshua").unwrap();
    assert!(notice_verifies(&till.notify_key, &notice), "{notice:?}");
    for (name, wanted) in [
        ("status", "2"),
        ("third_order_id", number),
        ("leshua_order_id", created.str("leshua_order_id")),
        ("amount", created.str("amount")),
        ("pay_way", way.word()),
        ("trade_type", trade_type),
    ] {
        assert_eq!(value(&notice, name), Some(wanted), "{name} in {notice:?}");
    }
    let paid = till.query(number).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    assert_eq!(paid.str("trade_type"), trade_type, "{}", paid.text);
    assert_eq!(paid.get("amount"), created.get("amount"));
    assert_eq!(
        paid.get("out_transaction_id"),
        value(&notice, "out_transaction_id")
    );
}

/// Only one of the three things that a payer can be given.
fn assert_gives(created: &XmlAnswer, wanted: &str) {
    assert_eq!(created.outcome(), "done", "{}", created.text);
    for name in ["td_code", "jspay_info", "jspay_url"] {
        let is_there = created.get(name).is_some();
        assert_eq!(is_there, name == wanted, "{name}: {}", created.text);
    }
    assert!(!created.str(wanted).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simple_pay_is_paid_in_every_wallets_browser_and_leads_back_to_the_shop() {
    let setup = Setup::new("ls-simple", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let shop = "https://merchant.example/done?order=1&x=%E9%9D%A2";
    for way in PAY_WAYS {
        for (jump_url, leads_to) in [
            (Some(shop.to_owned()), Some(shop)),
            (Some(percent_encoded(shop)), Some(shop)),
            (None, None),
        ] {
            let number = xml_number("simple");
            let notify_url = receiver.url(&format!("/{number}"));
            let mut more = vec![("notify_url", &*notify_url)];
            more.extend(jump_url.as_deref().map(|url| ("jump_url", url)));
            let created = till.unified(way, "2", &number, amount(), &more).await;
            assert_gives(&created, "jspay_url");
            let page = created.str("jspay_url");
            assert!(!page.contains('&'), "one client spoils it: {page}");
            let (status, location, text) = till.get(page).await;
            assert_eq!((status, location), (200, None), "not paid yet: {text}");
            demo.sandbox.scan(page, way.name()).await;
            assert_paid(&till, &receiver, &created, way, "JSAPIQuick").await;
            let (status, location, text) = till.get(page).await;
            match leads_to {
                Some(shop) => assert_eq!((status, location.as_deref()), (303, Some(shop))),
                None => {
                    assert_eq!((status, location), (200, None), "{text}");
                    assert!(text.contains("data-state=\"paid\""), "{text}");
                }
            }
        }
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simple_pay_belongs_to_its_wallet_or_to_any() {
    let setup = Setup::new("ls-wallets", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    for (way, other) in [
        (PayWay::Wechat, PayWay::Alipay),
        (PayWay::Alipay, PayWay::Wechat),
        (PayWay::Unionpay, PayWay::Wechat),
    ] {
        let number = xml_number("own");
        let created = till.unified(way, "2", &number, amount(), &[]).await;
        let page = created.str("jspay_url");
        let refused = demo.sandbox.try_scan(page, other.name()).await;
        let refused = refused.expect_err("another wallet cannot pay it");
        assert!(refused.contains("422"), "{refused}");
        let open = till.query(&number).await;
        assert_eq!(open.outcome(), "status 0", "{}", open.text);

        let number = xml_number("any");
        let notify_url = receiver.url(&format!("/{number}"));
        let fen = amount().to_string();
        let members = [
            ("third_order_id", &*number),
            ("amount", &*fen),
            ("jspay_flag", "2"),
            ("notify_url", &*notify_url),
        ];
        let created = till.call("get_tdcode", &members).await;
        assert_gives(&created, "jspay_url");
        assert_eq!(created.get("pay_way"), None, "{}", created.text);
        demo.sandbox
            .scan(created.str("jspay_url"), way.name())
            .await;
        assert_paid(&till, &receiver, &created, way, "JSAPIQuick").await;
    }
    // The page's address at the original takes the same query.
    let number = xml_number("old");
    let notify_url = receiver.url(&format!("/{number}"));
    let more = [("notify_url", &*notify_url)];
    let created = till.unified(PayWay::Alipay, "2", &number, amount(), &more);
    let created = created.await;
    let (address, query) = created.str("jspay_url").split_once('?').unwrap();
    let origin = address.split_once("/cgi-bin").unwrap().0;
    let old = format!("{origin}/cgi-bin/qr/simple_pay.cgi?{query}");
    demo.sandbox.scan(&old, PayWay::Alipay.name()).await;
    assert_paid(&till, &receiver, &created, PayWay::Alipay, "JSAPIQuick").await;
    // Nobody guesses an order's page, and other orders have none.
    let code = till
        .unified(PayWay::Alipay, "0", &xml_number("code"), 100, &[])
        .await;
    let simple = till
        .unified(PayWay::Alipay, "2", &xml_number("page"), 100, &[])
        .await;
    let neighbour = till
        .unified(PayWay::Alipay, "2", &xml_number("page"), 100, &[])
        .await;
    let page = simple.str("jspay_url");
    let ours = simple.str("leshua_order_id");
    for wrong in [
        page.replace(ours, neighbour.str("leshua_order_id")),
        page.replace(ours, code.str("leshua_order_id")),
        page.replace(ours, "1234567890123456"),
        page.replace(&till.merchant_id, "9605000012"),
        page.replace(ours, ""),
        page.split('?').next().unwrap().to_owned(),
        format!("{origin}/cgi-bin/qr/simple_pay.cgi"),
    ] {
        let (status, location, _) = till.get(&wrong).await;
        assert_eq!((status, location), (404, None), "{wrong}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_scanned_with_every_wallet() {
    let setup = Setup::new("ls-codes-scanned", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    for way in PAY_WAYS {
        let number = xml_number("code");
        let notify_url = receiver.url(&format!("/{number}"));
        let more = [("notify_url", &*notify_url)];
        let created = till.unified(way, "0", &number, amount(), &more).await;
        assert_gives(&created, "td_code");
        let code = created.str("td_code");
        assert!(!code.contains('&'), "one client spoils it: {code}");
        let open = till.query(&number).await;
        assert_eq!(open.outcome(), "status 0", "{}", open.text);
        assert_eq!(open.get("trade_type"), None, "{}", open.text);
        demo.sandbox.pay(code).await;
        assert_paid(&till, &receiver, &created, way, "NATIVE").await;
    }
    setup.assert_books_balance();
}

/// What a wallet is given inside its page or mini program.
fn code_of(way: PayWay, info: &str) -> String {
    match way {
        PayWay::Wechat => Json::parse(info).unwrap().str("package").to_owned(),
        PayWay::Alipay => Json::parse(info).unwrap().str("tradeNO").to_owned(),
        PayWay::Unionpay => info.to_owned(),
    }
}

/// A payer's id, asked from UnionPay with the code that its login page gives.
async fn unionpay_user(demo: &Demo, till: &XmlTill) -> String {
    let code = demo.sandbox.login_code("unionpay").await;
    let members = [
        ("user_auth_code", &*code),
        ("app_up_identifier", "UnionPay/1.0 CloudPay"),
    ];
    let found = till.call("query_userid", &members).await;
    assert_eq!(found.outcome(), "done", "{}", found.text);
    assert_eq!(found.get("sub_openid"), None, "{}", found.text);
    let again = till.call("query_userid", &members).await;
    assert_eq!(again.outcome(), "error -20013", "once only: {}", again.text);
    found.str("user_id").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_and_mini_programs_inside_the_wallets_belong_to_their_payers() {
    let setup = Setup::new("ls-inside", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let user = unionpay_user(&demo, &till).await;
    let payer = |way: PayWay| match way {
        PayWay::Wechat => "oTEST0000000000000000000001",
        PayWay::Alipay => "2088000000000001",
        PayWay::Unionpay => &*user,
    };
    for (way, flag, trade_type) in [
        (PayWay::Wechat, "1", "JSAPI"),
        (PayWay::Alipay, "1", "JSAPI"),
        (PayWay::Unionpay, "1", "JSAPI"),
        (PayWay::Wechat, "3", "SmPgPay"),
        (PayWay::Alipay, "3", "SmPgPay"),
    ] {
        let number = xml_number("inside");
        let notify_url = receiver.url(&format!("/{number}"));
        let mut more = vec![("notify_url", &*notify_url), ("sub_openid", payer(way))];
        more.push(("client_ip", "203.0.113.7"));
        if way == PayWay::Wechat {
            more.push(("appid", MERCHANTS_APP));
        }
        let created = till.unified(way, flag, &number, amount(), &more).await;
        assert_gives(&created, "jspay_info");
        demo.sandbox
            .pay(&code_of(way, created.str("jspay_info")))
            .await;
        assert_paid(&till, &receiver, &created, way, trade_type).await;
        let paid = till.query(&number).await;
        let told = match way {
            PayWay::Unionpay => "openid",
            _ => "sub_openid",
        };
        assert_eq!(paid.str(told), payer(way), "{}", paid.text);

        let without = till.unified(way, flag, &xml_number("x"), 100, &[]).await;
        assert_eq!(without.outcome(), "error -20001", "{}", without.text);
    }
    let more = [("sub_openid", &*user)];
    let none = till
        .unified(PayWay::Unionpay, "3", &xml_number("x"), 100, &more)
        .await;
    assert_eq!(none.outcome(), "error -20008", "{}", none.text);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_code_tells_whose_it_is() {
    let setup = Setup::new("ls-openid", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let ask = async |code: &str, app: &str| {
        let members = [("auth_code", code), ("appid", app)];
        till.call("query_openid", &members).await
    };
    let code = PayWay::Wechat.code("00");
    let found = ask(&code, MERCHANTS_APP).await;
    assert_eq!(found.outcome(), "done", "{}", found.text);
    let names: Vec<&str> = found.pairs.iter().map(|(name, _)| &**name).collect();
    let wanted = [
        "resp_code",
        "merchant_id",
        "sign",
        "result_code",
        "nonce_str",
        "sub_openid",
    ];
    assert_eq!(names, wanted);
    let paid = till.pay(&xml_number("who"), 100, &code, &[]).await;
    assert_eq!(
        paid.get("sub_openid"),
        found.get("sub_openid"),
        "{}",
        paid.text
    );
    for (code, app, expected) in [
        ("", MERCHANTS_APP, "gateway 3"),
        (&*code, "", "gateway 3"),
        ("1", MERCHANTS_APP, "error -20013"),
    ] {
        let refused = ask(code, app).await;
        assert_eq!(refused.outcome(), expected, "{code}: {}", refused.text);
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identical_repeat_gives_the_first_result_and_another_one_is_refused() {
    let setup = Setup::new("ls-again", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    for way in PAY_WAYS {
        for flag in ["0", "2"] {
            let number = xml_number("again");
            let first = till.unified(way, flag, &number, 88, &[]).await;
            assert_eq!(first.outcome(), "done", "{}", first.text);
            let free = ["nonce_str", "sign"];
            let facts = |answer: &XmlAnswer| {
                let mut pairs = answer.pairs.clone();
                pairs.retain(|(name, _)| !free.contains(&&**name));
                pairs
            };
            for more in [&[][..], &[("client_ip", "203.0.113.9")]] {
                let again = till.unified(way, flag, &number, 88, more).await;
                assert_eq!(facts(&again), facts(&first), "{}", again.text);
                assert_ne!(again.get("nonce_str"), first.get("nonce_str"));
            }
            let differently = async || {
                let other_flag = if flag == "0" { "2" } else { "0" };
                let other = match way {
                    PayWay::Wechat => PayWay::Alipay,
                    _ => PayWay::Wechat,
                };
                [
                    till.unified(way, flag, &number, 89, &[]).await,
                    till.unified(way, flag, &number, 88, &[("attach", "x")])
                        .await,
                    till.unified(way, other_flag, &number, 88, &[]).await,
                    till.unified(other, flag, &number, 88, &[]).await,
                    till.pay(&number, 88, &way.code("00"), &[]).await,
                ]
            };
            for answer in differently().await {
                assert_eq!(answer.outcome(), "error -1006", "{}", answer.text);
            }
            let end = if flag == "0" {
                demo.sandbox.pay(first.str("td_code")).await;
                eventually("it is paid", async || {
                    let answer = till.query(&number).await;
                    (answer.outcome() == "status 2").then_some(())
                })
                .await;
                let closed = till.close(&number).await;
                assert_eq!(closed.outcome(), "error -20027", "{}", closed.text);
                "error -20027"
            } else {
                let closed = till.close(&number).await;
                assert_eq!(closed.outcome(), "status 6", "{}", closed.text);
                "error -1006"
            };
            let repeated = till.unified(way, flag, &number, 88, &[]).await;
            assert_eq!(repeated.outcome(), end, "{}", repeated.text);
            for answer in differently().await {
                assert_eq!(answer.outcome(), end, "{}", answer.text);
            }
        }
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_order_takes_no_money_and_what_comes_late_goes_back() {
    let setup = Setup::new("ls-closed", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    for way in PAY_WAYS {
        for is_late in [false, true] {
            let number = xml_number("closed");
            let notify_url = receiver.url(&format!("/{number}"));
            let more = [("notify_url", &*notify_url)];
            let fen = amount();
            let created = till.unified(way, "0", &number, fen, &more).await;
            if is_late {
                let sandbox = &demo.sandbox;
                sandbox.turn_away(created.str("td_code")).await;
                sandbox
                    .set_fault_for(way.name(), "close", "late_success", Some(1), None)
                    .await;
            }
            let closed = till.close(&number).await;
            assert_eq!(closed.outcome(), "status 6", "{}", closed.text);
            let end = till.query(&number).await;
            assert_eq!(end.outcome(), "status 6", "{}", end.text);
            let ours = created.str("leshua_order_id");
            if is_late {
                assert_given_back(&demo, &number, ours, fen).await;
            } else {
                assert_cannot_be_paid(&demo, way, &created).await;
            }
            let end = till.query(&number).await;
            assert_eq!(end.outcome(), "status 6", "{}", end.text);
            let refund = till.refund(&number, &xml_number("R"), fen, &[]).await;
            assert_eq!(refund.outcome(), "error -5016", "{}", refund.text);
            let again = till.close(&number).await;
            assert_eq!(again.outcome(), "status 6", "{}", again.text);
            assert!(receiver.heard(&format!("/{number}")).is_empty(), "{number}");
        }
        // Our own page of a closed order offers nothing.
        let number = xml_number("page");
        let created = till.unified(way, "2", &number, 100, &[]).await;
        let closed = till.close(&number).await;
        assert_eq!(closed.outcome(), "status 6", "{}", closed.text);
        let refused = demo
            .sandbox
            .try_scan(created.str("jspay_url"), way.name())
            .await;
        refused.expect_err("a closed page invokes nothing");
    }
    setup.assert_books_balance();
}

/// Once the channel knows of the close, the wallet takes no money. Alipay knows a code from its
/// first scan on: who scans it before our close is repeated pays, and gets the money back (ruling
/// 20).
async fn assert_cannot_be_paid(demo: &Demo, way: PayWay, created: &XmlAnswer) {
    let ours = created.str("leshua_order_id");
    if way != PayWay::Alipay {
        eventually("the channel knows of the close", async || {
            let order = demo.sandbox.order(ours).await?;
            ["Closed", "Revoked"]
                .contains(&order.str("inner_state"))
                .then_some(())
        })
        .await;
    }
    match demo.sandbox.try_pay(created.str("td_code")).await {
        Err(refused) => assert!(refused.contains("409"), "{refused}"),
        Ok(_) => {
            assert_eq!(way, PayWay::Alipay);
            let number = created.str("third_order_id");
            assert_given_back(demo, number, ours, created.fen("amount")).await;
        }
    }
}

async fn assert_given_back(demo: &Demo, number: &str, ours: &str, fen: i64) {
    let what = format!("{number}: the money went back");
    eventually(&what, async || {
        let belief = demo.sandbox.belief(ours).await?;
        let is_back = !belief.is_paid || belief.refunded_fen == fen;
        (belief.was_charged && is_back).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_time_is_over_is_closed_and_takes_no_money() {
    let setup = Setup::new("ls-expiry", 10);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let mut orders = Vec::new();
    for way in PAY_WAYS {
        let lasting = till.unified(way, "0", &xml_number("long"), 100, &[]).await;
        let short = [("order_expiration", "60")];
        let code = till
            .unified(way, "0", &xml_number("short"), 100, &short)
            .await;
        let page = till
            .unified(way, "2", &xml_number("page"), 100, &short)
            .await;
        orders.push((way, lasting, code, page));
    }
    for (way, lasting, code, page) in orders {
        for created in [&code, &page] {
            let number = created.str("third_order_id");
            eventually("it is closed", async || {
                let answer = till.query(number).await;
                if answer.outcome() == "status 0" {
                    return None;
                }
                assert_eq!(answer.outcome(), "status 6", "{}", answer.text);
                Some(())
            })
            .await;
        }
        let refused = demo.sandbox.try_pay(code.str("td_code")).await;
        let refused = refused.expect_err("the wallet takes no money for it");
        assert!(refused.contains("409"), "{refused}");
        let refused = demo.sandbox.try_scan(page.str("jspay_url"), way.name());
        refused
            .await
            .expect_err("a page whose time is over invokes nothing");
        let number = code.str("third_order_id");
        let short = [("order_expiration", "60")];
        let again = till.unified(way, "0", number, 100, &short).await;
        assert_eq!(again.outcome(), "error -1006", "{}", again.text);
        let open = till.query(lasting.str("third_order_id")).await;
        assert_eq!(open.outcome(), "status 0", "{}", open.text);
    }
    setup.assert_books_balance();
}
