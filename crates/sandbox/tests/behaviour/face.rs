//! WeChat face pay: the device's credential, charging a face, and a query and a reversal of its
//! own.

use std::collections::BTreeMap;

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::world::{START_MS, SUB_APPID, World, from_xml, map, to_xml, v2_sign};

/// A signed call; asserts that the answer is signed by the same algorithm.
async fn call(world: &World, path: &str, pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (fields, raw) = world.v2_raw(path, pairs, true).await;
    assert_eq!(
        fields.get("sign"),
        Some(&v2_sign(&fields, &world.wechat.api_v2_key, true)),
        "{raw}"
    );
    fields
}

fn face<'a>(number: &'a str, code: &'a str, fen: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("body", "tea"),
        ("out_trade_no", number),
        ("total_fee", fen),
        ("fee_type", "CNY"),
        ("spbill_create_ip", "127.0.0.1"),
        ("face_code", code),
    ]
}

async fn query(world: &World, number: &str) -> BTreeMap<String, String> {
    call(world, "/pay/facepayquery", &[("out_trade_no", number)]).await
}

async fn reverse(world: &World, number: &str) -> BTreeMap<String, String> {
    call(
        world,
        "/secapi/pay/facepayreverse",
        &[("out_trade_no", number)],
    )
    .await
}

/// A credential call written out, since its envelope is not that of the other calls.
async fn credential(
    world: &World,
    change: &[(&str, &str)],
    spoil: bool,
) -> (BTreeMap<String, String>, bool) {
    let now_s = (START_MS / 1000).to_string();
    let mut fields = map(&[
        ("appid", &world.wechat.sp_appid),
        ("mch_id", &world.wechat.sp_mchid),
        ("sub_mch_id", &world.wechat.sub_mchid),
        ("nonce_str", "n0nce"),
        ("store_id", "store-1"),
        ("store_name", "测试门店01"),
        ("device_id", "CYW00000000000000001"),
        ("rawdata", "eNPJNgR26U88+/A=="),
        ("now", &now_s),
        ("version", "1"),
        ("sign_type", "MD5"),
    ]);
    fields.extend(map(change));
    let hmac = fields["sign_type"] == "HMAC-SHA256";
    let mut sign = v2_sign(&fields, &world.wechat.api_v2_key, hmac);
    if spoil {
        sign = sign.chars().rev().collect();
    }
    fields.insert("sign".into(), sign);
    let request = Request::post("/wechat/face/get_wxpayface_authinfo")
        .body(Body::from(to_xml(&fields)))
        .unwrap();
    let answer = from_xml(&world.send(request).await.body);
    let signed = answer.get("sign") == Some(&v2_sign(&answer, &world.wechat.api_v2_key, hmac));
    (answer, signed)
}

#[tokio::test(start_paused = true)]
async fn a_device_gets_a_credential() {
    let world = World::new();
    for sign_type in ["MD5", "HMAC-SHA256"] {
        let (answer, signed) = credential(&world, &[("sign_type", sign_type)], false).await;
        assert!(signed, "{answer:?}");
        assert_eq!(
            (
                answer["return_code"].as_str(),
                answer["expires_in"].as_str()
            ),
            ("SUCCESS", "3600")
        );
        assert!(!answer["authinfo"].is_empty() && answer["authinfo"].len() <= 4096);
        assert!(!answer.contains_key("result_code"), "it has none");
        assert_eq!(answer["sub_mch_id"], world.wechat.sub_mchid);
    }
    let alone = [("sub_mch_id", ""), ("nonce_str", "other")];
    let (answer, signed) = credential(&world, &alone, false).await;
    assert!(signed && !answer.contains_key("sub_mch_id"), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_credential_is_refused_unsigned_with_a_reason() {
    let world = World::new();
    let (answer, _) = credential(&world, &[], true).await;
    assert_eq!(answer["err_code"], "SIGNERROR");
    let late = (START_MS / 1000 - 601).to_string();
    let long = "x".repeat(2049);
    for (name, value, err_code) in [
        ("nonce_str", "", "LACK_PARAMS"),
        ("version", "2", "PARAM_ERROR"),
        ("version", "", "LACK_PARAMS"),
        ("rawdata", "", "LACK_PARAMS"),
        ("rawdata", &long, "PARAM_ERROR"),
        ("store_id", "", "LACK_PARAMS"),
        ("store_name", "", "LACK_PARAMS"),
        ("device_id", "", "LACK_PARAMS"),
        ("now", "soon", "PARAM_ERROR"),
        ("now", &late, "PARAM_ERROR"),
        ("appid", "wx0000000000000000", "APPID_NOT_EXIST"),
        ("mch_id", "1999999999", "MCHID_NOT_EXIST"),
        ("sub_mch_id", "1999999999", "NOAUTH"),
    ] {
        let (answer, _) = credential(&world, &[(name, value)], false).await;
        assert_eq!(answer["return_code"], "FAIL", "{name}={value}");
        assert_eq!(answer["err_code"], err_code, "{name}={value}");
        assert!(!answer.contains_key("sign"), "{name}={value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_face_pays_and_tells_who_it_was() {
    let world = World::new();
    let mut fields = face("F1", "120061098828009406", "400");
    fields.push(("openid", "oBmIts3wbluDEMO0000000000001"));
    fields.push(("sub_appid", SUB_APPID));
    fields.push(("limit_pay", "no_credit"));
    fields.push(("device_info", "till-1"));
    fields.push(("attach", "table 12"));
    let paid = call(&world, "/pay/facepay", &fields).await;
    assert_eq!(paid["trade_type"], "FACEPAY");
    assert_eq!(paid["openid"], "oBmIts3wbluDEMO0000000000001");
    assert_eq!(
        (paid["is_subscribe"].as_str(), paid["attach"].as_str()),
        ("N", "table 12")
    );
    assert!(!paid["sub_openid"].is_empty() && !paid["bank_type"].is_empty());
    assert_eq!(
        (paid["cash_fee"].as_str(), paid["time_end"].len()),
        ("400", 14)
    );
    let again = call(&world, "/pay/facepay", &fields).await;
    assert_eq!(again["transaction_id"], paid["transaction_id"]);
    let seen = query(&world, "F1").await;
    assert_eq!(
        (
            seen["trade_state"].as_str(),
            seen["transaction_id"].as_str()
        ),
        ("SUCCESS", paid["transaction_id"].as_str())
    );
    let refund = [
        ("out_trade_no", "F1"),
        ("out_refund_no", "FR1"),
        ("total_fee", "400"),
        ("refund_fee", "100"),
    ];
    assert_eq!(
        call(&world, "/secapi/pay/refund", &refund).await["result_code"],
        "SUCCESS"
    );
    assert_eq!(reverse(&world, "F1").await["err_code"], "TRADE_ERROR");
    let stranger = call(&world, "/pay/facepay", &face("F2", "face-code_X7", "1")).await;
    assert!(
        stranger["openid"].starts_with("oSBX"),
        "the default payer's"
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_two_digits_of_a_face_code_steer() {
    let world = World::new();
    let pay = async |number: &str, digits: &str| {
        let code = format!("1200610988280094{digits}");
        call(&world, "/pay/facepay", &face(number, &code, "100")).await
    };
    for (number, digits, end) in [
        ("F90", "90", "SUCCESS"),
        ("F91", "91", "USERPAYING"),
        ("F92", "92", "PAYERROR"),
    ] {
        assert_eq!(pay(number, digits).await["err_code"], "USERPAYING");
        assert_eq!(query(&world, number).await["trade_state"], "USERPAYING");
        world.wait(3).await;
        assert_eq!(query(&world, number).await["trade_state"], end);
    }
    assert_eq!(pay("F93", "93").await["err_code"], "NOTENOUGH");
    assert_eq!(pay("F94", "94").await["err_code"], "AUTHCODEEXPIRE");
    assert_eq!(pay("F95", "95").await["err_code"], "SYSTEMERROR");
    assert_eq!(query(&world, "F95").await["trade_state"], "SUCCESS");
    assert_eq!(pay("F98", "98").await["coupon_fee"], "10");
    for (number, digits) in [("F96", "96"), ("F97", "97")] {
        let code = format!("1200610988280094{digits}");
        let (_, raw) = world
            .v2_raw("/pay/facepay", &face(number, &code, "100"), true)
            .await;
        assert!(raw.contains("504"));
    }
    assert_eq!(query(&world, "F96").await["trade_state"], "SUCCESS");
    assert_eq!(query(&world, "F97").await["err_code"], "ORDERNOTEXIST");
    let (spoilt, _) = world
        .v2_raw("/pay/facepay", &face("F99", "face99", "100"), true)
        .await;
    assert_ne!(
        spoilt["sign"],
        v2_sign(&spoilt, &world.wechat.api_v2_key, true)
    );
}

#[tokio::test(start_paused = true)]
async fn face_pay_has_a_query_and_a_reversal_of_its_own() {
    let world = World::new();
    call(&world, "/pay/facepay", &face("OWN1", "face01", "5")).await;
    world.micropay("OWN2", "134567890123456701", "5").await;
    assert_eq!(world.query("OWN1").await["err_code"], "ORDERNOTEXIST");
    assert_eq!(query(&world, "OWN2").await["err_code"], "ORDERNOTEXIST");
    assert_eq!(reverse(&world, "OWN2").await["err_code"], "INVALID_REQUEST");
    let paper = [("out_trade_no", "OWN1")];
    for path in ["/secapi/pay/reverse", "/pay/closeorder"] {
        assert_eq!(world.v2(path, &paper).await["err_code"], "INVALID_REQUEST");
    }
    let v3 = format!(
        "/v3/pay/partner/transactions/out-trade-no/F3LONG?sp_mchid={}&sub_mchid={}",
        world.wechat.sp_mchid, world.wechat.sub_mchid
    );
    call(&world, "/pay/facepay", &face("F3LONG", "face01", "5")).await;
    let seen = world.v3("GET", &v3, "", 0).await.json();
    assert_eq!(seen["trade_type"], "FACEPAY", "v3 shares the book");
    assert_eq!(reverse(&world, "OWN1").await["recall"], "N");
    assert_eq!(query(&world, "OWN1").await["trade_state"], "REVOKED");
    assert_eq!(world.order("OWN1").await["charged_fen"], json!(0));
    assert_eq!(reverse(&world, "NEVER1").await["result_code"], "SUCCESS");
    let late = call(&world, "/pay/facepay", &face("NEVER1", "face01", "5")).await;
    assert_eq!(late["err_code"], "ORDERREVERSED", "a tombstone");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_face_is_refused() {
    let world = World::new();
    let by_md5 = world.v2("/pay/facepay", &face("W1", "face01", "5")).await;
    assert_eq!(by_md5["err_code"], "PARAM_ERROR", "HMAC-SHA256 only");
    for (name, err_code) in [
        ("fee_type", "LACK_PARAMS"),
        ("face_code", "LACK_PARAMS"),
        ("total_fee", "LACK_PARAMS"),
    ] {
        let mut fields = face("W1", "face01", "5");
        fields.retain(|(known, _)| *known != name);
        assert_eq!(
            call(&world, "/pay/facepay", &fields).await["err_code"],
            err_code,
            "{name}"
        );
    }
    call(&world, "/pay/facepay", &face("W2", "face01", "5")).await;
    let other = call(&world, "/pay/facepay", &face("W2", "face02", "5")).await;
    assert_eq!(other["err_code"], "OUT_TRADE_NO_USED");
}
