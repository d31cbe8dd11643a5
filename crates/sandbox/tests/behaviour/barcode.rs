//! WeChat v2: every payment code, repeats, reversals, refunds, refusals.

use axum::body::Body;
use http::Request;

use crate::world::{World, from_xml, v2_sign};

fn code(digits: &str) -> String {
    format!("1345678901234567{digits}")
}

#[tokio::test(start_paused = true)]
async fn a_code_pays_at_once_and_repeats_tell_the_state() {
    let world = World::new();
    let paid = world.micropay("T1", &code("01"), "100").await;
    assert_eq!(
        (paid["result_code"].as_str(), paid["total_fee"].as_str()),
        ("SUCCESS", "100")
    );
    assert_eq!(paid["transaction_id"].len(), 28);
    assert!(paid["transaction_id"].starts_with("4200"));
    let again = world.micropay("T1", &code("01"), "100").await;
    assert_eq!(again["transaction_id"], paid["transaction_id"]);
    let other = world.micropay("T1", &code("01"), "101").await;
    assert_eq!(other["err_code"], "OUT_TRADE_NO_USED");
    assert_eq!(world.query("T1").await["trade_state"], "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn payers_who_must_confirm_do_never_do_or_decline() {
    let world = World::new();
    for (number, digits, end) in [
        ("C90", "90", "SUCCESS"),
        ("C91", "91", "USERPAYING"),
        ("C92", "92", "PAYERROR"),
    ] {
        let asked = world.micropay(number, &code(digits), "100").await;
        assert_eq!(asked["err_code"], "USERPAYING");
        assert_eq!(world.query(number).await["trade_state"], "USERPAYING");
        world.wait(3).await;
        assert_eq!(world.query(number).await["trade_state"], end);
    }
}

#[tokio::test(start_paused = true)]
async fn definite_and_indefinite_failures() {
    let world = World::new();
    assert_eq!(
        world.micropay("N93", &code("93"), "1").await["err_code"],
        "NOTENOUGH"
    );
    assert_eq!(
        world.micropay("N94", &code("94"), "1").await["err_code"],
        "AUTHCODEEXPIRE"
    );
    assert_eq!(world.query("N93").await["trade_state"], "PAYERROR");
    assert_eq!(
        world.micropay("N95", &code("95"), "1").await["err_code"],
        "SYSTEMERROR"
    );
    assert_eq!(world.query("N95").await["trade_state"], "SUCCESS");
    assert_eq!(
        world.micropay("NX", "2845678901234567890", "1").await["err_code"],
        "AUTH_CODE_INVALID"
    );
    let (fields, _) = world
        .v2_raw(
            "/pay/micropay",
            &World::micropay_fields("N99", &code("99"), "1"),
            false,
        )
        .await;
    assert_ne!(
        fields["sign"],
        v2_sign(&fields, &world.wechat.api_v2_key, false)
    );
    assert_eq!(world.query("N99").await["trade_state"], "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn silence_lasts_a_minute_and_may_hide_a_payment() {
    let world = World::new();
    for (number, digits) in [("S96", "96"), ("S97", "97")] {
        let before = tokio::time::Instant::now();
        let fields = World::micropay_fields(number, "", "1");
        let code = code(digits);
        let mut fields = fields.to_vec();
        fields[4].1 = &code;
        let (_, raw) = world.v2_raw("/pay/micropay", &fields, false).await;
        assert!(raw.contains("504"));
        assert_eq!(before.elapsed().as_secs(), 60);
    }
    assert_eq!(world.query("S96").await["trade_state"], "SUCCESS");
    assert_eq!(world.query("S97").await["err_code"], "ORDERNOTEXIST");
    let reversed = world
        .v2("/secapi/pay/reverse", &[("out_trade_no", "S97")])
        .await;
    assert_eq!(
        (
            reversed["result_code"].as_str(),
            reversed["recall"].as_str()
        ),
        ("SUCCESS", "N")
    );
    assert_eq!(
        world.micropay("S97", &code("97"), "1").await["err_code"],
        "ORDERREVERSED"
    );
}

#[tokio::test(start_paused = true)]
async fn a_discount_is_shown_and_refunded_in_parts() {
    let world = World::new();
    let paid = world.micropay("D98", &code("98"), "1005").await;
    assert_eq!(
        (paid["cash_fee"].as_str(), paid["coupon_fee"].as_str()),
        ("905", "100")
    );
    assert_eq!(paid["settlement_total_fee"], "905");
    assert!(paid["promotion_detail"].contains("\"merchant_contribute\":100"));
    let one = world.micropay("D1", &code("98"), "1").await;
    assert!(!one.contains_key("coupon_fee"));
    let refund = [
        ("out_trade_no", "D98"),
        ("out_refund_no", "R1"),
        ("total_fee", "1005"),
        ("refund_fee", "10"),
    ];
    let refunded = world.v2("/secapi/pay/refund", &refund).await;
    assert_eq!(
        (
            refunded["cash_refund_fee"].as_str(),
            refunded["coupon_refund_fee"].as_str()
        ),
        ("9", "1")
    );
    assert_eq!(world.query("D98").await["trade_state"], "REFUND");
    world.wait(2).await;
    let seen = world
        .v2("/pay/refundquery", &[("out_refund_no", "R1")])
        .await;
    assert_eq!(seen["refund_status_0"], "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn reversals_close_give_back_and_leave_tombstones() {
    let world = World::new();
    let reverse = async |number: &str| {
        world
            .v2("/secapi/pay/reverse", &[("out_trade_no", number)])
            .await
    };
    world.micropay("V1", &code("01"), "5").await;
    assert_eq!(reverse("V1").await["recall"], "N");
    assert_eq!(reverse("V1").await["result_code"], "SUCCESS");
    assert_eq!(world.query("V1").await["trade_state"], "REVOKED");
    let order = world.order("V1").await;
    assert_eq!(
        (&order["money_back"], &order["charged_fen"]),
        (&true.into(), &0.into())
    );
    assert_eq!(reverse("V2").await["result_code"], "SUCCESS");
    assert_eq!(
        world.micropay("V2", &code("01"), "5").await["err_code"],
        "ORDERREVERSED"
    );
    world.micropay("V3", &code("01"), "5").await;
    let refund = [
        ("out_trade_no", "V3"),
        ("out_refund_no", "VR"),
        ("total_fee", "5"),
        ("refund_fee", "1"),
    ];
    world.v2("/secapi/pay/refund", &refund).await;
    assert_eq!(reverse("V3").await["err_code"], "TRADE_ERROR");
    world.micropay("V4", &code("01"), "5").await;
    world.wait(7 * 86_400 + 1).await;
    assert_eq!(reverse("V4").await["err_code"], "REVERSE_EXPIRE");
}

#[tokio::test(start_paused = true)]
async fn refunds_obey_sum_gap_and_repeat() {
    let world = World::new();
    world.micropay("R", &code("01"), "100").await;
    let refund = async |number: &str, fen: &str| {
        let fields = [
            ("out_trade_no", "R"),
            ("out_refund_no", number),
            ("total_fee", "100"),
            ("refund_fee", fen),
        ];
        world.v2("/secapi/pay/refund", &fields).await
    };
    let first = refund("A", "60").await;
    assert_eq!(first["result_code"], "SUCCESS");
    assert_eq!(refund("A", "60").await["refund_id"], first["refund_id"]);
    assert_eq!(refund("A", "50").await["err_code"], "REFUND_FEE_MISMATCH");
    assert_eq!(refund("B", "30").await["err_code"], "FREQUENCY_LIMITED");
    world.wait(60).await;
    assert_eq!(refund("B", "41").await["err_code"], "ERROR");
    assert_eq!(refund("B", "40").await["result_code"], "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_refused() {
    let world = World::new();
    let raw = async |body: &str| {
        let request = Request::post("/wechat/pay/micropay")
            .body(Body::from(body.to_owned()))
            .unwrap();
        from_xml(&world.send(request).await.body)
    };
    assert_eq!(
        raw("<!DOCTYPE x><xml></xml>").await["err_code"],
        "XML_FORMAT_ERROR"
    );
    assert_eq!(raw("").await["err_code"], "POST_DATA_EMPTY");
    let mut fields = World::micropay_fields("B1", "134567890123456701", "1").to_vec();
    fields.push(("sign", "00000000000000000000000000000000"));
    let (refused, _) = world.v2_raw("/pay/micropay", &fields, false).await;
    assert_eq!(
        (
            refused["return_code"].as_str(),
            refused.contains_key("sign")
        ),
        ("FAIL", false)
    );
    let good = World::micropay_fields("B1", "134567890123456701", "1");
    for (name, value, err_code) in [
        ("total_fee", "0", "PARAM_ERROR"),
        ("total_fee", "1.0", "PARAM_ERROR"),
        ("total_fee", "-1", "PARAM_ERROR"),
        ("total_fee", "9223372036854775808", "PARAM_ERROR"),
        ("out_trade_no", "a b", "PARAM_ERROR"),
        (
            "out_trade_no",
            "123456789012345678901234567890123",
            "PARAM_ERROR",
        ),
        ("body", "", "LACK_PARAMS"),
        ("sub_mch_id", "1999999999", "NOAUTH"),
        ("appid", "wx0000000000000000", "APPID_NOT_EXIST"),
        ("spbill_create_ip", "nowhere", "PARAM_ERROR"),
    ] {
        let mut fields = good.to_vec();
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        assert_eq!(
            world.v2("/pay/micropay", &fields).await["err_code"],
            err_code,
            "{name}={value}"
        );
    }
    let (signed, _) = world.v2_raw("/pay/micropay", &good, true).await;
    assert_eq!(
        signed["sign"],
        v2_sign(&signed, &world.wechat.api_v2_key, true)
    );
    assert_eq!(
        world.v2("/pay/closeorder", &[("out_trade_no", "B1")]).await["err_code"],
        "INVALID_REQUEST"
    );
}

#[tokio::test(start_paused = true)]
async fn money_can_arrive_after_a_reversal() {
    let world = World::new();
    let fault = r#"{"channel":"wechat","verb":"reverse","fault":"late_success","count":1}"#;
    world.control("POST", "/control/faults", fault).await;
    world.micropay("L1", &code("91"), "5").await;
    let reversed = world
        .v2("/secapi/pay/reverse", &[("out_trade_no", "L1")])
        .await;
    assert_eq!(reversed["result_code"], "SUCCESS");
    assert_eq!(world.query("L1").await["trade_state"], "REVOKED");
    world.wait(2).await;
    assert_eq!(world.query("L1").await["trade_state"], "SUCCESS");
    world
        .v2("/secapi/pay/reverse", &[("out_trade_no", "L1")])
        .await;
    assert_eq!(world.order("L1").await["money_back"], true);
}

#[tokio::test(start_paused = true)]
async fn keys_and_orders_survive_a_restart() {
    let folder = std::env::temp_dir().join(format!("heliu-sandbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sandbox.db");
    let world = World::at(file.clone());
    world.micropay("K1", &code("90"), "5").await;
    let key = world.wechat.merchant_private_key_pem.clone();
    drop(world);
    let world = World::at(file);
    assert_eq!(world.wechat.merchant_private_key_pem, key);
    assert_eq!(world.query("K1").await["trade_state"], "USERPAYING");
    world.wait(4).await;
    assert_eq!(world.query("K1").await["trade_state"], "SUCCESS");
    drop(world);
    std::fs::remove_dir_all(folder).unwrap();
}
