//! Every golden request decodes, verifies and is refused as its vector says.

use heliu_ports::dialect::{Signer, Surface as _};
use heliu_ports::exchange::Secret;
use heliu_trade::command::{
    Command, OrderReference, PayerName, PrepayScene, Reference, RefundReference,
};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::life::Life;
use heliu_trade::wallet::WalletKind;
use http::Method;
use serde_json::Value;

use super::super::trade::Trade;
use super::samples::{
    body, decode, encode, name, of_vector, path, reading, response, text, undecoded, vector,
    vectors,
};

fn command(vector_name: &str) -> Command {
    decode(&of_vector(&vector(vector_name)))
        .command
        .expect("a valid request")
}

#[test]
fn the_routes_are_the_printed_addresses() {
    let routes = Trade.descriptor().routes;
    let paths: Vec<&str> = routes.iter().map(|route| route.path).collect();
    assert_eq!(paths, path::ALL);
    assert!(routes.iter().all(|route| route.methods == [Method::POST]));
}

#[test]
fn signatures_hold_exactly_where_the_vectors_say() {
    for vector in vectors()
        .iter()
        .filter(|vector| vector["kind"] != "notification")
    {
        if name(vector) == "neg-body-not-json" {
            continue;
        }
        let decoded = decode(&of_vector(vector));
        let expected = match name(vector) {
            _ if vector["signature_valid"] == false => None,
            "lib-tab-indent-signed-literal-rule" => Some("space_cr_lf"),
            "lib-signed-unstripped" => Some("unstripped"),
            "lib-ideographic-space-removed" => Some("unicode_white_space"),
            _ => Some("ascii_white_space"),
        };
        assert_eq!(
            reading(&decoded, text(vector, "/key")),
            expected,
            "{}",
            name(vector)
        );
        assert_eq!(Some(decoded.signer), decoded.app.map(Signer::App));
    }
}

#[test]
fn requests_are_accepted_or_refused_as_the_vectors_say() {
    for vector in vectors()
        .iter()
        .filter(|vector| vector["kind"] != "notification")
    {
        let request = of_vector(vector);
        let (echo, error) = match name(vector) {
            "neg-body-not-json" => {
                let undecoded = undecoded(&request);
                (undecoded.echo, undecoded.error)
            }
            other => {
                let decoded = decode(&request);
                let engine = |code| TradeError::new(code, "the engine says so");
                let error = match (other, decoded.command) {
                    (_, _) if vector["signature_valid"] == false => {
                        engine(ErrorCode::InvalidSignature)
                    }
                    ("neg-unregistered-busi", _) => engine(ErrorCode::UnknownMerchant),
                    ("neg-duplicate-out_trade_no", Ok(_)) => engine(ErrorCode::DuplicateOrder),
                    ("neg-refund-too-large", Ok(_)) => engine(ErrorCode::RefundExceedsRest),
                    ("query-not-found" | "cancel-not-found", Ok(_)) => {
                        engine(ErrorCode::OrderNotFound)
                    }
                    (_, Ok(_)) => {
                        assert_eq!(vector["expect"], "accept", "{other}");
                        continue;
                    }
                    (_, Err(error)) => {
                        assert_eq!(vector["expect"], "reject", "{other}: {error}");
                        error
                    }
                };
                (decoded.echo, error)
            }
        };
        let answer = encode(&echo, Err(&error));
        assert_eq!(body(&answer), response(vector), "{}", name(vector));
        assert!(
            answer.headers.contains_key("x-error-detail"),
            "{}",
            name(vector)
        );
    }
}

#[test]
fn an_order_says_what_its_vector_says() {
    for vector in vectors()
        .iter()
        .filter(|vector| vector["expect"] == "accept")
    {
        if text(vector, "/request/path") != "/gateway/pay/order" {
            continue;
        }
        let sent: Value = serde_json::from_str(text(vector, "/request/body")).expect("JSON");
        let decoded = decode(&of_vector(vector));
        let Ok(Command::Pay(pay)) = decoded.command else {
            panic!("{}", name(vector))
        };
        let string = |name: &str| match &sent[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(pay.order.merchant_order_no, string("out_trade_no"));
        assert_eq!(pay.order.subject, string("pay_subject"));
        assert_eq!(pay.order.amount_minor.to_string(), string("total_fee"));
        assert_eq!(pay.order.currency.as_str(), string("fee_type"));
        assert_eq!(pay.order.notify_url, None);
        assert_eq!(pay.auth_code, string("auth_code"));
        assert_eq!(decoded.secrets, [Secret::code(string("auth_code"))]);
        let wallet = match string("channel_type").as_str() {
            "1" => Some(WalletKind::Alipay),
            "2" => Some(WalletKind::Wechat),
            _ => None,
        };
        assert_eq!(pay.wallet, wallet);
        for attribute in [
            "operator_id",
            "terminal_id",
            "merchant_param",
            "store_id",
            "time_zone",
        ] {
            let expected = sent[attribute].as_str().filter(|text| !text.is_empty());
            let stored = pay.order.attributes.get(attribute).map(String::as_str);
            assert_eq!(stored, expected, "{} {attribute}", name(vector));
        }
        if let Some(subject) = vector.pointer("/parsed_value/pay_subject") {
            assert_eq!(pay.order.subject, subject.as_str().expect("a text"));
        }
    }
}

#[test]
fn a_pre_order_says_how_its_payer_meets_it() {
    let prepay = |name| match command(name) {
        Command::Prepay(prepay) => prepay,
        other => panic!("{other:?}"),
    };
    let qr = prepay("preOrder-qrcode");
    assert_eq!(qr.scene, PrepayScene::Qr { wallet: None });
    assert_eq!(qr.life, Life::Ms(600_000));
    let url = Some("http://merchant.example.test/fufu/notify");
    assert_eq!(qr.order.notify_url.as_deref(), url);
    let alipay = prepay("preOrder-alipay-jsapi");
    let payer = PayerName::Id("2088102172184723".to_owned());
    let wallet = WalletKind::Alipay;
    assert_eq!(
        alipay.scene,
        PrepayScene::Jsapi {
            wallet,
            payer,
            sub_app_id: None
        }
    );
    assert_eq!(alipay.life, Life::Default);
    assert_eq!(alipay.order.attributes["terminal_id"], "05315830");
    for name in ["preOrder-wechat-jsapi", "lib-preOrder-old-subAppid"] {
        let scene = PrepayScene::Jsapi {
            wallet: WalletKind::Wechat,
            payer: PayerName::Id("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned()),
            sub_app_id: Some("wx00000000fufudemo".to_owned()),
        };
        assert_eq!(prepay(name).scene, scene, "{name}");
    }
}

#[test]
fn references_keep_their_order_and_fall_back_in_queries_only() {
    let merchant = |number: &str| Reference::Merchant(number.to_owned());
    let number = "20260115001069125001";
    let Command::Query(query) = command("query-paid") else {
        panic!("no query")
    };
    let candidates = vec![Reference::Platform(None), merchant(number)];
    assert_eq!(
        query.order,
        OrderReference {
            candidates,
            falls_back: true
        }
    );
    let Command::Cancel(cancel) = command("cancel-not-found") else {
        panic!("no cancel")
    };
    let candidates = vec![Reference::Platform(None)];
    assert_eq!(
        cancel.order,
        OrderReference {
            candidates,
            falls_back: false
        }
    );
    let Command::Refund(refund) = command("refund-partial-by-out_trade_no") else {
        panic!("no refund")
    };
    assert_eq!(refund.order.candidates, [merchant(number)]);
    assert_eq!((refund.amount_minor, refund.reason.as_str()), (58, "退款"));
    let Command::Refund(refund) = command("refund-foreign-by-trade_no-bad-currency") else {
        panic!("no refund")
    };
    assert_eq!(
        (refund.amount_minor, refund.order.candidates.len()),
        (2500, 1)
    );
    for name in ["refundQuery-refunding", "lib-refundQuery-by-out_refund_no"] {
        let Command::QueryRefund(query) = command(name) else {
            panic!("no refund query")
        };
        assert_eq!(
            query.refund,
            RefundReference::Merchant("RB-0001".to_owned()),
            "{name}"
        );
    }
}

#[test]
fn a_byte_order_mark_is_dropped_before_anything_else() {
    let vector = vector("order-alipay-success");
    let mut request = of_vector(&vector);
    request.body = format!("\u{feff}{}", text(&vector, "/request/body")).into();
    let decoded = decode(&request);
    assert!(decoded.command.is_ok());
    assert_eq!(
        reading(&decoded, text(&vector, "/key")),
        Some("ascii_white_space")
    );
}

#[test]
fn slashes_more_or_less_are_accepted_and_other_paths_are_not() {
    let mut request = of_vector(&vector("order-alipay-success"));
    for path in [
        "/gateway/pay/order/",
        "//gateway/pay/order",
        "/gateway//pay/order//",
    ] {
        path.clone_into(&mut request.path);
        assert_eq!(decode(&request).echo.route, "/gateway/pay/order", "{path}");
    }
    for path in ["/gateway/pay", "/gateway/pay/Order", "/gateway/payorder"] {
        path.clone_into(&mut request.path);
        assert!(Trade.decode(&request).is_err(), "{path}");
    }
}
