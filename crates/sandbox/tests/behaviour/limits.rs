//! What time and number end: expiries, early closes, fifty refunds, refunds that hang; and who
//! shows a code.

use serde_json::{Value, json};

use crate::world::{START_MS, World, rsa_verify};

const PREPAY: &str = "/v3/pay/partner/transactions/native";

async fn fault(world: &World, channel: &str, fault: &str, ms: Option<i64>) {
    let body = json!({"channel": channel, "fault": fault, "count": 1, "ms": ms}).to_string();
    let set = world.control("POST", "/control/faults", &body).await;
    assert_eq!(set.status, 200);
}

fn prepay(world: &World, number: &str, more: &Value) -> String {
    let mut body = json!({
        "sp_appid": world.wechat.sp_appid, "sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid,
        "description": "tea", "out_trade_no": number, "notify_url": "http://127.0.0.1:8080/n/1",
        "amount": {"total": 1000},
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

async fn state(world: &World, number: &str) -> Value {
    world.order(number).await["state"].clone()
}

#[tokio::test(start_paused = true)]
async fn the_fifty_first_refund_is_refused() {
    let world = World::new();
    world.micropay("MANY1", "134567890123456701", "100").await;
    let refund = async |number: usize| {
        let number = format!("R{number}");
        let fields = [
            ("out_trade_no", "MANY1"),
            ("out_refund_no", number.as_str()),
            ("total_fee", "100"),
            ("refund_fee", "1"),
        ];
        world.v2("/secapi/pay/refund", &fields).await
    };
    for number in 1..=50 {
        assert_eq!(refund(number).await["result_code"], "SUCCESS", "{number}");
        world.wait(60).await;
    }
    let refused = refund(51).await;
    assert_eq!(refused["err_code"], "ERROR");
    assert!(refused["err_code_des"].contains("50"));
    assert_eq!(refund(50).await["result_code"], "SUCCESS", "a repeat");
    assert_eq!(world.order("MANY1").await["refunded_fen"], 50);
}

#[tokio::test(start_paused = true)]
async fn a_wechat_refund_can_take_its_time_or_for_ever() {
    let world = World::new();
    for (number, ms, end) in [
        ("SLOW1", Some(90_000), "SUCCESS"),
        ("EVER1", None, "PROCESSING"),
    ] {
        fault(&world, "wechat", "refund_pending", ms).await;
        world.micropay(number, "134567890123456701", "100").await;
        let fields = [
            ("out_trade_no", number),
            ("out_refund_no", number),
            ("total_fee", "100"),
            ("refund_fee", "100"),
        ];
        world.v2("/secapi/pay/refund", &fields).await;
        let look = async || {
            let fields = [("out_refund_no", number)];
            world.v2("/pay/refundquery", &fields).await["refund_status_0"].clone()
        };
        world.wait(89).await;
        assert_eq!(look().await, "PROCESSING");
        world.wait(1).await;
        assert_eq!(look().await, end);
    }
    world.wait(86_400).await;
    let order = world.order("EVER1").await;
    assert_eq!(
        (&order["refunding_fen"], &order["charged_fen"]),
        (&json!(100), &json!(100))
    );
}

#[tokio::test(start_paused = true)]
async fn an_alipay_refund_can_take_its_time() {
    let world = World::new();
    fault(&world, "alipay", "refund_pending", Some(5_000)).await;
    let pay = json!({
        "out_trade_no": "ALISLOW1", "scene": "bar_code", "auth_code": "284214903060794701",
        "subject": "tea", "total_amount": "1.00",
    });
    world.alipay("alipay.trade.pay", pay).await;
    let refund = json!({"out_trade_no": "ALISLOW1", "refund_amount": "1.00"});
    let accepted = world.alipay("alipay.trade.refund", refund).await;
    assert_eq!(
        (&accepted["code"], &accepted["fund_change"]),
        (&json!("10000"), &json!("N"))
    );
    let look = async || {
        let content = json!({"out_trade_no": "ALISLOW1", "out_request_no": "ALISLOW1"});
        world
            .alipay("alipay.trade.fastpay.refund.query", content)
            .await["refund_status"]
            .clone()
    };
    assert_eq!(look().await, Value::Null);
    world.wait(5).await;
    assert_eq!(look().await, "REFUND_SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_properly_signed_ten_minutes_ago() {
    let world = World::new();
    fault(&world, "wechat", "stale_timestamp", None).await;
    let body = prepay(&world, "STALE1", &json!({}));
    for age_s in [600, 0] {
        let answer = world.v3("POST", PREPAY, &body, 0).await;
        assert_eq!(answer.status, 200);
        let stamp = answer.headers["wechatpay-timestamp"].to_str().unwrap();
        assert_eq!(stamp, (START_MS / 1000 - age_s).to_string());
        let nonce = answer.headers["wechatpay-nonce"].to_str().unwrap();
        let signature = answer.headers["wechatpay-signature"].to_str().unwrap();
        let text = format!("{stamp}\n{nonce}\n{}\n", answer.body);
        assert!(rsa_verify(
            &world.wechat.wechatpay_public_key_pem,
            &text,
            signature
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn an_early_close_is_refused_for_five_minutes() {
    let world = World::new();
    let body = prepay(&world, "EARLY1", &json!({}));
    world.v3("POST", PREPAY, &body, 0).await;
    let create = json!({
        "out_trade_no": "EARLY2", "subject": "tea", "total_amount": "1.00", "buyer_id": "2088123412341234",
    });
    world.alipay("alipay.trade.create", create).await;
    let parties =
        json!({"sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid}).to_string();
    let path = "/v3/pay/partner/transactions/out-trade-no/EARLY1/close";
    let close = json!({"out_trade_no": "EARLY2"});
    for channel in ["wechat", "alipay"] {
        let lasting = json!({"channel": channel, "fault": "early_close_refused"}).to_string();
        world.control("POST", "/control/faults", &lasting).await;
    }
    let refused = world.v3("POST", path, &parties, 0).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (400, &json!("INVALID_REQUEST"))
    );
    let refused = world.alipay("alipay.trade.close", close.clone()).await;
    assert_eq!(refused["sub_code"], "ACQ.REASON_TRADE_STATUS_INVALID");
    assert_eq!(state(&world, "EARLY1").await, "NOTPAY");
    assert_eq!(state(&world, "EARLY2").await, "WAIT_BUYER_PAY");
    world.wait(300).await;
    assert_eq!(world.v3("POST", path, &parties, 300).await.status, 204);
    let closed = world.alipay("alipay.trade.close", close).await;
    assert_eq!(closed["code"], "10000");
}

#[tokio::test(start_paused = true)]
async fn a_wechat_order_can_not_be_paid_after_its_time() {
    let world = World::new();
    let until = json!({"time_expire": "2026-01-01T10:02:00+08:00"});
    let body = prepay(&world, "EXPIRE1", &until);
    let made = world.v3("POST", PREPAY, &body, 0).await.json();
    world.wait(119).await;
    assert_eq!(state(&world, "EXPIRE1").await, "NOTPAY");
    world.wait(1).await;
    assert_eq!(state(&world, "EXPIRE1").await, "CLOSED");
    let pay = json!({"code": made["code_url"]}).to_string();
    let late = world.control("POST", "/control/pay", &pay).await;
    assert_eq!(late.status, 409);
    let past = json!({"time_expire": "2026-01-01T10:00:00+08:00"});
    let body = prepay(&world, "EXPIRE2", &past);
    let refused = world.v3("POST", PREPAY, &body, 120).await;
    assert_eq!(refused.json()["code"], "INVALID_REQUEST");
    let seen = world.outside.seen.lock().unwrap();
    assert!(seen.is_empty(), "WeChat does not tell of an expiry");
}

#[tokio::test(start_paused = true)]
async fn a_waiting_alipay_trade_closes_when_its_time_is_over() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    let create = json!({
        "out_trade_no": "EXPIRE3", "subject": "tea", "total_amount": "1.00", "buyer_id": "2088123412341234",
        "time_expire": "2026-01-01 10:02:00",
    });
    let change = [("notify_url", "http://127.0.0.1:8080/n/3")];
    world
        .alipay_with("alipay.trade.create", create, &change)
        .await;
    world.wait(119).await;
    assert_eq!(state(&world, "EXPIRE3").await, "WAIT_BUYER_PAY");
    world.wait(2).await;
    assert_eq!(state(&world, "EXPIRE3").await, "TRADE_CLOSED");
    let seen = world.outside.seen.lock().unwrap();
    assert_eq!(seen.len(), 1, "Alipay tells of the trade that timed out");
    let told = form_urlencoded::parse(seen[0].body())
        .any(|(name, value)| name == "trade_status" && value == "TRADE_CLOSED");
    assert!(told);
}

#[tokio::test(start_paused = true)]
async fn a_code_tells_who_shows_it() {
    let world = World::new();
    let ask = async |code: &str| {
        let fields = [("auth_code", code)];
        world.v2("/tools/authcodetoopenid", &fields).await
    };
    let shown = ask("134567890123456701").await;
    let paid = world.micropay("WHO1", "134567890123456701", "1").await;
    assert_eq!(shown["openid"], paid["openid"]);
    let with_app = [
        ("auth_code", "134567890123456701"),
        ("sub_appid", crate::world::SUB_APPID),
    ];
    let both = world.v2("/tools/authcodetoopenid", &with_app).await;
    assert_eq!(both["openid"], shown["openid"]);
    assert_ne!(both["sub_openid"], both["openid"]);
    assert_eq!(
        ask("134567890123456794").await["err_code"],
        "AUTHCODEEXPIRE"
    );
    assert_eq!(
        ask("284214903060794701").await["err_code"],
        "AUTH_CODE_INVALID"
    );
}
