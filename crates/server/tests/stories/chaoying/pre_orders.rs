//! Story: order numbers are used once, a pre-order that is asked for again hands over the same
//! thing, and the picture of a code is that code's and no other's.

use std::io::Cursor;

use crate::harness::{
    ALIPAY_PRE_ORDER, AgentAnswer, AgentTill, BOTH, GATEWAY, Json, Setup, WECHAT_PRE_ORDER, Wallet,
    eventually, now, order_number, percent_encoded, spoken,
};

/// A channel has seconds to answer a prepay: on a faster clock they would be short for a busy
/// machine.
const FACTOR: u64 = 5;
const DONE: &str = "SUCCESS 10000 SUCCESS";
const USED: &str = "FAIL 20004";

fn path(wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::Wechat => WECHAT_PRE_ORDER,
        Wallet::Alipay => ALIPAY_PRE_ORDER,
    }
}

/// A pre-order of 88 fen with some members changed or added; an empty one is as if it were not
/// there.
async fn pre_order(
    till: &AgentTill,
    wallet: Wallet,
    number: &str,
    changes: &[(&str, &str)],
) -> AgentAnswer {
    let mut members = vec![
        ("mch_id", &*till.mch_id),
        ("trade_type", "NATIVE"),
        ("body", "牛肉面"),
        ("out_trade_no", number),
        ("total_fee", "88"),
    ];
    members.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    members.extend(changes);
    till.call(path(wallet), &members).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_number_is_used_once_whatever_became_of_it() {
    let setup = Setup::new("cy-numbers", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    for digits in ["00", "91", "93"] {
        let number = order_number("once");
        let code = Wallet::Wechat.code(digits);
        let first = till.pay(&number, 100, &code).await;
        assert_eq!(first.state(), "SUCCESS", "{}", first.text);
        let before = till.query(&number).await.outcome();
        for answer in [
            till.pay(&number, 100, &code).await,
            till.pay(&number, 100, &Wallet::Alipay.code("00")).await,
            till.pay(&number, 200, &code).await,
            till.face_pay(&number, 100, &Wallet::Wechat.code("00"))
                .await,
            pre_order(&till, Wallet::Wechat, &number, &[("total_fee", "100")]).await,
        ] {
            assert_eq!(answer.outcome(), USED, "{digits}: {}", answer.text);
        }
        assert_eq!(till.query(&number).await.outcome(), before);
    }
    let number = order_number("pre");
    let created = pre_order(&till, Wallet::Alipay, &number, &[]).await;
    assert_eq!(created.outcome(), DONE, "{}", created.text);
    let answer = till.pay(&number, 88, &Wallet::Alipay.code("00")).await;
    assert_eq!(answer.outcome(), USED, "{}", answer.text);

    let longest = format!("{:_<32}", order_number("l"));
    let shortest = order_number("")[..5].to_owned();
    let code = Wallet::Wechat.code("00");
    for number in [longest.as_str(), &shortest, "AbCdE_1", "aBcDe_1"] {
        let answer = till.pay(number, 10, &code).await;
        assert_eq!(answer.outcome(), DONE, "{number}: {}", answer.text);
        assert_eq!(till.query(number).await.str("out_trade_no"), number);
    }
    let too_long = format!("{longest}x");
    for number in [
        &*too_long,
        "1234",
        "A-20260115-01",
        "订单号码一二",
        "a b c d",
        "a.b.c.d",
        "",
    ] {
        let answer = till.pay(number, 10, &code).await;
        assert_eq!(answer.outcome(), "FAIL 20004", "{number}: {}", answer.text);
        let answer = pre_order(&till, Wallet::Alipay, number, &[]).await;
        assert_eq!(answer.outcome(), "FAIL 20004", "{number}: {}", answer.text);
        if !number.is_empty() {
            // A look-up with another form is simply not found.
            assert_eq!(till.query(number).await.code(), "20007", "{number}");
        }
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pre_order_that_is_asked_for_again_hands_over_the_same() {
    let setup = Setup::new("cy-again", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    for wallet in BOTH {
        let number = order_number("again");
        let first = pre_order(&till, wallet, &number, &[]).await;
        assert_eq!(first.outcome(), DONE, "{}", first.text);
        for changes in [vec![], vec![("body", "炒面"), ("op_shop_id", "md_2")]] {
            let again = pre_order(&till, wallet, &number, &changes).await;
            assert_eq!(again.outcome(), DONE, "{}", again.text);
            for name in ["code_url", "code_img_url", "mch_id", "out_trade_no"] {
                assert_eq!(again.text_of(name), first.text_of(name), "{}", again.text);
            }
            assert_ne!(again.str("nonce_str"), first.str("nonce_str"));
        }
        let buyer = [
            ("trade_type", "JSPAY"),
            ("buyer_id", "oRA5quGvJc1DEMO0000000000001"),
            ("sub_appid", "wxce38685bc0500001"),
        ];
        for changes in [&[("total_fee", "89")][..], &buyer] {
            let other = pre_order(&till, wallet, &number, changes).await;
            assert_eq!(other.outcome(), USED, "{changes:?}: {}", other.text);
        }
        let other = pre_order(&till, wallet.other(), &number, &[]).await;
        assert_eq!(other.outcome(), USED, "the other wallet's: {}", other.text);

        demo.sandbox.pay(first.str("code_url")).await;
        let paid = eventually("it is paid", async || {
            let answer = till.query(&number).await;
            (answer.code() == "10000").then_some(answer)
        })
        .await;
        assert_eq!(paid.str("trade_type"), "NATIVE", "{}", paid.text);
        assert_eq!(paid.fen("base_fee"), 88, "{}", paid.text);
        let late = pre_order(&till, wallet, &number, &[]).await;
        assert_eq!(late.outcome(), USED, "once paid: {}", late.text);
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_order_belongs_to_its_payer_and_can_be_paid_there() {
    let setup = Setup::new("cy-pages", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let wechat = [
        ("trade_type", "jspay"),
        ("buyer_id", "oRA5quGvJc1DEMO0000000000001"),
        ("sub_appid", "wxce38685bc0500001"),
        ("attach", "桌号=12"),
        ("limit_pay", "no_credit"),
    ];
    let alipay = [
        ("trade_type", "JSPAY"),
        ("buyer_id", "2088822494420001"),
        ("attach", "桌号=12"),
        ("limit_pay", "NO_CREDIT"),
    ];
    for (wallet, changes) in [(Wallet::Wechat, &wechat[..]), (Wallet::Alipay, &alipay)] {
        let number = order_number("page");
        let first = pre_order(&till, wallet, &number, changes).await;
        assert_eq!(first.outcome(), DONE, "{}", first.text);
        let again = pre_order(&till, wallet, &number, changes).await;
        assert_eq!(again.text_of("pay_info"), first.text_of("pay_info"));
        let mut other = changes.to_vec();
        other[1].1 = "2088822494420002";
        let other = pre_order(&till, wallet, &number, &other).await;
        assert_eq!(other.outcome(), USED, "another payer: {}", other.text);

        let info = Json::parse(first.str("pay_info")).unwrap();
        let code = match wallet {
            Wallet::Wechat => info.str("package"),
            Wallet::Alipay => info.str("tradeNO"),
        };
        if let Some(page) = first.text_of("pay_url") {
            let (status, content_type, _) = till.get(page).await;
            assert_eq!(status, 200, "{page}");
            assert!(content_type.starts_with("text/html"), "{content_type}");
        }
        demo.sandbox.pay(code).await;
        let paid = eventually("it is paid", async || {
            let answer = till.query(&number).await;
            (answer.code() == "10000").then_some(answer)
        })
        .await;
        assert_eq!(paid.str("trade_type"), "JSPAY", "{}", paid.text);
        assert_eq!(paid.str("attach"), "桌号=12", "{}", paid.text);
    }
    let app = [("trade_type", "APP"), ("sub_appid", "wxce38685bc0500001")];
    let answer = pre_order(&till, Wallet::Wechat, &order_number("app"), &app).await;
    assert_eq!(answer.outcome(), DONE, "{}", answer.text);
    // The app is the sub-merchant's, and so is the partner that it invokes the wallet as.
    let info = Json::parse(answer.str("pay_info")).unwrap();
    let invoked = (info.str("appid"), info.str("partnerid"));
    assert_eq!(invoked, ("wxce38685bc0500001", "1900007109"), "{info}");
    let answer = pre_order(&till, Wallet::Alipay, &order_number("app"), &app).await;
    assert_eq!(answer.outcome(), "FAIL 20013", "{}", answer.text);
    for missing in [
        vec![("trade_type", "JSPAY")],
        vec![("trade_type", "JSPAY"), ("buyer_id", "oRA5quGvJc1")],
        vec![("trade_type", "APP")],
        vec![("trade_type", "MWEB")],
        vec![("trade_type", "")],
    ] {
        let number = order_number("missing");
        let answer = pre_order(&till, Wallet::Wechat, &number, &missing).await;
        assert_eq!(
            answer.outcome(),
            "FAIL 20004",
            "{missing:?}: {}",
            answer.text
        );
        assert_eq!(till.query(&number).await.code(), "20007");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pre_order_whose_time_is_over_is_closed_and_takes_no_money() {
    let setup = Setup::new("cy-expiry", FACTOR);
    let began = now();
    let demo = setup.start().await;
    let till = demo.agent();
    // The clock began at ten in Beijing; the order lives about a minute from now.
    let minutes = setup.virtual_ms_since(began) / 60_000 + 2;
    let expire = format!("2026011510{minutes:02}00");
    let times = [("time_start", "20260115100000"), ("time_expire", &*expire)];
    // At WeChat an end counts alone.
    let time = |wallet| match wallet {
        Wallet::Wechat => &times[1..],
        Wallet::Alipay => &times[..],
    };
    let cancelled = order_number("cancel");
    let created = pre_order(&till, Wallet::Alipay, &cancelled, &[]).await;
    assert_eq!(created.outcome(), DONE, "{}", created.text);
    let mut orders = Vec::new();
    for wallet in BOTH {
        let number = order_number("over");
        let created = pre_order(&till, wallet, &number, time(wallet)).await;
        assert_eq!(created.outcome(), DONE, "{}", created.text);
        let open = till.query(&number).await;
        assert_eq!(open.outcome(), "SUCCESS 10003 NEED_QUERY", "{}", open.text);
        orders.push((wallet, number, created));
    }
    for (wallet, number, created) in orders {
        let end = eventually("it is closed", async || {
            let answer = till.query(&number).await;
            (answer.trade_state() != Some("NEED_QUERY")).then_some(answer)
        })
        .await;
        assert_eq!(end.outcome(), "SUCCESS 10004 FAIL", "{}", end.text);
        for used in [&number, &order_number("late")] {
            let again = pre_order(&till, wallet, used, time(wallet)).await;
            assert_eq!(again.outcome(), USED, "{}", again.text);
            assert!(again.str("msg").contains("time_expire"), "{}", again.text);
        }
        let refused = demo.sandbox.try_pay(created.str("code_url")).await;
        let refused = refused.expect_err("the wallet takes no money for it");
        assert!(refused.contains("409"), "{refused}");
    }
    // One whose time is not over is open until it is cancelled.
    let open = till.query(&cancelled).await;
    assert_eq!(open.outcome(), "SUCCESS 10003 NEED_QUERY", "{}", open.text);
    let answer = till.cancel(&cancelled).await;
    assert_eq!(answer.outcome(), DONE, "{}", answer.text);
    let end = eventually("it is closed", async || {
        let answer = till.query(&cancelled).await;
        (answer.trade_state() != Some("NEED_QUERY")).then_some(answer)
    })
    .await;
    assert_eq!(end.outcome(), "SUCCESS 10004 FAIL", "{}", end.text);
    setup.assert_books_balance();
}

/// An end that is no end for any channel is held to seven days; one that does not count harms
/// nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_is_held_to_what_channels_take() {
    let setup = Setup::new("cy-ends", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let start = ("time_start", "20260115100000");
    for wallet in BOTH {
        let far = [start, ("time_expire", "99991231235959")];
        let number = order_number("far");
        let created = pre_order(&till, wallet, &number, &far).await;
        assert_eq!(created.outcome(), DONE, "{}", created.text);
        let story = setup.story(&number);
        assert!(story.contains("2026-01-22T10:"), "seven days: {story}");

        let number = order_number("odd");
        let before = [
            ("time_start", "20260115110000"),
            ("time_expire", "20260115103000"),
        ];
        let refused = pre_order(&till, wallet, &number, &before).await;
        assert_eq!(refused.outcome(), USED, "{}", refused.text);
        assert!(
            refused.str("msg").contains("time_expire"),
            "{}",
            refused.text
        );
        assert_eq!(till.query(&number).await.code(), "20007");
    }
    // Alone it counts nothing at Alipay, not even as passed.
    let passed = [("time_expire", "20260114100000")];
    let taken = pre_order(&till, Wallet::Alipay, &order_number("one"), &passed).await;
    assert_eq!(taken.outcome(), DONE, "{}", taken.text);
    let refused = pre_order(&till, Wallet::Wechat, &order_number("one"), &passed).await;
    assert_eq!(refused.outcome(), USED, "{}", refused.text);
    setup.assert_books_balance();
}

/// Who is known by the name that signs in at Alipay is named by it upstream, and can pay.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payer_can_be_named_by_a_login() {
    let setup = Setup::new("cy-login-name", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let login = "payer@example.com";
    let payer = [("trade_type", "JSPAY"), ("buyer_logon_id", login)];
    let number = order_number("login");
    let created = pre_order(&till, Wallet::Alipay, &number, &payer).await;
    assert_eq!(created.outcome(), DONE, "{}", created.text);
    let again = pre_order(&till, Wallet::Alipay, &number, &payer).await;
    assert_eq!(again.text_of("pay_info"), created.text_of("pay_info"));
    // The same letters as an id are somebody else.
    let by_id = [("trade_type", "JSPAY"), ("buyer_id", login)];
    let other = pre_order(&till, Wallet::Alipay, &number, &by_id).await;
    assert_eq!(other.outcome(), USED, "{}", other.text);
    let info = Json::parse(created.str("pay_info")).unwrap();
    demo.sandbox.pay(info.str("tradeNO")).await;
    let paid = eventually("it is paid", async || {
        let answer = till.query(&number).await;
        (answer.code() == "10000").then_some(answer)
    })
    .await;
    assert!(paid.str("openid").starts_with("2088"), "{}", paid.text);
    setup.assert_books_balance();
}

/// One agent's software cannot read a signature where the samples print none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_can_have_its_pre_orders_unsigned() {
    let setup = Setup::new("cy-unsigned-pre", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let set = |word: &str| {
        let setting = format!("sign_preorder={word}");
        setup.run(&["agents", "edit", &till.agent_id, "--setting", &setting])
    };
    let create = async || {
        let members = [
            ("mch_id", &*till.mch_id),
            ("trade_type", "NATIVE"),
            ("body", "牛肉面"),
            ("out_trade_no", &*order_number("pre")),
            ("total_fee", "88"),
        ];
        let answer = till.try_call(WECHAT_PRE_ORDER, &members).await.unwrap();
        assert_eq!(answer.outcome(), DONE, "{}", answer.text);
        answer.is_signed()
    };
    assert!(create().await, "signed by default");
    for (word, is_signed) in [("off", false), ("on", true), ("off", false), ("", true)] {
        let output = set(word);
        assert!(output.status.success(), "{}", spoken(&output));
        assert_eq!(create().await, is_signed, "{word}");
    }
    for wrong in ["of", "yes"] {
        let output = set(wrong);
        assert!(!output.status.success(), "{wrong}");
        let told = spoken(&output);
        assert!(told.contains("sign_preorder is on or off"), "{told}");
    }
    assert!(create().await, "a refused switch changes nothing");
    // Everything else is signed in any case.
    assert!(set("off").status.success());
    till.query("nobodys").await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_codes_that_were_issued_are_drawn_and_each_shows_itself() {
    let setup = Setup::new("cy-codes-drawn", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    for wallet in BOTH {
        let created = pre_order(&till, wallet, &order_number("drawn"), &[]).await;
        assert_eq!(created.outcome(), DONE, "{}", created.text);
        let (code, image) = (created.str("code_url"), created.str("code_img_url"));
        let (status, content_type, bytes) = till.get(image).await;
        assert_eq!((status, &*content_type), (200, "image/png"), "{image}");
        assert_eq!(read_code(bytes), code);
    }
    let draw = format!("{}/pay/qrcode", till.base);
    for query in [
        String::new(),
        "?uuid=".to_owned(),
        format!(
            "?uuid={}",
            percent_encoded("weixin://wxpay/bizpayurl?pr=FORGED1")
        ),
        format!(
            "?uuid={}",
            percent_encoded("https://qr.alipay.com/bax0000forged1")
        ),
        format!(
            "?uuid={}",
            percent_encoded("https://phishing.example.test/")
        ),
    ] {
        let (status, content_type, _) = till.get(&format!("{draw}{query}")).await;
        assert_eq!(status, 404, "{query}");
        assert_ne!(content_type, "image/png", "{query}");
    }
    // The gateway is no page.
    let (status, _, _) = till.get(&format!("{}{GATEWAY}", till.base)).await;
    assert_eq!(status, 405);
}

/// Reads a picture of a QR code as a phone does.
fn read_code(picture: Vec<u8>) -> String {
    let mut decoder = png::Decoder::new(Cursor::new(picture));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels[y * info.line_size + x]
    });
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1, "one code in the picture");
    codes[0].decode().unwrap().1
}
