//! Every golden request decodes, verifies and is refused as its vector says.

use heliu_ports::dialect::Signer;
use heliu_trade::command::{
    AgentCommand, Command, Consent, Credentials, OrderReference, PayerName, PrepayScene, Reference,
    RefundReference,
};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, AppId};
use heliu_trade::life::Life;
use heliu_trade::wallet::WalletKind;
use serde_json::Value;

use super::samples::{
    AGENT, Asked, KEY, MERCHANT, at, body, command, decode, encode, members, name, of_vector,
    reading, sign_input, sign_of, text, vector, vectors,
};

fn requests() -> Vec<Value> {
    let mut vectors = vectors();
    vectors.retain(|vector| vector["kind"] != "notification");
    vectors
}

#[test]
fn signatures_hold_exactly_where_the_vectors_say() {
    for vector in requests() {
        let decoded = decode(&of_vector(&vector));
        let expected = match name(&vector) {
            _ if vector["signature_valid"] == false => None,
            "mch-reg-case-insensitive-order" => Some("any_case_trimmed"),
            _ => Some("ascii_trimmed"),
        };
        let found = reading(&decoded, text(&vector, "/key"));
        assert_eq!(found, expected, "{}", name(&vector));
        let agent = vector.pointer("/params/agent_id").and_then(Value::as_str);
        let agent = AgentId::from(agent.unwrap_or(AGENT));
        assert_eq!(decoded.signer, Signer::Agent(agent), "{}", name(&vector));
        let app = vector.pointer("/params/mch_id").and_then(Value::as_str);
        if vector.get("params").is_some() {
            assert_eq!(decoded.app, app.map(AppId::from), "{}", name(&vector));
        }
    }
}

#[test]
fn the_string_to_sign_is_the_vectors() {
    for vector in requests() {
        if vector["signature_valid"] == false {
            continue;
        }
        let decoded = decode(&of_vector(&vector));
        let index = match name(&vector) {
            "mch-reg-case-insensitive-order" => 2,
            _ => 0,
        };
        let masked = decoded.readings.spec(index).masked();
        let expected = text(&vector, "/sign_input").replace(KEY, "***agent key***");
        assert_eq!(masked, expected, "{}", name(&vector));
    }
}

/// The same answer by another reading of the description: it checks the test's own signer.
#[test]
fn the_second_signer_agrees_with_the_vectors_answers() {
    for vector in vectors() {
        if vector.pointer("/response/signed") != Some(&Value::Bool(true))
            || name(&vector) == "get-mch-info-response-case-insensitive"
        {
            continue;
        }
        let members = members(text(&vector, "/response/body"));
        let pairs = || members.iter().map(|(name, value)| (&**name, &**value));
        if let Some(input) = vector
            .pointer("/response/sign_input")
            .and_then(Value::as_str)
        {
            assert_eq!(sign_input(pairs(), KEY), input, "{}", name(&vector));
        }
        let sign = members.iter().find(|(name, _)| name == "sign");
        let sign = sign.map(|(_, sign)| sign.clone());
        assert_eq!(Some(sign_of(pairs(), KEY)), sign, "{}", name(&vector));
    }
}

#[test]
fn requests_are_accepted_or_refused_as_the_vectors_say() {
    for vector in requests() {
        let decoded = decode(&of_vector(&vector));
        let engine = |code| TradeError::new(code, "the engine says so");
        let error = match (name(&vector), decoded.command) {
            (_, _) if vector["signature_valid"] == false => engine(ErrorCode::InvalidSignature),
            ("neg-unknown-agent", _) => engine(ErrorCode::UnknownAgent),
            ("neg-unknown-merchant", _) => engine(ErrorCode::UnknownMerchant),
            ("neg-duplicate-out_trade_no", Ok(_)) => engine(ErrorCode::DuplicateOrder),
            ("neg-refund-too-large", Ok(_)) => engine(ErrorCode::RefundExceedsRest),
            ("orderquery-not-found", Ok(_)) => engine(ErrorCode::OrderNotFound),
            ("cancel-too-late", Ok(_)) => engine(ErrorCode::TooLate),
            (_, Ok(_)) => {
                assert_eq!(vector["expect"], "accept", "{}", name(&vector));
                continue;
            }
            (_, Err(error)) => {
                assert_eq!(vector["expect"], "reject", "{}: {error}", name(&vector));
                error
            }
        };
        let asked = Asked {
            cannot_sign: error.code == ErrorCode::UnknownAgent,
            ..Asked::default()
        };
        let answer = encode(&decoded.echo, Err(&error), &asked);
        let expected = text(&vector, "/response/body");
        assert_eq!(body(&answer), expected, "{}", name(&vector));
        assert!(answer.headers.contains_key("x-error-detail"));
        assert_eq!(
            answer.headers["content-type"],
            "application/json;charset=utf-8"
        );
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn a_payment_says_what_its_vector_says() {
    let mut seen = 0;
    for vector in requests() {
        let sent = &vector["params"];
        let value = |name: &str| sent[name].as_str().map(str::trim).filter(|v| !v.is_empty());
        let Ok(Command::Pay(pay)) = decode(&of_vector(&vector)).command else {
            continue;
        };
        seen += 1;
        if sent.is_null() {
            continue;
        }
        let order = &pay.order;
        assert_eq!(Some(&*order.merchant_order_no), value("out_trade_no"));
        assert_eq!(Some(&*order.subject), value("body"));
        assert_eq!(Some(&*order.amount_minor.to_string()), value("total_fee"));
        assert_eq!(
            order.attributes.get("attach").map(String::as_str),
            value("attach")
        );
        assert_eq!(order.terms.goods_tag.as_deref(), value("goods_tag"));
        assert_eq!(order.terms.terminal_id.as_deref(), value("device_info"));
        assert_eq!(order.terms.shop_id.as_deref(), value("op_shop_id"));
        let goods = value("goods_detail").map_or(0, |_| 2);
        assert_eq!(order.terms.goods.len(), goods, "{}", name(&vector));
        let code = value("auth_code").or(value("face_code"));
        assert_eq!(Some(&*pay.auth_code), code);
    }
    assert!(seen > 12, "{seen}");
}

#[test]
fn a_face_payment_states_its_wallet_and_payer() {
    let Command::Pay(pay) = command("facepay") else {
        panic!("no payment")
    };
    assert_eq!(pay.wallet, Some(WalletKind::Wechat));
    let payer_id = Some("oBmIts3wbluDEMO0000000000001".to_owned());
    assert_eq!(pay.consent, Consent::Face { payer_id });
    assert_eq!(pay.order.attributes["trade_type"], "FACEPAY");
    let goods = &pay.order.terms.goods[0];
    assert_eq!(
        (&*goods.goods_id, goods.quantity, goods.price_fen),
        ("CY000000", 1, 2)
    );
    assert_eq!(goods.name.as_deref(), Some("促销单品-01"));
    let Command::Pay(pay) = command("pay-wechat-with-coupon") else {
        panic!("no payment")
    };
    assert_eq!((pay.wallet, pay.consent), (None, Consent::Barcode));
    assert_eq!(pay.order.attributes["op_device_id"], "device_01");
    assert_eq!(pay.order.notify_url, None);
}

#[test]
fn a_pre_order_says_how_its_payer_meets_it() {
    let prepay = |name| match command(name) {
        Command::Prepay(prepay) => prepay,
        other => panic!("{other:?}"),
    };
    let url = Some("http://merchant.example.test/cy/notify");
    let page = prepay("wechat-preorder-jspay");
    let scene = PrepayScene::Jsapi {
        wallet: WalletKind::Wechat,
        payer: PayerName::Id("oRA5quGvJc1DEMO0000000000001".to_owned()),
        sub_app_id: Some("wxaee08d155d9d0001".to_owned()),
    };
    assert_eq!(page.scene, scene);
    assert_eq!(page.life, Life::Until(at("20260115100500")));
    assert_eq!(page.order.notify_url.as_deref(), url);
    let code = prepay("wechat-preorder-native");
    let wallet = WalletKind::Wechat;
    assert_eq!(
        (code.scene, code.life),
        (PrepayScene::Native { wallet }, Life::Default)
    );
    assert_eq!(code.order.terms.goods.len(), 2);
    let wallet = WalletKind::Alipay;
    let code = prepay("alipay-preorder-native");
    assert_eq!(code.scene, PrepayScene::Native { wallet });
    assert_eq!(code.order.terms.terminal_id.as_deref(), Some("device_01"));
    let page = prepay("alipay-preorder-jspay");
    let payer = PayerName::Id("2088822494420001".to_owned());
    let scene = PrepayScene::Jsapi {
        wallet,
        payer,
        sub_app_id: None,
    };
    assert_eq!(page.scene, scene);
    assert_eq!(
        page.order.terms.product_id.as_deref(),
        Some("1223541321407035645")
    );
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
    let Command::Query(query) = command("orderquery-paid") else {
        panic!("no query")
    };
    assert_eq!(query.order, merchant("1768442400001"));
    // A number of 28 digits is none of ours: simply not found.
    let Command::Query(query) = command("orderquery-unpaid") else {
        panic!("no query")
    };
    assert_eq!(query.order, only(Reference::Platform(None)));
    let Command::Refund(refund) = command("refund-repeat-idempotent") else {
        panic!("no refund")
    };
    assert_eq!(refund.order, merchant("1768442400008"));
    assert_eq!(refund.merchant_refund_no, "TK-1768442400008-01");
    assert_eq!(
        (refund.amount_minor, refund.order_amount_minor),
        (2, Some(8))
    );
    assert_eq!(refund.attributes["op_user_id"], MERCHANT);
    for name in ["refundquery", "lib-refundquery-paytype-typo"] {
        let Command::QueryRefund(query) = command(name) else {
            panic!("no refund query")
        };
        let number = "TK-1768442400008-01".to_owned();
        assert_eq!(query.refund, RefundReference::Merchant(number));
    }
    let Command::Cancel(cancel) = command("cancel") else {
        panic!("no cancel")
    };
    assert_eq!(cancel.order, merchant("1768442400003"));
    let Command::FaceCredential(face) = command("getfaceauth") else {
        panic!("no face credential")
    };
    assert_eq!(face.wallet, WalletKind::Wechat);
    assert_eq!(
        (&*face.shop_id, &*face.shop_name),
        ("test_store_01", "测试门店01")
    );
    assert_eq!(face.raw_data, "eNPJNgR26U88+/A==");
    for name in ["get-partner-id", "get-mch-info"] {
        assert_eq!(command(name), Command::DescribeMerchant);
    }
}

#[test]
fn agents_ask_for_themselves() {
    let agent = |name| match command(name) {
        Command::Agent(command) => command,
        other => panic!("{other:?}"),
    };
    let AgentCommand::RegisterMerchant(merchant) = agent("mch-reg") else {
        panic!("no registration")
    };
    assert_eq!(merchant.full_name.as_deref(), Some("测试商户全称有限公司"));
    assert_eq!(merchant.short_name.as_deref(), Some("测试商户"));
    assert_eq!(merchant.mobile.as_deref(), Some("13800000000"));
    let names: Vec<&str> = merchant.members.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["FullName", "Mobile", "ShortName"]);
    let mobile = "13800000000".to_owned();
    let sent = AgentCommand::SendLoginCode {
        mobile: mobile.clone(),
    };
    assert_eq!(agent("get-mch-sms-valid"), sent);
    let code = "1234".to_owned();
    let found = AgentCommand::FindMerchant(Credentials::LoginCode { mobile, code });
    assert_eq!(agent("get-mch-id-by-sms"), found);
    let found = AgentCommand::FindMerchant(Credentials::Password {
        username: "13800000000".to_owned(),
        password: "12345678".to_owned(),
    });
    assert_eq!(agent("get-mch-id-by-password"), found);
    let session = AgentCommand::OpenMiniProgramSession {
        app_id: "wx4da448cd29920001".to_owned(),
        code: "023jh17A0TIixd1ql75A0aLc7A0jdemo".to_owned(),
    };
    assert_eq!(agent("wxa-code2session"), session);
}

#[test]
fn plain_bodies_read_as_encoded_ones() {
    for (name, subject) in [
        ("lib-raw-utf8-body", "超赢支付 红烧牛肉面（大碗）×2"),
        ("lib-chinese-percent-encoded", "红烧牛肉面（大碗）×2"),
        ("lib-plus-for-space", "Iphone 8 Plus  red"),
    ] {
        let Command::Pay(pay) = command(name) else {
            panic!("no payment")
        };
        assert_eq!(pay.order.subject, subject);
    }
    let Command::Pay(pay) = command("lib-value-with-outer-spaces-signed-trimmed") else {
        panic!("no payment")
    };
    assert_eq!(pay.order.attributes["attach"], "two spaces each side");
    assert_eq!(vector("lib-raw-utf8-body")["signature_valid"], true);
}
