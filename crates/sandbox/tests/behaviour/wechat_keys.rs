//! The keys by which WeChat signs v3, while an account is moved from certificates to the public
//! key, and what must not be believed.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use x509_cert::Certificate;
use x509_cert::der::{DecodePem as _, EncodePem as _, pem::LineEnding};

use crate::world::{Answer, START_MS, World, rsa_sign, rsa_verify};

const CERTIFICATES: &str = "/v3/certificates";

fn query(world: &World) -> String {
    let account = &world.wechat;
    format!(
        "/v3/pay/partner/transactions/out-trade-no/KEYS01?sp_mchid={}&sub_mchid={}",
        account.sp_mchid, account.sub_mchid
    )
}

fn prepay(world: &World) -> String {
    let account = &world.wechat;
    json!({
        "sp_appid": account.sp_appid, "sp_mchid": account.sp_mchid, "sub_mchid": account.sub_mchid,
        "description": "tea", "out_trade_no": "KEYS01", "notify_url": "http://127.0.0.1:8080/n/1",
        "amount": {"total": 1000, "currency": "CNY"},
    })
    .to_string()
}

const NATIVE: &str = "/v3/pay/partner/transactions/native";

/// A call whose request names a key, or none.
async fn naming(world: &World, serial: Option<&str>, path: &str) -> Answer {
    let mut request = world.v3_request("GET", path, "", 0);
    if let Some(serial) = serial {
        let headers = request.headers_mut();
        headers.insert("wechatpay-serial", serial.parse().unwrap());
    }
    world.send(request).await
}

async fn phase(world: &World, body: Value) -> Value {
    let answer = world
        .control("POST", "/control/wechat_keys", &body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn named_by(headers: &HeaderMap) -> &str {
    headers["wechatpay-serial"].to_str().unwrap()
}

fn is_signed_by(public_pem: &str, headers: &HeaderMap, body: &str) -> bool {
    let header = |name: &str| headers[name].to_str().unwrap();
    let text = format!(
        "{}\n{}\n{body}\n",
        header("wechatpay-timestamp"),
        header("wechatpay-nonce")
    );
    rsa_verify(public_pem, &text, header("wechatpay-signature"))
}

/// The certificates of an answer, opened: serial to public key.
fn opened(world: &World, answer: &Answer) -> BTreeMap<String, String> {
    let told = answer.json();
    let open = |one: &Value| {
        let sealed = &one["encrypt_certificate"];
        let text = |name: &str| sealed[name].as_str().unwrap();
        assert_eq!(text("algorithm"), "AEAD_AES_256_GCM");
        let key = UnboundKey::new(&AES_256_GCM, world.wechat.api_v3_key.as_bytes()).unwrap();
        let nonce = Nonce::try_assume_unique_for_key(text("nonce").as_bytes()).unwrap();
        let mut boxed = STANDARD.decode(text("ciphertext")).unwrap();
        let associated = Aad::from(text("associated_data").as_bytes());
        let plain = LessSafeKey::new(key).open_in_place(nonce, associated, &mut boxed);
        let certificate = Certificate::from_pem(plain.unwrap())
            .unwrap()
            .tbs_certificate;
        let serial = one["serial_no"].as_str().unwrap().to_owned();
        let bytes = certificate.serial_number.as_bytes().iter();
        let digits: String = bytes.map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(serial, digits);
        let key = certificate.subject_public_key_info.to_pem(LineEnding::LF);
        (serial, key.unwrap())
    };
    told["data"].as_array().unwrap().iter().map(open).collect()
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_moved_has_no_certificates() {
    let world = World::new();
    let answer = world.v3("GET", CERTIFICATES, "", 0).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["code"]),
        (404, &json!("RESOURCE_NOT_EXISTS"))
    );
    let kept = world
        .control("GET", "/control/wechat_keys", "")
        .await
        .json();
    assert_eq!(
        (&kept["phase"], &kept["certificates"]),
        (&json!("public_key"), &json!([]))
    );
}

#[tokio::test(start_paused = true)]
async fn certificates_sign_everything_before_the_switch() {
    let world = World::new();
    let kept = phase(&world, json!({"phase": "certificate"})).await;
    let serial = kept["certificates"][0].as_str().unwrap();
    let answer = naming(&world, None, CERTIFICATES).await;
    let keys = opened(&world, &answer);
    assert_eq!(keys.keys().collect::<Vec<_>>(), [serial]);
    assert!(is_signed_by(&keys[serial], &answer.headers, &answer.body));
    let public_key_id = world.wechat.wechatpay_public_key_id.as_str();
    for named in [None, Some(serial), Some(public_key_id)] {
        let answer = naming(&world, named, &query(&world)).await;
        assert_eq!(named_by(&answer.headers), serial, "{named:?}");
        assert!(is_signed_by(&keys[serial], &answer.headers, &answer.body));
    }
    // A further one: both are given, the newest signs.
    let kept = phase(&world, json!({"new_certificate": true})).await;
    let newest = kept["certificates"][1].as_str().unwrap();
    let answer = naming(&world, None, CERTIFICATES).await;
    let keys = opened(&world, &answer);
    assert_eq!(keys.len(), 2);
    assert_eq!(named_by(&answer.headers), newest);
    let answer = naming(&world, Some(serial), &query(&world)).await;
    assert_eq!(
        named_by(&answer.headers),
        serial,
        "who names an older one gets it"
    );
}

#[tokio::test(start_paused = true)]
async fn while_it_is_switched_answers_follow_the_request_and_notices_take_turns() {
    let world = World::new();
    let kept = phase(&world, json!({"phase": "switching"})).await;
    let serial = kept["certificates"][0].as_str().unwrap().to_owned();
    let public_key_id = world.wechat.wechatpay_public_key_id.clone();
    for (named, signer) in [
        (None, &serial),
        (Some(&serial), &serial),
        (Some(&public_key_id), &public_key_id),
    ] {
        let answer = naming(&world, named.map(String::as_str), &query(&world)).await;
        assert_eq!(named_by(&answer.headers), signer, "{named:?}");
    }
    let refused = naming(&world, Some("PUB_KEY_ID_0"), &query(&world)).await;
    assert_eq!(refused.json()["code"], "PARAM_ERROR");

    let made = world
        .send(world.v3_request("POST", NATIVE, &prepay(&world), 0))
        .await
        .json();
    let pay = json!({"code": made["code_url"]}).to_string();
    world.control("POST", "/control/pay", &pay).await;
    world.wait(1).await;
    let again = json!({"out_trade_no": "KEYS01"}).to_string();
    for _ in 0..3 {
        let sent = world.control("POST", "/control/notify", &again).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
    }
    let seen = world.outside.seen.lock().unwrap();
    let named: Vec<_> = seen
        .iter()
        .map(|notice| named_by(notice.headers()))
        .collect();
    assert_eq!(named, [&serial, &public_key_id, &serial, &public_key_id]);
}

#[tokio::test(start_paused = true)]
async fn what_must_not_be_believed_is_not_signed_as_it_says() {
    let world = World::new();
    let fault = |name: &str| {
        json!({"channel": "wechat", "verb": "query", "fault": name, "count": 1}).to_string()
    };
    world
        .send(world.v3_request("POST", NATIVE, &prepay(&world), 0))
        .await;
    let public_pem = &world.wechat.wechatpay_public_key_pem;
    for name in ["unknown_serial", "sign_test"] {
        world.control("POST", "/control/faults", &fault(name)).await;
        let answer = naming(&world, None, &query(&world)).await;
        assert_eq!(answer.status, 200);
        let signature = answer.headers["wechatpay-signature"].to_str().unwrap();
        let is_probe = signature.starts_with("WECHATPAY/SIGNTEST/");
        assert_eq!(is_probe, name == "sign_test");
        let is_named = named_by(&answer.headers) == world.wechat.wechatpay_public_key_id;
        assert_eq!(is_named, name == "sign_test");
    }
    let answer = naming(&world, None, &query(&world)).await;
    assert!(
        is_signed_by(public_pem, &answer.headers, &answer.body),
        "each happens once"
    );
}

#[tokio::test(start_paused = true)]
async fn too_many_calls_are_told_and_nothing_is_done() {
    let world = World::new();
    let fault = json!({"channel": "wechat", "fault": "http_429", "count": 2}).to_string();
    world.control("POST", "/control/faults", &fault).await;
    // Asking for certificates is nobody's payment.
    phase(&world, json!({"phase": "switching"})).await;
    assert_eq!(naming(&world, None, CERTIFICATES).await.status, 200);
    let refused = world
        .send(world.v3_request("POST", NATIVE, &prepay(&world), 0))
        .await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (429, &json!("FREQUENCY_LIMITED"))
    );
    let fields = World::micropay_fields("PAY1", "130000000000000000", "100");
    let (_, page) = world.v2_raw("/pay/micropay", &fields, false).await;
    assert!(page.contains("429"), "{page}");
    assert_eq!(world.query("PAY1").await["err_code"], "ORDERNOTEXIST");
    let none = naming(&world, None, &query(&world)).await;
    assert_eq!(none.status, 404, "{}", none.body);
}

#[tokio::test(start_paused = true)]
async fn a_reversal_may_find_the_payer_typing() {
    let world = World::new();
    world.micropay("PAY1", "130000000000000091", "100").await;
    let fault = json!({"channel": "wechat", "verb": "reverse", "fault": "user_paying", "count": 1});
    world
        .control("POST", "/control/faults", &fault.to_string())
        .await;
    let reverse = async || {
        world
            .v2("/secapi/pay/reverse", &[("out_trade_no", "PAY1")])
            .await
    };
    let told = reverse().await;
    assert_eq!(
        (&*told["result_code"], &*told["err_code"]),
        ("FAIL", "USERPAYING")
    );
    assert_eq!(world.query("PAY1").await["trade_state"], "USERPAYING");
    assert_eq!(reverse().await["recall"], "N");
    assert_eq!(world.query("PAY1").await["trade_state"], "REVOKED");
}

#[tokio::test(start_paused = true)]
async fn paths_are_there_without_their_prefix_too() {
    let world = World::new();
    let path = query(&world);
    let nonce = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";
    let now_s = START_MS / 1000;
    let text = format!("GET\n{path}\n{now_s}\n{nonce}\n\n");
    let signature = rsa_sign(&world.wechat.merchant_private_key_pem, &text);
    let authorization = format!(
        "WECHATPAY2-SHA256-RSA2048 nonce_str=\"{nonce}\",mchid=\"{}\",signature=\"{signature}\",timestamp=\"{now_s}\",serial_no=\"{}\"",
        world.wechat.sp_mchid, world.wechat.merchant_serial_no
    );
    let request = Request::get(&path)
        .header("authorization", authorization)
        .header("accept", "application/json")
        .header("user-agent", "test");
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.json()["code"], "ORDER_NOT_EXIST", "{}", answer.body);

    let calls = world.control("GET", "/control/calls", "").await.json();
    let calls = calls["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 12 + 7 + 11 + 7 + 2);
    for call in calls {
        let text = |name: &str| call[name].as_str().unwrap();
        let (channel, path) = (text("channel"), text("path"));
        let path = path.replace("{kind}", "native").replace(['{', '}'], "");
        for path in [path.clone(), format!("/{channel}{path}")] {
            let request = Request::builder().method(text("method")).uri(&path);
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            // Whatever the channel says, it is not that there is nothing here.
            assert_ne!(answer.status, 404, "{path}");
            assert_ne!(answer.status, 405, "{path}");
        }
    }
    for login in [
        "/connect/oauth2/authorize",
        "/oauth2/publicAppAuthorize.htm",
        "/qrcGtwWeb-web/api/userAuth",
    ] {
        let answer = world
            .send(Request::get(login).body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, 400, "{login}");
    }
}
