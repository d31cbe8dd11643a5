//! Alipay: every payment code, codes to scan, cancels, refunds, the gateway's own refusals.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::world::{World, rsa_verify};

fn pay(number: &str, digits: &str, yuan: &str) -> Value {
    json!({
        "out_trade_no": number, "scene": "bar_code", "auth_code": format!("2842149030607947{digits}"),
        "subject": "茶", "total_amount": yuan,
    })
}

async fn status(world: &World, number: &str) -> Value {
    let node = world
        .alipay("alipay.trade.query", json!({"out_trade_no": number}))
        .await;
    if node["code"] == "10000" {
        node["trade_status"].clone()
    } else {
        node["sub_code"].clone()
    }
}

#[tokio::test(start_paused = true)]
async fn every_code_ends_as_it_must() {
    let world = World::new();
    let paid = world
        .alipay("alipay.trade.pay", pay("A01", "01", "88.88"))
        .await;
    assert_eq!(
        (&paid["code"], &paid["receipt_amount"]),
        (&json!("10000"), &json!("88.88"))
    );
    let trade_no = paid["trade_no"].as_str().unwrap();
    assert!(trade_no.starts_with("2026010122001") && trade_no.len() == 28);
    for (number, digits, end) in [
        ("A90", "90", "TRADE_SUCCESS"),
        ("A91", "91", "WAIT_BUYER_PAY"),
        ("A92", "92", "TRADE_CLOSED"),
    ] {
        assert_eq!(
            world
                .alipay("alipay.trade.pay", pay(number, digits, "1"))
                .await["code"],
            "10003"
        );
        assert_eq!(status(&world, number).await, "WAIT_BUYER_PAY");
        world.wait(3).await;
        assert_eq!(status(&world, number).await, end);
    }
    for (number, digits, sub_code) in [
        ("A93", "93", "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
        ("A94", "94", "ACQ.SOUNDWAVE_PARSER_FAIL"),
    ] {
        let refused = world
            .alipay("alipay.trade.pay", pay(number, digits, "1"))
            .await;
        assert_eq!(refused["sub_code"], sub_code);
    }
    assert_eq!(
        world
            .alipay("alipay.trade.pay", pay("A95", "95", "1"))
            .await["code"],
        "20000"
    );
    assert_eq!(status(&world, "A95").await, "TRADE_SUCCESS");
    let cut = world
        .alipay("alipay.trade.pay", pay("A98", "98", "10.05"))
        .await;
    assert_eq!(
        (&cut["buyer_pay_amount"], &cut["total_amount"]),
        (&json!("9.05"), &json!("10.05"))
    );
    assert_eq!(cut["voucher_detail_list"][0]["merchant_contribute"], "1.00");
    let again = world
        .alipay("alipay.trade.pay", pay("A01", "01", "88.88"))
        .await;
    assert_eq!(again["sub_code"], "ACQ.TRADE_HAS_SUCCESS");
    let other = world
        .alipay("alipay.trade.pay", pay("A91", "91", "2"))
        .await;
    assert_eq!(other["sub_code"], "ACQ.CONTEXT_INCONSISTENT");
}

#[tokio::test(start_paused = true)]
async fn cancel_closes_gives_back_and_leaves_tombstones() {
    let world = World::new();
    let cancel = async |number: &str| {
        world
            .alipay("alipay.trade.cancel", json!({"out_trade_no": number}))
            .await
    };
    world.alipay("alipay.trade.pay", pay("X1", "01", "1")).await;
    assert_eq!(cancel("X1").await["action"], "refund");
    assert_eq!(cancel("X1").await["code"], "10000");
    assert_eq!(status(&world, "X1").await, "TRADE_CLOSED");
    world.alipay("alipay.trade.pay", pay("X2", "91", "1")).await;
    assert_eq!(cancel("X2").await["action"], "close");
    let unknown = cancel("X3").await;
    assert_eq!(
        (&unknown["code"], &unknown["retry_flag"]),
        (&json!("10000"), &json!("N"))
    );
    let late = world.alipay("alipay.trade.pay", pay("X3", "01", "1")).await;
    assert_eq!(late["sub_code"], "ACQ.TRADE_HAS_CLOSE");
    assert_eq!(status(&world, "X3").await, "ACQ.TRADE_NOT_EXIST");
    world.alipay("alipay.trade.pay", pay("X4", "01", "1")).await;
    let fault = r#"{"channel":"alipay","fault":"recall","count":1}"#;
    world.control("POST", "/control/faults", fault).await;
    assert_eq!(cancel("X4").await["retry_flag"], "Y");
    assert_eq!(status(&world, "X4").await, "TRADE_SUCCESS");
    assert_eq!(cancel("X4").await["retry_flag"], "N");
}

#[tokio::test(start_paused = true)]
async fn refunds_sum_up_and_repeat() {
    let world = World::new();
    world
        .alipay("alipay.trade.pay", pay("R1", "01", "1.00"))
        .await;
    let refund = async |number: &str, yuan: &str| {
        let content =
            json!({"out_trade_no": "R1", "refund_amount": yuan, "out_request_no": number});
        world.alipay("alipay.trade.refund", content).await
    };
    let first = refund("a", "0.30").await;
    assert_eq!(
        (&first["fund_change"], &first["refund_fee"]),
        (&json!("Y"), &json!("0.30"))
    );
    let again = refund("a", "0.30").await;
    assert_eq!(
        (&again["fund_change"], &again["refund_fee"]),
        (&json!("N"), &json!("0.30"))
    );
    assert_eq!(
        refund("a", "0.31").await["sub_code"],
        "ACQ.DISCORDANT_REPEAT_REQUEST"
    );
    assert_eq!(
        refund("b", "0.71").await["sub_code"],
        "ACQ.REASON_TRADE_REFUND_FEE_ERR"
    );
    let seen = world
        .alipay(
            "alipay.trade.fastpay.refund.query",
            json!({"out_trade_no": "R1", "out_request_no": "a"}),
        )
        .await;
    assert_eq!(seen["refund_status"], "REFUND_SUCCESS");
    assert_eq!(refund("b", "0.70").await["refund_fee"], "1.00");
    assert_eq!(status(&world, "R1").await, "TRADE_CLOSED");
}

#[tokio::test(start_paused = true)]
async fn a_precreated_trade_exists_only_when_scanned() {
    let world = World::new();
    let content = json!({"out_trade_no": "Q1", "subject": "tea", "total_amount": "0.01"});
    let made = world.alipay("alipay.trade.precreate", content).await;
    assert_eq!(status(&world, "Q1").await, "ACQ.TRADE_NOT_EXIST");
    let close = world
        .alipay("alipay.trade.close", json!({"out_trade_no": "Q1"}))
        .await;
    assert_eq!(close["sub_code"], "ACQ.TRADE_NOT_EXIST");
    let decline = json!({"code": made["qr_code"], "outcome": "decline"}).to_string();
    assert_eq!(
        world.control("POST", "/control/pay", &decline).await.json()["state"],
        "WAIT_BUYER_PAY"
    );
    let pay = json!({"code": made["qr_code"]}).to_string();
    assert_eq!(
        world.control("POST", "/control/pay", &pay).await.json()["state"],
        "TRADE_SUCCESS"
    );
    assert_eq!(status(&world, "Q1").await, "TRADE_SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn a_bad_signature_is_told_in_the_methods_own_signed_node() {
    let world = World::new();
    let content = pay("G1", "01", "1");
    let send = async |body: String| {
        let request = Request::post("/alipay/gateway.do");
        world
            .send(request.body(Body::from(body)).unwrap())
            .await
            .body
    };
    let body = world.alipay_body("alipay.trade.pay", &content, &[], "2026-01-01 10:00:05");
    let text = send(body.replace("version=1.0", "version=1.0&extra=1")).await;
    let (node, sign) = text.split_once(",\"sign\":\"").unwrap();
    let node = node
        .strip_prefix("{\"alipay_trade_pay_response\":")
        .unwrap();
    let sign = sign.strip_suffix("\"}").unwrap();
    assert!(
        rsa_verify(&world.alipay.alipay_public_key_pem, node, sign),
        "{text}"
    );
    let node: Value = serde_json::from_str(node).unwrap();
    assert_eq!(
        (&node["code"], &node["sub_code"]),
        (&json!("40002"), &json!("isv.invalid-signature"))
    );
    let told = node["sub_msg"].as_str().unwrap();
    let to_sign = "charset=utf-8&amp;extra=1&amp;method=alipay.trade.pay&amp;sign_type=RSA2&amp;timestamp=2026-01-01 10:00:05&amp;version=1.0";
    assert!(told.contains(to_sign), "{told}");
    // Who asks for no method of ours has no node of its own.
    for spoil in [
        ("method=alipay.trade.pay", "method=alipay.no.such"),
        ("app_id=2", "app_id=3"),
    ] {
        let text = send(body.replace(spoil.0, spoil.1)).await;
        assert!(
            text.starts_with("{\"error_response\"") && !text.contains("\"sign\""),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn clocks_of_other_zones_and_amounts_that_are_numbers_are_taken() {
    let world = World::new();
    for (number, timestamp) in [("Z1", "2026-01-01 02:00:05"), ("Z2", "2026-01-01 23:59:59")] {
        let content = pay(number, "01", "1");
        let node = world
            .alipay_with("alipay.trade.pay", content, &[("timestamp", timestamp)])
            .await;
        assert_eq!(node["code"], "10000", "{timestamp}");
    }
    for (number, amount, told) in [
        ("N1", json!(1), "1.00"),
        ("N2", json!(88.88), "88.88"),
        ("N3", json!(0.1), "0.10"),
    ] {
        let mut content = pay(number, "01", "1");
        content["total_amount"] = amount;
        let node = world.alipay("alipay.trade.pay", content).await;
        assert_eq!(node["total_amount"], told);
    }
    for amount in [
        json!(0),
        json!(0.001),
        json!(-1),
        json!(1e11),
        json!(true),
        json!(["1"]),
        json!({}),
    ] {
        let mut content = pay("N4", "01", "1");
        content["total_amount"] = amount.clone();
        let node = world.alipay("alipay.trade.pay", content).await;
        assert_eq!(node["sub_code"], "ACQ.INVALID_PARAMETER", "{amount}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_id_of_another_app_has_a_member_of_its_own() {
    let world = World::new();
    let create = async |number: &str, more: Value| {
        let mut content = json!({"out_trade_no": number, "subject": "tea", "total_amount": "0.01"});
        content
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        world.alipay("alipay.trade.create", content).await
    };
    let another = "2021000000000077";
    let own = world.alipay.app_id.as_str();
    let made = create(
        "O1",
        json!({"op_buyer_open_id": "open7", "op_app_id": another, "product_code": "JSAPI_PAY"}),
    )
    .await;
    assert_eq!(made["code"], "10000", "{made}");
    for more in [
        json!({"op_buyer_open_id": "open7"}),
        json!({"op_buyer_open_id": "open7", "op_app_id": own}),
        json!({"op_buyer_open_id": "open7", "op_app_id": another, "buyer_open_id": "open8"}),
        json!({"op_buyer_open_id": "open7", "op_app_id": another, "buyer_id": "2088000000000777"}),
    ] {
        let refused = create("O2", more.clone()).await;
        assert_eq!(refused["sub_code"], "ACQ.INVALID_PARAMETER", "{more}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_gateway_refuses_what_is_wrong() {
    let world = World::new();
    let content = pay("G1", "01", "1");
    for (change, code, sub_code) in [
        (
            ("app_auth_token", "nobody"),
            "20001",
            "aop.invalid-app-auth-token",
        ),
        (
            ("app_auth_token", ""),
            "40006",
            "isv.insufficient-isv-permissions",
        ),
        (
            ("timestamp", "2026-01-02 10:00:06"),
            "40002",
            "isv.invalid-timestamp",
        ),
        (
            ("timestamp", "2025-12-31 09:59:59"),
            "40002",
            "isv.invalid-timestamp",
        ),
        (
            ("timestamp", "2026-01-01T10:00:00"),
            "40002",
            "isv.invalid-timestamp",
        ),
        (("version", "2.0"), "40002", "isv.invalid-version"),
        (("charset", "GBK"), "40002", "isv.invalid-charset"),
        (("method", "alipay.no.such"), "40002", "isv.invalid-method"),
    ] {
        let method = if change.0 == "method" {
            change.1
        } else {
            "alipay.trade.pay"
        };
        let node = world.alipay_with(method, content.clone(), &[change]).await;
        assert_eq!(
            (&node["code"], &node["sub_code"]),
            (&json!(code), &json!(sub_code))
        );
    }
    for yuan in ["0", "0.001", "1e2", "-1", "100000000.01"] {
        let node = world
            .alipay("alipay.trade.pay", pay("G1", "01", yuan))
            .await;
        assert_eq!(node["sub_code"], "ACQ.INVALID_PARAMETER", "{yuan}");
    }
    let body = world.alipay_body("alipay.trade.pay", &content, &[], "2026-01-01 10:00:05");
    // Everything in the query string of a GET is as good.
    let request = Request::get(format!("/alipay/gateway.do?{body}"))
        .body(Body::empty())
        .unwrap();
    assert!(
        world
            .send(request)
            .await
            .body
            .contains("\"code\":\"10000\"")
    );
}
