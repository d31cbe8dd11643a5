//! Every golden request decodes, verifies and is refused as its vector says.

use heliu_ports::dialect::{Signer, Surface as _};
use heliu_trade::command::{
    Command, Consent, OrderReference, PayerLookup, PayerName, PrepayScene, Reference,
    RefundReference,
};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AppId, OrderNo};
use heliu_trade::life::Life;
use heliu_trade::order::OrderState;
use heliu_trade::verdict::{Decline, DeclineKind};
use heliu_trade::wallet::WalletKind;
use serde_json::Value;

use super::super::trade::Trade;
use super::samples::{
    TRADE_KEY, body, command, decode, elements, encode_as, fourth_paid, md5, name, of_vector,
    order_of, reading, sign_input, text, told, vectors,
};

fn requests() -> Vec<Value> {
    let mut vectors = vectors();
    vectors.retain(|vector| vector["kind"] != "notification");
    vectors
}

/// Readings other than the first, which the vectors' notes tell.
fn expected_reading(name: &str) -> &'static str {
    match name {
        "lib-empty-signed" => "empty_included",
        "lib-raw-plus-kept" => "empty_dropped_plus_kept",
        "lib-empty-signed-plus-kept" => "empty_included_plus_kept",
        "lib-raw-pre-encoded-url" => "empty_dropped_as_sent",
        _ => "empty_dropped",
    }
}

#[test]
fn signatures_hold_exactly_where_the_vectors_say() {
    for vector in requests() {
        let name = name(&vector);
        let Ok(decoded) = Trade.decode(&of_vector(&vector)) else {
            assert!(
                matches!(name, "neg-merchant-missing" | "neg-xml-body"),
                "{name}"
            );
            continue;
        };
        let expected = (vector["signature_valid"] == true).then(|| expected_reading(name));
        assert_eq!(reading(&decoded, text(&vector, "/key")), expected, "{name}");
        let app = AppId::from(text(&vector, "/params/merchant_id"));
        assert_eq!(decoded.signer, Signer::App(app.clone()), "{name}");
        assert_eq!(decoded.app, Some(app), "{name}");
    }
}

#[test]
fn the_string_to_sign_is_the_vectors() {
    for vector in requests() {
        let Ok(decoded) = Trade.decode(&of_vector(&vector)) else {
            continue;
        };
        let Some(held) = reading(&decoded, TRADE_KEY) else {
            continue;
        };
        let mut names = decoded.readings.names().iter();
        let index = names.position(|name| *name == held).expect("a reading");
        let masked = decoded.readings.spec(index).masked();
        let expected = text(&vector, "/sign_input").replace(TRADE_KEY, "***trade key***");
        assert_eq!(masked, expected, "{}", name(&vector));
    }
}

/// The same answer by another reading of the description: it checks the test's own signer.
#[test]
fn the_second_signer_agrees_with_the_vectors_answers() {
    let mut seen = 0;
    for vector in requests() {
        if vector.pointer("/response/signed") != Some(&Value::Bool(true)) {
            continue;
        }
        seen += 1;
        let elements = elements(text(&vector, "/response/body").as_bytes());
        let pairs = elements.iter().map(|(name, value)| (&**name, &**value));
        let input = sign_input(pairs, TRADE_KEY);
        assert_eq!(input, text(&vector, "/response/sign_input"));
        let sign = elements.iter().find(|(name, _)| name == "sign");
        let sign = sign.map(|(_, sign)| &**sign);
        assert_eq!(sign, Some(&*md5(input.as_bytes()).to_uppercase()));
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn requests_are_accepted_or_refused_as_the_vectors_say() {
    for vector in requests() {
        let name = name(&vector);
        let is_verified = vector["signature_valid"] == true && name != "neg-unknown-merchant";
        let (echo, error) = match Trade.decode(&of_vector(&vector)) {
            Err(undecoded) => (undecoded.echo, undecoded.error),
            Ok(decoded) => {
                let engine = |code| TradeError::new(code, "the engine says so");
                let error = match (name, decoded.command) {
                    ("neg-unknown-merchant", _) => engine(ErrorCode::UnknownMerchant),
                    (_, _) if !is_verified => engine(ErrorCode::InvalidSignature),
                    ("query-not-found", Ok(_)) => engine(ErrorCode::OrderNotFound),
                    ("neg-duplicate", Ok(_)) => engine(ErrorCode::DuplicateOrder),
                    ("neg-pay-paid-number", Ok(_)) => {
                        engine(ErrorCode::DuplicateOrder).about(&fourth_paid())
                    }
                    ("neg-auth_code-refused", Ok(_)) => {
                        assert_code_refused(&vector);
                        continue;
                    }
                    ("neg-auth_code-unknown-wallet", Ok(_)) => engine(ErrorCode::UnsupportedWallet),
                    ("neg-close-paid", Ok(_)) => engine(ErrorCode::OrderPaid),
                    ("neg-close-too-early", Ok(_)) => engine(ErrorCode::TooEarly),
                    ("neg-refund-too-large", Ok(_)) => engine(ErrorCode::RefundExceedsRest),
                    ("neg-refund-number-used", Ok(_)) => engine(ErrorCode::RefundConflict),
                    ("neg-refund-unpaid", Ok(_)) => engine(ErrorCode::OrderNotPaid),
                    ("neg-refund-not-found", Ok(_)) => engine(ErrorCode::RefundNotFound),
                    ("neg-refund-query-none", Ok(_)) => {
                        engine(ErrorCode::RefundNotFound).about(&fourth_paid())
                    }
                    (_, Ok(_)) => {
                        assert_eq!(vector["expect"], "accept", "{name}");
                        continue;
                    }
                    (_, Err(error)) => {
                        assert_eq!(vector["expect"], "reject", "{name}: {error}");
                        error
                    }
                };
                (decoded.echo, error)
            }
        };
        let is_verified = is_verified && name != "neg-merchant-missing";
        let answer = encode_as(&echo, Err(&error), is_verified);
        assert_eq!(body(&answer), text(&vector, "/response/body"), "{name}");
        assert!(answer.headers.contains_key("x-error-detail"));
        assert_eq!(answer.headers["content-type"], "text/xml;charset=UTF-8");
        assert_eq!(answer.status, 200);
    }
}

/// The channel refused the code: an order that failed so is answered as its vector says.
fn assert_code_refused(vector: &Value) {
    let mut order = order_of(name(vector), "2601011200000016");
    order.state = OrderState::Failed;
    order.decline = Some(Decline {
        reason: "AUTHCODEEXPIRE".to_owned(),
        kind: DeclineKind::CodeInvalid,
    });
    let decoded = decode(&of_vector(vector));
    let answer = encode_as(&decoded.echo, Ok(&told(order)), true);
    assert_eq!(body(&answer), text(vector, "/response/body"));
}

#[test]
fn an_order_says_what_its_vector_says() {
    let mut seen = 0;
    for vector in requests() {
        if vector["expect"] != "accept" {
            continue;
        }
        let name = name(&vector);
        let order = match command(name) {
            Command::Pay(pay) => pay.order,
            Command::Prepay(prepay) => prepay.order,
            _ => continue,
        };
        seen += 1;
        let sent = &vector["params"];
        let value = |name: &str| sent[name].as_str().filter(|value| !value.is_empty());
        assert_eq!(Some(&*order.merchant_order_no), value("third_order_id"));
        assert_eq!(&*order.subject, value("body").unwrap_or("商品"), "{name}");
        let amount = value("amount").map(|amount| amount.trim_start_matches('0'));
        assert_eq!(Some(&*order.amount_minor.to_string()), amount);
        let attach = order.attributes.get("attach").map(String::as_str);
        assert_eq!(attach, value("attach"));
        assert_eq!(order.terms.terminal_ip.as_deref(), value("client_ip"));
        assert_eq!(order.terms.shop_id.as_deref(), value("shop_no"));
        assert_eq!(order.terms.terminal_id.as_deref(), value("pos_no"));
        assert_eq!(order.terms.refuses_credit, value("limit_pay") == Some("1"));
        let has_url = order.notify_url.is_some();
        assert_eq!(has_url, value("notify_url").is_some(), "{name}");
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn addresses_are_decoded_once_more_where_they_were_encoded_before() {
    let url = |name: &str| match command(name) {
        Command::Prepay(prepay) => (prepay.order.notify_url, prepay.order.return_url),
        other => panic!("{other:?}"),
    };
    let some = |url: &str| Some(url.to_owned());
    let plain = some("https://merchant.example/notify");
    for name in [
        "tdcode-alipay",
        "tdcode-wechat-jsapi",
        "lib-raw-pre-encoded-url",
        "lib-multipart",
    ] {
        assert_eq!(url(name), (plain.clone(), None), "{name}");
    }
    let raw = some("https://merchant.example/notify?a:b");
    assert_eq!(url("lib-raw-body").0, raw);
    let upper = some("HTTPS://merchant.example/notify?a=1");
    assert_eq!(url("lib-pre-encoded-url").0, upper);
    let back = some("https://merchant.example/done");
    assert_eq!(url("tdcode-simple"), (None, back));
}

#[test]
fn bodies_read_as_they_were_meant() {
    for (name, subject) in [
        ("lib-raw-body", "测试 商品: a/b"),
        ("lib-raw-plus-kept", "1+1 件"),
        ("lib-plus-for-space", "red tea + milk"),
        ("lib-multipart", "a+b %41 测试"),
        ("lib-query-parameters", "测试 商品"),
        ("lib-empty-signed-plus-kept", "a+b"),
        ("lib-outer-spaces", " two spaces  "),
    ] {
        let Command::Prepay(prepay) = command(name) else {
            panic!("no order")
        };
        assert_eq!(prepay.order.subject, subject, "{name}");
    }
    let Command::Prepay(prepay) = command("lib-pre-encoded-goods") else {
        panic!("no order")
    };
    let goods = &prepay.order.terms.goods[0];
    assert_eq!(
        (&*goods.goods_id, goods.quantity, goods.price_fen),
        ("G1", 1, 500)
    );
    assert_eq!(goods.wallet_goods_id.as_deref(), Some("1001"));
    assert_eq!(goods.name.as_deref(), Some("红烧牛肉面"));
}

#[test]
fn a_unified_order_says_how_its_payer_meets_it() {
    let scene = |name: &str| match command(name) {
        Command::Prepay(prepay) => (prepay.scene, prepay.life),
        other => panic!("{other:?}"),
    };
    let (wechat, alipay) = (WalletKind::Wechat, WalletKind::Alipay);
    let native = PrepayScene::Native { wallet: alipay };
    assert_eq!(scene("tdcode-alipay"), (native, Life::Default));
    assert_eq!(
        scene("lib-flag-absent").0,
        PrepayScene::Native { wallet: wechat }
    );
    let page = PrepayScene::Jsapi {
        wallet: wechat,
        payer: PayerName::Id("oTEST0000000000000000000001".to_owned()),
        sub_app_id: Some("wx0000000000000001".to_owned()),
    };
    assert_eq!(scene("tdcode-wechat-jsapi").0, page);
    for name in ["tdcode-simple", "lib-simple-without-jump-url"] {
        let wallet = Some(wechat);
        assert_eq!(scene(name).0, PrepayScene::Qr { wallet }, "{name}");
    }
    let mini = PrepayScene::MiniProgram {
        wallet: alipay,
        payer_id: "2088000000000001".to_owned(),
        sub_app_id: None,
    };
    assert_eq!(scene("lib-alipay-mini-program"), (mini, Life::Ms(600_000)));
    let page = PrepayScene::Jsapi {
        wallet: WalletKind::Unionpay,
        payer: PayerName::Id("UPUSER0000000001".to_owned()),
        sub_app_id: None,
    };
    assert_eq!(scene("lib-unionpay-page").0, page);
}

#[test]
fn a_payment_leaves_its_wallet_to_the_code() {
    let Command::Pay(pay) = command("lib-pay-with-source") else {
        panic!("no payment")
    };
    assert_eq!((pay.wallet, pay.consent), (None, Consent::Barcode));
    assert_eq!(pay.auth_code, "134567890123456789");
    for (name, value) in [("Source", "qw_code"), ("t0", "1"), ("hb_fq_num", "3")] {
        assert_eq!(pay.order.attributes[name], value);
    }
    assert!(pay.order.is_same_day, "t0 asks for the money of today");
}

fn only(reference: Reference) -> OrderReference {
    OrderReference {
        candidates: vec![reference],
        falls_back: false,
    }
}

#[test]
fn everything_else_says_whom_it_means() {
    let merchant = |number: &str| only(Reference::Merchant(number.to_owned()));
    let platform = |number: &str| only(Reference::Platform(number.parse::<OrderNo>().ok()));
    let fourth = || merchant("T20260101000004");
    for (name, order) in [
        ("query-paid", fourth()),
        ("lib-query-order", fourth()),
        ("lib-sign-type", fourth()),
        ("lib-trailing-slash", fourth()),
        ("lib-nonce-again", platform("2601011201000004")),
    ] {
        let Command::Query(query) = command(name) else {
            panic!("no query")
        };
        assert_eq!(query.order, order, "{name}");
    }
    let Command::Close(close) = command("close") else {
        panic!("no close")
    };
    assert_eq!(close.order, platform("2601011200000001"));
    let Command::Refund(refund) = command("refund") else {
        panic!("no refund")
    };
    assert_eq!(refund.order, platform("2601011201000004"));
    assert_eq!(refund.merchant_refund_no, "R20260101000001");
    assert_eq!(
        (refund.amount_minor, refund.order_amount_minor),
        (200, None)
    );
    let url = refund.notify_url.as_deref();
    assert_eq!(url, Some("https://merchant.example/refund"));
    let Command::Refund(refund) = command("lib-refund-with-type") else {
        panic!("no refund")
    };
    assert_eq!(refund.attributes["attach"], "r");
    let Command::QueryRefund(query) = command("refund-query") else {
        panic!("no refund query")
    };
    let number = "R20260101000001".to_owned();
    assert_eq!(query.refund, RefundReference::Merchant(number));
    assert_eq!(query.order, Some(fourth()));
    let Command::QueryRefund(query) = command("lib-refund-query-order-only") else {
        panic!("no refund query")
    };
    let newest = RefundReference::NewestOf(platform("2601011201000004"));
    assert_eq!((query.refund, query.order), (newest, None));
}

#[test]
fn payers_are_looked_up_by_their_codes() {
    let openid = PayerLookup {
        wallet: WalletKind::Wechat,
        code: "134567890123456789".to_owned(),
        app_id: Some("wx0000000000000001".to_owned()),
        user_agent: None,
    };
    assert_eq!(command("query-openid"), Command::FindPayer(openid));
    let userid = PayerLookup {
        wallet: WalletKind::Unionpay,
        code: "AUTHCODE0001".to_owned(),
        app_id: None,
        user_agent: Some("UnionPay/1.0 CloudPay".to_owned()),
    };
    assert_eq!(command("query-userid"), Command::FindPayer(userid));
    for name in ["query-openid", "query-userid", "upload-authcode"] {
        let decoded = decode(&of_vector(&super::samples::vector(name)));
        assert_eq!(decoded.secrets.len(), 1, "{name}");
    }
}
