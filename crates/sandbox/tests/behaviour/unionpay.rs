//! UnionPay: every payment code, closes, and what the provider API refuses.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::unionpay_wire::{pay, prepay};
use crate::world::World;

async fn close(world: &World, number: &str) -> Value {
    let members = json!({"orderNo": number, "orderType": "unionpay"});
    world.unionpay("closeOrder", members).await["respCode"].clone()
}

#[tokio::test(start_paused = true)]
async fn every_code_ends_as_it_must() {
    let world = World::new();
    let paid = world
        .unionpay("micropay", pay("UP000001", "01", "8888"))
        .await;
    assert_eq!(paid["respCode"], "00");
    assert_eq!(
        (&paid["orderNo"], &paid["txnAmt"], &paid["settleAmt"]),
        (&json!("UP000001"), &json!("8888"), &json!("8888"))
    );
    assert_eq!(paid["transIndex"].as_str().unwrap().len(), 24);
    assert_eq!(paid["payTime"], "20260101100000");
    assert!(["01", "02"].contains(&paid["cardAttr"].as_str().unwrap()));
    assert!(paid["userId"].is_string() && paid.get("couponInfo").is_none());
    for (digits, end) in [("90", "00"), ("91", "05"), ("92", "06")] {
        let number = format!("UP0000{digits}");
        let asked = world.unionpay("micropay", pay(&number, digits, "1")).await;
        assert_eq!(asked["respCode"], "02");
        assert_eq!(world.unionpay_state(&number).await, "05");
        world.wait(3).await;
        assert_eq!(world.unionpay_state(&number).await, end);
    }
    for (digits, code) in [("93", "64"), ("94", "61")] {
        let number = format!("UP0000{digits}");
        let refused = world.unionpay("micropay", pay(&number, digits, "1")).await;
        assert_eq!(refused["respCode"], code);
        assert_eq!(world.unionpay_state(&number).await, "06");
    }
    let broken = world.unionpay("micropay", pay("UP000095", "95", "1")).await;
    assert_eq!(broken["respCode"], "99");
    assert_eq!(world.unionpay_state("UP000095").await, "00");
    let cut = world
        .unionpay("micropay", pay("UP000098", "98", "1005"))
        .await;
    assert_eq!(
        (&cut["txnAmt"], &cut["settleAmt"]),
        (&json!("1005"), &json!("905"))
    );
    let coupons: Value = serde_json::from_str(cut["couponInfo"].as_str().unwrap()).unwrap();
    assert_eq!(coupons[0]["offstAmt"], "100");
    assert_eq!(coupons[0]["spnsrId"], world.unionpay.mer_id);
}

#[tokio::test(start_paused = true)]
async fn silence_and_wrong_signatures_hide_what_happened() {
    let world = World::new();
    for (digits, state) in [("96", "00"), ("97", "34")] {
        let number = format!("UP0000{digits}");
        let body = world.unionpay_body(pay(&number, digits, "1"), &[]);
        let before = tokio::time::Instant::now();
        assert_eq!(world.unionpay_send("micropay", body).await.status, 504);
        assert_eq!(before.elapsed().as_secs(), 60);
        assert_eq!(world.unionpay_state(&number).await, state);
    }
    let body = world.unionpay_body(pay("UP000099", "99", "1"), &[]);
    let told = world.unionpay_send("micropay", body).await.json();
    assert!(told["signature"].is_string() && !world.is_unionpays(&told));
    assert_eq!(world.unionpay_state("UP000099").await, "00");
    // What got lost never existed: the number can be used.
    let again = world.unionpay("micropay", pay("UP000097", "01", "1")).await;
    assert_eq!(again["respCode"], "00");
}

#[tokio::test(start_paused = true)]
async fn a_set_code_acts_as_told() {
    let world = World::new();
    let code = "6220485073630469901";
    for (index, (body, code_told)) in [
        (json!({"code": code, "digits": "93"}), "64"),
        (
            json!({"code": code, "effect": "pays_with_discount", "discount_fen": 7}),
            "00",
        ),
        (
            json!({"code": code, "effect": "confirms_later", "ms": 90_000}),
            "02",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        world
            .control("POST", "/control/codes", &body.to_string())
            .await;
        let number = format!("SET0000{index}");
        let told = world.unionpay("micropay", pay(&number, "01", "100")).await;
        assert_eq!(told["respCode"], code_told);
    }
    let order = world.order("SET00001").await;
    assert_eq!(
        (&order["channel"], &order["cash_fen"], &order["state"]),
        (&json!("unionpay"), &json!(93), &json!("00"))
    );
    assert!(["01", "02"].contains(&order["paid_with"].as_str().unwrap()));
    world.wait(89).await;
    assert_eq!(world.unionpay_state("SET00002").await, "05");
    world.wait(1).await;
    assert_eq!(world.unionpay_state("SET00002").await, "00");
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_told_to_query() {
    let world = World::new();
    for number in ["REP00001", "REP00002"] {
        world.unionpay("micropay", pay(number, "91", "1")).await;
        let again = world.unionpay("micropay", pay(number, "91", "1")).await;
        assert_eq!(again["respCode"], "12");
    }
    let waiting = world
        .unionpay("unifiedorder", prepay("REP00003", "5", None))
        .await;
    let again = world
        .unionpay("unifiedorder", prepay("REP00003", "5", None))
        .await;
    assert_eq!(waiting["payData"], again["payData"]);
    let other = world
        .unionpay("unifiedorder", prepay("REP00003", "6", None))
        .await;
    assert_eq!(
        (&other["respCode"], other.get("payData")),
        (&json!("12"), None)
    );
    close(&world, "REP00003").await;
    let late = world
        .unionpay("unifiedorder", prepay("REP00003", "5", None))
        .await;
    assert_eq!(late["respCode"], "12");
}

#[tokio::test(start_paused = true)]
async fn closing_is_the_only_reversal() {
    let world = World::new();
    world.unionpay("micropay", pay("CLOSE001", "01", "1")).await;
    assert_eq!(close(&world, "CLOSE001").await, "39", "paid: refund it");
    world.unionpay("micropay", pay("CLOSE002", "91", "1")).await;
    assert_eq!(close(&world, "CLOSE002").await, "00");
    assert_eq!(close(&world, "CLOSE002").await, "00", "a repeat");
    assert_eq!(world.unionpay_state("CLOSE002").await, "04");
    world
        .unionpay("unifiedorder", prepay("CLOSE003", "5", None))
        .await;
    assert_eq!(close(&world, "CLOSE003").await, "00");
    assert_eq!(world.unionpay_state("CLOSE003").await, "03");
    world.unionpay("micropay", pay("CLOSE004", "93", "1")).await;
    assert_eq!(close(&world, "CLOSE004").await, "00");
    assert_eq!(world.unionpay_state("CLOSE004").await, "06");
    // A number nobody saw (or that got lost) leaves a tombstone: whoever comes later is refused.
    world
        .unionpay_send(
            "micropay",
            world.unionpay_body(pay("CLOSE005", "97", "1"), &[]),
        )
        .await;
    for number in ["CLOSE005", "CLOSE006"] {
        assert_eq!(close(&world, number).await, "00");
        let late = world.unionpay("micropay", pay(number, "01", "1")).await;
        assert_eq!(late["respCode"], "12");
        assert_eq!(world.unionpay_state(number).await, "04");
    }
}

#[tokio::test(start_paused = true)]
async fn members_must_be_there_and_well_formed() {
    let world = World::new();
    let gone = Value::Null;
    for (call, name, value, code) in [
        ("micropay", "orderNo", gone.clone(), "13"),
        ("micropay", "orderNo", json!("SHORT"), "10"),
        ("micropay", "orderNo", json!("WITH-A-DASH"), "10"),
        ("micropay", "orderTime", gone.clone(), "13"),
        ("micropay", "orderTime", json!("2026-01-01"), "10"),
        ("micropay", "orderTime", json!("20251231095959"), "10"),
        ("micropay", "orderType", json!("alipay"), "10"),
        ("micropay", "orderType", gone.clone(), "13"),
        ("micropay", "txnAmt", gone.clone(), "13"),
        ("micropay", "txnAmt", json!(0), "33"),
        ("micropay", "txnAmt", json!("1.00"), "33"),
        ("micropay", "txnAmt", json!(-1), "33"),
        ("micropay", "txnAmt", json!("0001"), "33"),
        ("micropay", "currencyCode", json!("840"), "10"),
        ("micropay", "termId", gone.clone(), "13"),
        ("micropay", "termInfo", json!("127.0.0.1"), "10"),
        ("micropay", "authCode", gone.clone(), "13"),
        ("micropay", "authCode", json!("134567890123456701"), "10"),
        ("micropay", "merId", json!("777290000000000"), "10"),
        ("micropay", "merId", gone.clone(), "13"),
        ("micropay", "backUrl", json!("not an address"), "10"),
        ("unifiedorder", "backUrl", gone.clone(), "13"),
        ("unifiedorder", "orderType", json!("unionpay"), "10"),
        ("unifiedorder", "customerIp", gone.clone(), "13"),
        ("unifiedorder", "payTimeout", json!("20260101100000"), "10"),
        ("unifiedorder", "termInfo", json!("{}"), "10"),
    ] {
        let members = match call {
            "micropay" => pay("FORM0001", "01", "1"),
            _ => prepay("FORM0001", "1", Some("UPUSER0000000001")),
        };
        let told = world
            .unionpay_with(call, members, &[(name, value.clone())])
            .await;
        assert_eq!(told["respCode"], code, "{call} {name} {value}");
    }
    // A whole number is as good as a text, an empty text as good as none; both are signed as they
    // are written.
    let change = [("txnAmt", json!(12)), ("reqReserved", json!(""))];
    let paid = world
        .unionpay_with("micropay", pay("FORM0001", "01", "1"), &change)
        .await;
    assert_eq!(
        (&paid["respCode"], &paid["txnAmt"]),
        (&json!("00"), &json!("12"))
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_signed_before_the_signature_verifies() {
    let world = World::new();
    let body = world.unionpay_body(pay("FORGED01", "01", "1"), &[("note", json!(""))]);
    let stranger = json!("S2026010110000000000");
    for (what, body, code) in [
        (
            "changed",
            body.replace("\"txnAmt\":\"1\"", "\"txnAmt\":\"2\""),
            "11",
        ),
        // The empty text is part of what was signed.
        ("less", body.replace("\"note\":\"\",", ""), "11"),
        ("more", body.replace("{\"", "{\"extra\":\"\",\""), "11"),
        (
            "twice",
            body.replace("{\"", "{\"orderNo\":\"FORGED01\",\""),
            "10",
        ),
        ("no object", "[]".to_owned(), "10"),
        (
            "provider",
            world.unionpay_body(pay("FORGED01", "01", "1"), &[("serProvId", stranger)]),
            "10",
        ),
    ] {
        let told = world.unionpay_send("micropay", body).await.json();
        assert_eq!(told["respCode"], code, "{what}");
        assert!(
            told.get("signature").is_none() && told.get("orderNo").is_none(),
            "{what}"
        );
    }
    let path = "/unionpay/gateway/api/pay/micropay";
    let form = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    for request in [
        form.body(Body::from(body.clone())).unwrap(),
        Request::get(path).body(Body::empty()).unwrap(),
    ] {
        assert_eq!(world.send(request).await.json()["respCode"], "10");
    }
    assert_eq!(world.unionpay_state("FORGED01").await, "34");
    // Nulls are dropped, so a body with one is signed like a body without.
    let with_null = body.replace("{\"", "{\"extra\":null,\"");
    let told = world.unionpay_send("micropay", with_null).await.json();
    assert_eq!(told["respCode"], "00");
}

#[tokio::test(start_paused = true)]
async fn merchants_do_not_see_each_other() {
    let world = World::new();
    let made = world
        .control(
            "POST",
            "/control/sub_merchants",
            r#"{"channel":"unionpay"}"#,
        )
        .await
        .json();
    let other = [("merId", made["mer_id"].clone())];
    world.unionpay("micropay", pay("SHARED01", "01", "1")).await;
    let query = json!({"orderNo": "SHARED01"});
    let told = world.unionpay_with("queryOrder", query, &other).await;
    assert_eq!(
        (&told["respCode"], &told["merId"]),
        (&json!("34"), &made["mer_id"])
    );
    let paid = world
        .unionpay_with("micropay", pay("SHARED01", "01", "2"), &other)
        .await;
    assert_eq!(paid["respCode"], "00", "a number of its own");
}

#[tokio::test(start_paused = true)]
async fn keys_and_orders_survive_a_restart() {
    let folder =
        std::env::temp_dir().join(format!("heliu-sandbox-unionpay-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sandbox.db");
    let world = World::at(file.clone());
    world.unionpay("micropay", pay("KEPT0001", "91", "1")).await;
    let before = world.unionpay.clone();
    drop(world);
    let world = World::at(file);
    let after = &world.unionpay;
    assert_eq!(
        before.provider_private_key_pem,
        after.provider_private_key_pem
    );
    assert_eq!(
        before.unionpay_public_key_pem,
        after.unionpay_public_key_pem
    );
    assert_eq!(
        (&before.ser_prov_id, &before.mer_id),
        (&after.ser_prov_id, &after.mer_id)
    );
    assert_eq!(world.unionpay_state("KEPT0001").await, "05");
    drop(world);
    std::fs::remove_dir_all(folder).unwrap();
}
