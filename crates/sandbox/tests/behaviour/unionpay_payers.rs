//! UnionPay's payers: codes to scan, pages for a known payer, and how a page learns who it is.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::unionpay_wire::{pay, prepay};
use crate::world::{Answer, World};

async fn exchange(world: &World, code: &str) -> Value {
    let members = json!({"userAuthCode": code, "appUpIdentifier": "UnionPay/1.0 CloudPay"});
    world.unionpay("getUserId", members).await
}

async fn user_id(world: &World, payer: &str) -> String {
    let body = json!({"wallet": "unionpay", "payer": payer}).to_string();
    let told = world.control("POST", "/control/login", &body).await.json();
    let told = exchange(world, told["code"].as_str().unwrap()).await;
    told["userId"].as_str().unwrap().to_owned()
}

async fn pay_data(world: &World, number: &str, user_id: Option<&str>) -> String {
    let made = world
        .unionpay("unifiedorder", prepay(number, "1000", user_id))
        .await;
    made["payData"].as_str().unwrap().to_owned()
}

async fn decide(world: &World, code: &str, outcome: &str) -> Answer {
    let body = json!({"code": code, "outcome": outcome}).to_string();
    world.control("POST", "/control/pay", &body).await
}

fn page(pay_data: &str) -> Response<Bytes> {
    let data = json!({"wallet": "unionpay", "payData": pay_data});
    let html = format!("<script type=\"application/json\" id=\"heliu-invocation\">{data}</script>");
    Response::new(Bytes::from(html))
}

fn redirect(to: &str) -> Response<Bytes> {
    let response = Response::builder().status(302).header("location", to);
    response.body(Bytes::new()).unwrap()
}

async fn scan(world: &World, answers: Vec<Response<Bytes>>, wallet: &str) -> Answer {
    world.outside.answers.lock().unwrap().extend(answers);
    let body = json!({"url": "http://127.0.0.1:8080/q/1", "wallet": wallet}).to_string();
    world.control("POST", "/control/scan", &body).await
}

#[tokio::test(start_paused = true)]
async fn a_code_can_be_scanned_left_and_paid() {
    let world = World::new();
    let code = pay_data(&world, "SCAN0001", None).await;
    assert!(code.starts_with("https://qr.95516.com/") && !code.contains(['&', '?']));
    assert_eq!(world.unionpay_state("SCAN0001").await, "02");
    assert_eq!(decide(&world, &code, "decline").await.json()["state"], "02");
    let paid = decide(&world, &code, "pay").await.json();
    assert_eq!(
        (&paid["channel"], &paid["state"]),
        (&json!("unionpay"), &json!("00"))
    );
    assert_eq!(world.unionpay_state("SCAN0001").await, "00");
    assert_eq!(decide(&world, &code, "pay").await.status, 409);
    assert_eq!(
        decide(&world, "https://qr.95516.com/00010001/0", "pay")
            .await
            .status,
        404
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_can_not_be_paid_after_its_time() {
    let world = World::new();
    let until = [("payTimeout", json!("20260101100200"))];
    let made = world
        .unionpay_with("unifiedorder", prepay("LATE0001", "5", None), &until)
        .await;
    let lasting = pay_data(&world, "LATE0002", None).await;
    world.wait(119).await;
    assert_eq!(world.unionpay_state("LATE0001").await, "02");
    world.wait(1).await;
    assert_eq!(world.unionpay_state("LATE0001").await, "03");
    assert_eq!(
        decide(&world, made["payData"].as_str().unwrap(), "pay")
            .await
            .status,
        409
    );
    world.wait(7_080).await;
    assert_eq!(
        decide(&world, &lasting, "pay").await.status,
        409,
        "two hours"
    );
    assert!(
        world.outside.seen.lock().unwrap().is_empty(),
        "nobody is told"
    );
}

#[tokio::test(start_paused = true)]
async fn a_waiting_payer_can_be_told_what_to_do() {
    let world = World::new();
    for (number, outcome, state) in [("WAIT0001", "pay", "00"), ("WAIT0002", "decline", "06")] {
        world.unionpay("micropay", pay(number, "91", "1")).await;
        assert_eq!(decide(&world, number, outcome).await.json()["state"], state);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_names_the_payer_once() {
    let world = World::new();
    let path = "/unionpay/qrcGtwWeb-web/api/userAuth?version=1.0.0&redirectUrl=http%3A%2F%2F127.0.0.1%3A8080%2Fback%3Fstate%3Ds1";
    let sent = world.control("GET", path, "").await;
    assert_eq!(sent.status, 302);
    let back = url::Url::parse(sent.headers["location"].to_str().unwrap()).unwrap();
    let members: std::collections::BTreeMap<_, _> = back.query_pairs().into_owned().collect();
    assert_eq!(
        (members["state"].as_str(), members["respCode"].as_str()),
        ("s1", "00")
    );
    let code = &members["userAuthCode"];
    let told = exchange(&world, code).await;
    assert_eq!(told["userId"], user_id(&world, "payer-1").await);
    assert_ne!(told["userId"], user_id(&world, "payer-2").await);
    let again = exchange(&world, code).await;
    assert_eq!(
        (&again["respCode"], again.get("userId")),
        (&json!("39"), None)
    );
    for bad in [
        "version=2.0.0&redirectUrl=http%3A%2F%2Fa",
        "version=1.0.0&redirectUrl=javascript%3A1",
    ] {
        let path = format!("/unionpay/qrcGtwWeb-web/api/userAuth?{bad}");
        assert_eq!(world.control("GET", &path, "").await.status, 400);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_login_names_nobody() {
    let world = World::new();
    let login = r#"{"wallet":"unionpay"}"#;
    let issued = world.control("POST", "/control/login", login).await.json();
    let code = issued["code"].as_str().unwrap();
    for (code, app, told) in [
        ("nobody+issued/this0A==", "UnionPay/1.0 CloudPay", "34"),
        (code, "CloudPay", "10"),
        (code, "", "13"),
        ("", "UnionPay/1.0 CloudPay", "13"),
    ] {
        let members = json!({"userAuthCode": code, "appUpIdentifier": app});
        assert_eq!(world.unionpay("getUserId", members).await["respCode"], told);
    }
    world.wait(301).await;
    assert_eq!(exchange(&world, code).await["respCode"], "34", "too old");
    let printed = exchange(&world, "AUTHCODE0001").await;
    assert_eq!(printed["userId"], user_id(&world, "payer-1").await);
    assert_eq!(exchange(&world, "AUTHCODE0001").await["respCode"], "39");
}

#[tokio::test(start_paused = true)]
async fn a_phone_scans_logs_in_and_pays() {
    let world = World::new();
    let mine = user_id(&world, "payer-1").await;
    let code = pay_data(&world, "PHONE001", Some(&mine)).await;
    let login = "http://127.0.0.1:8090/unionpay/qrcGtwWeb-web/api/userAuth?version=1.0.0&redirectUrl=http%3A%2F%2F127.0.0.1%3A8080%2Fback";
    let told = scan(&world, vec![redirect(login), page(&code)], "unionpay").await;
    assert_eq!(told.json()["state"], "00", "{}", told.body);
    let seen = world.outside.seen.lock().unwrap();
    let agent = seen[0].headers()["user-agent"].to_str().unwrap();
    assert!(agent.ends_with(" UnionPay/1.0 CloudPay"));
    let back = seen[1].uri().to_string();
    assert!(
        back.starts_with("http://127.0.0.1:8080/back?userAuthCode=")
            && back.ends_with("&respCode=00")
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_may_send_the_phone_on_to_the_wallets_own() {
    let world = World::new();
    let mine = user_id(&world, "payer-1").await;
    let code = pay_data(&world, "ONWARD01", Some(&mine)).await;
    let told = scan(&world, vec![redirect(&code)], "unionpay").await.json();
    assert_eq!(
        (&told["state"], &told["page"]),
        (&json!("00"), &json!(code))
    );
    let code = pay_data(&world, "ONWARD02", None).await;
    let elsewhere = scan(&world, vec![redirect(&code)], "wechat").await;
    assert_eq!(elsewhere.status, 422, "not that wallet's page");
}

#[tokio::test(start_paused = true)]
async fn a_phone_refuses_what_is_not_its_own() {
    let world = World::new();
    let theirs = pay_data(&world, "THEIRS01", Some("UPUSER0000000001")).await;
    let told = scan(&world, vec![page(&theirs)], "unionpay").await;
    assert!(told.status == 422 && told.body.contains("UPUSER0000000001"));
    let told = scan(&world, vec![page("https://qr.95516.com/none")], "unionpay").await;
    assert_eq!(told.status, 422);
    let told = scan(&world, vec![page(&theirs)], "alipay").await;
    assert_eq!(told.status, 422);
    assert_eq!(world.unionpay_state("THEIRS01").await, "02");
}
