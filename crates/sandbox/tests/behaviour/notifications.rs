//! Notifications: what they carry, how they are signed, when they come again.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::world::{World, from_xml, rsa_verify, v2_sign};

async fn native(world: &World, number: &str) -> String {
    let body = json!({
        "sp_appid": world.wechat.sp_appid, "sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid,
        "description": "tea", "out_trade_no": number, "notify_url": "http://127.0.0.1:8080/n/1",
        "amount": {"total": 1000},
    });
    let path = "/v3/pay/partner/transactions/native";
    let made = world.v3("POST", path, &body.to_string(), 0).await.json();
    made["code_url"].as_str().unwrap().to_owned()
}

fn count(world: &World) -> usize {
    world.outside.seen.lock().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn a_v3_event_opens_and_comes_again_until_acknowledged() {
    let world = World::new();
    let code = native(&world, "EVENT1").await;
    for _ in 0..2 {
        let refusal = http::Response::builder()
            .status(500)
            .body(bytes::Bytes::new())
            .unwrap();
        world.outside.answers.lock().unwrap().push_back(refusal);
    }
    world
        .control("POST", "/control/pay", &json!({"code": code}).to_string())
        .await;
    world.wait(1).await;
    assert_eq!(count(&world), 1);
    world.wait(15).await;
    assert_eq!(count(&world), 2);
    world.wait(15).await;
    assert_eq!(count(&world), 3);
    world.wait(86_400).await;
    assert_eq!(count(&world), 3);
    let seen = world.outside.seen.lock().unwrap();
    let body = std::str::from_utf8(seen[0].body()).unwrap();
    world.assert_v3_signed(seen[0].headers(), body);
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(event["event_type"], "TRANSACTION.SUCCESS");
    let resource = &event["resource"];
    let key = UnboundKey::new(&AES_256_GCM, world.wechat.api_v3_key.as_bytes()).unwrap();
    let nonce = resource["nonce"].as_str().unwrap().as_bytes();
    let mut sealed = STANDARD
        .decode(resource["ciphertext"].as_str().unwrap())
        .unwrap();
    let plain = LessSafeKey::new(key)
        .open_in_place(
            Nonce::try_assume_unique_for_key(nonce).unwrap(),
            Aad::from("transaction"),
            &mut sealed,
        )
        .unwrap();
    let plain: Value = serde_json::from_slice(plain).unwrap();
    assert_eq!(
        (&plain["out_trade_no"], &plain["trade_state"]),
        (&json!("EVENT1"), &json!("SUCCESS"))
    );
    let third: Value = serde_json::from_slice(seen[2].body()).unwrap();
    assert_eq!(third["id"], event["id"]);
}

#[tokio::test(start_paused = true)]
async fn the_whole_wechat_schedule_takes_a_day() {
    let world = World::new();
    let code = native(&world, "EVENT2").await;
    for _ in 0..20 {
        let refusal = http::Response::builder()
            .status(500)
            .body(bytes::Bytes::new())
            .unwrap();
        world.outside.answers.lock().unwrap().push_back(refusal);
    }
    world
        .control("POST", "/control/pay", &json!({"code": code}).to_string())
        .await;
    world.wait(3 * 86_400).await;
    assert_eq!(count(&world), 16);
}

#[tokio::test(start_paused = true)]
async fn a_v2_prepay_notifies_signed_xml() {
    let world = World::new();
    *world.outside.default.lock().unwrap() =
        "<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>".into();
    let made = world
        .v2(
            "/pay/unifiedorder",
            &[
                ("body", "tea"),
                ("out_trade_no", "U1"),
                ("total_fee", "7"),
                ("spbill_create_ip", "127.0.0.1"),
                ("notify_url", "http://127.0.0.1:8080/n/2"),
                ("trade_type", "JSAPI"),
                ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
            ],
        )
        .await;
    world
        .control(
            "POST",
            "/control/pay",
            &json!({"code": made["prepay_id"]}).to_string(),
        )
        .await;
    world.wait(100).await;
    assert_eq!(count(&world), 1);
    let seen = world.outside.seen.lock().unwrap();
    let fields = from_xml(std::str::from_utf8(seen[0].body()).unwrap());
    assert_eq!(
        fields["sign"],
        v2_sign(&fields, &world.wechat.api_v2_key, false)
    );
    assert_eq!(
        (
            fields["out_trade_no"].as_str(),
            fields["total_fee"].as_str()
        ),
        ("U1", "7")
    );
}

#[tokio::test(start_paused = true)]
async fn alipay_wants_exactly_success() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success\n".into();
    let content = json!({
        "out_trade_no": "N1", "scene": "bar_code", "auth_code": "284214903060794701",
        "subject": "茶", "total_amount": "1.00",
    });
    let change = [("notify_url", "http://127.0.0.1:8080/n/3")];
    world
        .alipay_with("alipay.trade.pay", content, &change)
        .await;
    world.wait(3 * 86_400).await;
    assert_eq!(count(&world), 8);
    let seen = world.outside.seen.lock().unwrap();
    let mut fields: BTreeMap<String, String> = form_urlencoded::parse(seen[7].body())
        .into_owned()
        .collect();
    let sign = fields.remove("sign").unwrap();
    fields.remove("sign_type").unwrap();
    let text: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert!(rsa_verify(
        &world.alipay.alipay_public_key_pem,
        &text.join("&"),
        &sign
    ));
    assert_eq!(fields["trade_status"], "TRADE_SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn faults_double_silence_and_hurry_notifications() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    let pay = async |number: &str, fault: &str| {
        let fault = json!({"channel": "alipay", "fault": fault, "count": 1}).to_string();
        assert_eq!(
            world
                .control("POST", "/control/faults", &fault)
                .await
                .status,
            200
        );
        let content = json!({
            "out_trade_no": number, "scene": "bar_code", "auth_code": "284214903060794701",
            "subject": "茶", "total_amount": "1.00",
        });
        let change = [("notify_url", "http://127.0.0.1:8080/n/3")];
        world
            .alipay_with("alipay.trade.pay", content, &change)
            .await;
        count(&world)
    };
    assert_eq!(pay("F1", "early_notifications").await, 1);
    assert_eq!(pay("F2", "duplicate_notifications").await, 1);
    world.wait(1).await;
    assert_eq!(count(&world), 3);
    pay("F3", "no_notifications").await;
    world.wait(3600).await;
    assert_eq!(count(&world), 3);
}
