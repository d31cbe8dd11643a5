//! WeChat v3: prepay, query, close, refund, and the envelope.

use serde_json::{Value, json};

use crate::world::{SUB_APPID, World};

const TRANSACTIONS: &str = "/v3/pay/partner/transactions";

fn prepay(world: &World, number: &str) -> Value {
    json!({
        "sp_appid": world.wechat.sp_appid, "sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid,
        "description": "tea", "out_trade_no": number, "notify_url": "http://127.0.0.1:8080/n/1",
        "amount": {"total": 1000, "currency": "CNY"},
    })
}

fn query(world: &World, number: &str) -> String {
    format!(
        "{TRANSACTIONS}/out-trade-no/{number}?sp_mchid={}&sub_mchid={}",
        world.wechat.sp_mchid, world.wechat.sub_mchid
    )
}

#[tokio::test(start_paused = true)]
async fn a_native_order_is_paid_queried_and_refunded() {
    let world = World::new();
    let body = prepay(&world, "NATIVE1");
    let native = format!("{TRANSACTIONS}/native");
    let first = world.v3("POST", &native, &body.to_string(), 0).await.json();
    let second = world.v3("POST", &native, &body.to_string(), 0).await.json();
    assert_ne!(first["code_url"], second["code_url"]);
    let pay = |code: &Value| json!({"code": code, "outcome": "pay"}).to_string();
    assert_eq!(
        world
            .control("POST", "/control/pay", &pay(&first["code_url"]))
            .await
            .status,
        404
    );
    let paid = world
        .control("POST", "/control/pay", &pay(&second["code_url"]))
        .await
        .json();
    assert_eq!(paid["state"], "SUCCESS");
    let seen = world
        .v3("GET", &query(&world, "NATIVE1"), "", 0)
        .await
        .json();
    assert_eq!(
        (&seen["trade_state"], &seen["amount"]["payer_total"]),
        (&json!("SUCCESS"), &json!(1000))
    );
    let by_id = format!(
        "{TRANSACTIONS}/id/{}?sp_mchid={}&sub_mchid={}",
        seen["transaction_id"].as_str().unwrap(),
        world.wechat.sp_mchid,
        world.wechat.sub_mchid
    );
    assert_eq!(world.v3("GET", &by_id, "", 0).await.json(), seen);

    let refund = |number: &str, fen: i64| {
        json!({
            "sub_mchid": world.wechat.sub_mchid, "out_trade_no": "NATIVE1", "out_refund_no": number,
            "amount": {"refund": fen, "total": 1000, "currency": "CNY"},
        })
        .to_string()
    };
    let refunds = "/v3/refund/domestic/refunds";
    let asked = world
        .v3("POST", refunds, &refund("R1", 300), 0)
        .await
        .json();
    assert_eq!(asked["status"], "PROCESSING");
    assert_eq!(
        world
            .v3("POST", refunds, &refund("R1", 300), 0)
            .await
            .json(),
        asked
    );
    assert_eq!(
        world
            .v3("POST", refunds, &refund("R2", 300), 0)
            .await
            .status,
        429
    );
    world.wait(60).await;
    let look = format!("{refunds}/R1?sub_mchid={}", world.wechat.sub_mchid);
    assert_eq!(
        world.v3("GET", &look, "", 60).await.json()["status"],
        "SUCCESS"
    );
    let too_much = world.v3("POST", refunds, &refund("R2", 701), 60).await;
    assert_eq!(
        (too_much.status.as_u16(), &too_much.json()["code"]),
        (400, &json!("INVALID_REQUEST"))
    );
    assert_eq!(
        world
            .v3("GET", &query(&world, "NATIVE1"), "", 60)
            .await
            .json()["trade_state"],
        "REFUND"
    );
}

#[tokio::test(start_paused = true)]
async fn close_is_silent_and_repeatable() {
    let world = World::new();
    let native = format!("{TRANSACTIONS}/native");
    let body = prepay(&world, "CLOSE1").to_string();
    world.v3("POST", &native, &body, 0).await;
    let close =
        json!({"sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid}).to_string();
    let path = format!("{TRANSACTIONS}/out-trade-no/CLOSE1/close");
    for _ in 0..2 {
        let closed = world.v3("POST", &path, &close, 0).await;
        assert_eq!((closed.status.as_u16(), closed.body.as_str()), (204, ""));
    }
    assert_eq!(
        world
            .v3("GET", &query(&world, "CLOSE1"), "", 0)
            .await
            .json()["trade_state"],
        "CLOSED"
    );
    assert_eq!(
        world.v3("POST", &native, &body, 0).await.json()["code"],
        "ORDER_CLOSED"
    );
    let unknown = world.v3("GET", &query(&world, "NOBODY"), "", 0).await;
    assert_eq!(
        (unknown.status.as_u16(), &unknown.json()["code"]),
        (404, &json!("ORDER_NOT_EXIST"))
    );
}

#[tokio::test(start_paused = true)]
async fn strictness() {
    let world = World::new();
    let native = format!("{TRANSACTIONS}/native");
    let change = |pointer: &str, value: Value| {
        let mut body = prepay(&world, "STRICT1");
        match pointer.rsplit_once('/') {
            Some((parent, name)) => body.pointer_mut(parent).unwrap()[name] = value,
            None => panic!("a pointer begins with a slash"),
        }
        body.to_string()
    };
    for (pointer, value, code) in [
        ("/attach", Value::Null, "PARAM_ERROR"),
        ("/surprise", json!(1), "PARAM_ERROR"),
        ("/amount/total", json!(0), "PARAM_ERROR"),
        ("/amount/total", json!(1.5), "PARAM_ERROR"),
        (
            "/notify_url",
            json!("http://127.0.0.1/n?x=1"),
            "PARAM_ERROR",
        ),
        ("/out_trade_no", json!("short"), "PARAM_ERROR"),
        ("/sub_mchid", json!("1999999999"), "NO_AUTH"),
        (
            "/sp_appid",
            json!("wx0000000000000000"),
            "APPID_MCHID_NOT_MATCH",
        ),
        ("/payer", json!({"sp_openid": "o"}), "PARAM_ERROR"),
    ] {
        let refused = world.v3("POST", &native, &change(pointer, value), 0).await;
        assert_eq!(refused.json()["code"], code, "{pointer}");
    }
    let body = prepay(&world, "STRICT1").to_string();
    for age_s in [301, -301] {
        let stale = world
            .send(world.v3_request("POST", &native, &body, age_s))
            .await;
        assert_eq!(
            (stale.status.as_u16(), &stale.json()["code"]),
            (401, &json!("SIGN_ERROR"))
        );
    }
    assert!(
        world
            .send(world.v3_request("POST", &native, &body, 300))
            .await
            .status
            .is_success()
    );
    let mut tampered = world.v3_request("POST", &native, &body, 0);
    *tampered.body_mut() = axum::body::Body::from(format!("{body} "));
    assert_eq!(world.send(tampered).await.status, 401);
    let mut no_agent = world.v3_request("POST", &native, &body, 0);
    no_agent.headers_mut().remove("user-agent");
    assert_eq!(world.send(no_agent).await.status, 400);
    let other = change("/description", json!("coffee"));
    assert_eq!(
        world.v3("POST", &native, &other, 0).await.json()["code"],
        "INVALID_REQUEST"
    );
}

#[tokio::test(start_paused = true)]
async fn one_book_for_both_interfaces() {
    let world = World::new();
    world
        .micropay("SHARED1", "134567890123456798", "1000")
        .await;
    let seen = world
        .v3("GET", &query(&world, "SHARED1"), "", 0)
        .await
        .json();
    assert_eq!(
        (&seen["trade_type"], &seen["amount"]["payer_total"]),
        (&json!("MICROPAY"), &json!(900))
    );
    assert_eq!(seen["promotion_detail"][0]["merchant_contribute"], 100);
    let native = format!("{TRANSACTIONS}/native");
    let taken = world
        .v3("POST", &native, &prepay(&world, "SHARED1").to_string(), 0)
        .await;
    assert_eq!(taken.json()["code"], "ORDER_PAID");
}

#[tokio::test(start_paused = true)]
async fn jsapi_needs_exactly_one_openid() {
    let world = World::new();
    let jsapi = format!("{TRANSACTIONS}/jsapi");
    let mut body = prepay(&world, "JSAPI1");
    assert_eq!(
        world.v3("POST", &jsapi, &body.to_string(), 0).await.status,
        400
    );
    body["payer"] = json!({"sub_openid": "oHmbktxFlpoDEMO0000000000001"});
    assert_eq!(
        world.v3("POST", &jsapi, &body.to_string(), 0).await.status,
        400
    );
    body["sub_appid"] = json!(SUB_APPID);
    let prepaid = world.v3("POST", &jsapi, &body.to_string(), 0).await.json();
    let paid = world
        .control(
            "POST",
            "/control/pay",
            &json!({"code": prepaid["prepay_id"]}).to_string(),
        )
        .await;
    assert_eq!(paid.json()["state"], "SUCCESS");
}
