//! `/control`: scanning a cashier page, faults, codes, sub-merchants, refusals.

use axum::body::Body;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::world::{World, rsa_sign};

fn page(html: String) -> Response<bytes::Bytes> {
    Response::new(bytes::Bytes::from(html))
}

fn redirect(to: &str) -> Response<bytes::Bytes> {
    Response::builder()
        .status(302)
        .header("location", to)
        .header("set-cookie", "visit=1; Path=/; HttpOnly")
        .body(bytes::Bytes::new())
        .unwrap()
}

async fn openid(world: &World) -> String {
    let code = world
        .control("POST", "/control/login", r#"{"wallet":"wechat"}"#)
        .await
        .json();
    let path = format!(
        "/wechat/sns/oauth2/access_token?appid={}&secret={}&code={}&grant_type=authorization_code",
        world.wechat.sp_appid,
        world.wechat.sp_app_secret,
        code["code"].as_str().unwrap()
    );
    let token = world.control("GET", &path, "").await.json();
    assert_eq!(
        world.control("GET", &path, "").await.json()["errcode"],
        40163,
        "codes are single use"
    );
    token["openid"].as_str().unwrap().to_owned()
}

async fn prepaid(world: &World, number: &str, openid: &str) -> String {
    let body = json!({
        "sp_appid": world.wechat.sp_appid, "sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid,
        "description": "tea", "out_trade_no": number, "notify_url": "http://127.0.0.1:8080/n/1",
        "amount": {"total": 1000}, "payer": {"sp_openid": openid},
    });
    let path = "/v3/pay/partner/transactions/jsapi";
    let made = world.v3("POST", path, &body.to_string(), 0).await.json();
    made["prepay_id"].as_str().unwrap().to_owned()
}

fn invocation(world: &World, prepay_id: &str, spoil: &str) -> Response<bytes::Bytes> {
    let package = format!("prepay_id={prepay_id}");
    let text = format!(
        "{}\n1767232800\nabc{spoil}\n{package}\n",
        world.wechat.sp_appid
    );
    let data = json!({
        "wallet": "wechat", "appId": world.wechat.sp_appid, "timeStamp": "1767232800", "nonceStr": "abc",
        "package": package, "signType": "RSA",
        "paySign": rsa_sign(&world.wechat.merchant_private_key_pem, &text),
    });
    page(format!(
        "<html><script type=\"application/json\" id=\"heliu-invocation\">{data}</script></html>"
    ))
}

#[tokio::test(start_paused = true)]
async fn a_phone_scans_logs_in_and_pays() {
    let world = World::new();
    let openid = openid(&world).await;
    let prepay_id = prepaid(&world, "SCAN01", &openid).await;
    let login = format!(
        "http://127.0.0.1:8090/wechat/connect/oauth2/authorize?appid={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fback&response_type=code&scope=snsapi_base&state=s1#wechat_redirect",
        world.wechat.sp_appid
    );
    {
        let mut answers = world.outside.answers.lock().unwrap();
        answers.push_back(redirect(&login));
        answers.push_back(redirect("/pay/1"));
        answers.push_back(invocation(&world, &prepay_id, ""));
    }
    let scan = r#"{"url":"http://127.0.0.1:8080/q/1","wallet":"wechat"}"#;
    let told = world.control("POST", "/control/scan", scan).await;
    assert_eq!(told.json()["state"], "SUCCESS", "{}", told.body);
    let seen = world.outside.seen.lock().unwrap();
    let back = seen[1].uri().to_string();
    assert!(
        back.starts_with("http://127.0.0.1:8080/back?code=") && back.ends_with("&state=s1"),
        "{back}"
    );
    assert_eq!(seen[1].headers()["cookie"], "visit=1");
    assert!(
        seen[0].headers()["user-agent"]
            .to_str()
            .unwrap()
            .contains("MicroMessenger/8.0")
    );
}

#[tokio::test(start_paused = true)]
async fn a_phone_refuses_what_a_wallet_refuses() {
    let world = World::new();
    let scan = async |answer: Response<bytes::Bytes>| {
        world.outside.answers.lock().unwrap().push_back(answer);
        let body = r#"{"url":"http://127.0.0.1:8080/q/1","wallet":"wechat"}"#;
        world.control("POST", "/control/scan", body).await
    };
    let openid = openid(&world).await;
    let mine = prepaid(&world, "MINE01", &openid).await;
    let theirs = prepaid(&world, "THEIRS1", "oSomebodyElse").await;
    assert!(
        scan(invocation(&world, &mine, "x"))
            .await
            .body
            .contains("paySign")
    );
    assert!(
        scan(invocation(&world, &theirs, ""))
            .await
            .body
            .contains("oSomebodyElse")
    );
    let bare = scan(page("<h1>expired</h1>".into())).await;
    assert_eq!(
        (bare.status.as_u16(), &bare.json()["status"]),
        (422, &json!(200))
    );
    assert!(bare.body.contains("expired"));
    assert_eq!(scan(redirect("http://evil.example/")).await.status, 422);
    let elsewhere = r#"{"url":"http://127.0.0.1:8080.evil.example/q/1","wallet":"wechat"}"#;
    assert_eq!(
        world
            .control("POST", "/control/scan", elsewhere)
            .await
            .status,
        400
    );
    let page = json!({"code": "http://127.0.0.1:8080/q/1", "outcome": "pay"}).to_string();
    let refused = world.control("POST", "/control/pay", &page).await;
    assert!(refused.status == 400 && refused.body.contains("/control/scan"));
    assert_eq!(world.order("MINE01").await["state"], "NOTPAY");
}

#[tokio::test(start_paused = true)]
async fn an_alipay_login_gives_the_buyer() {
    let world = World::new();
    let path = format!(
        "/alipay/oauth2/publicAppAuthorize.htm?app_id={}&scope=auth_base&redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fback&state=s1",
        world.alipay.app_id
    );
    let sent = world.control("GET", &path, "").await;
    let location = sent.headers["location"].to_str().unwrap().to_owned();
    let code = location
        .split("auth_code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let change = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("biz_content", ""),
        ("app_auth_token", ""),
    ];
    let token = world
        .alipay_with("alipay.system.oauth.token", Value::Null, &change)
        .await;
    assert!(token["user_id"].as_str().unwrap().starts_with("2088"));
    let again = world
        .alipay_with("alipay.system.oauth.token", Value::Null, &change)
        .await;
    assert_eq!(again["sub_code"], "isv.code-invalid");
}

#[tokio::test(start_paused = true)]
async fn faults_shape_the_answer_not_the_work() {
    let world = World::new();
    let set = async |fault: &str| {
        let fault =
            json!({"channel": "wechat", "verb": "pay", "fault": fault, "count": 1}).to_string();
        assert_eq!(
            world
                .control("POST", "/control/faults", &fault)
                .await
                .status,
            200
        );
    };
    for (number, fault, state) in [
        ("F1", "silent_before", None),
        ("F2", "http_500", None),
        ("F3", "silent_after", Some("SUCCESS")),
        ("F4", "cut_answer", Some("SUCCESS")),
        ("F5", "wrong_signature", Some("SUCCESS")),
        ("F6", "slow", Some("SUCCESS")),
    ] {
        set(fault).await;
        let fields = World::micropay_fields(number, "134567890123456701", "1");
        let (fields, _) = world.v2_raw("/pay/micropay", &fields, false).await;
        let proper = fields.get("sign")
            == Some(&crate::world::v2_sign(
                &fields,
                &world.wechat.api_v2_key,
                false,
            ));
        assert_eq!(proper, fault == "slow", "{fault}");
        let order = world.order(number).await;
        assert_eq!(order["state"].as_str(), state, "{fault}");
    }
    let listed = world.control("GET", "/control/faults", "").await.json();
    assert_eq!(listed["faults"], json!([]));
    let bad = r#"{"channel":"wechat","fault":"gremlins"}"#;
    assert_eq!(
        world.control("POST", "/control/faults", bad).await.status,
        400
    );
}

#[tokio::test(start_paused = true)]
async fn refunds_can_hang_and_fail() {
    let world = World::new();
    let fault = r#"{"channel":"wechat","fault":"refund_pending_then_fails","count":1}"#;
    world.control("POST", "/control/faults", fault).await;
    world.micropay("RF", "134567890123456701", "100").await;
    let refund = [
        ("out_trade_no", "RF"),
        ("out_refund_no", "X"),
        ("total_fee", "100"),
        ("refund_fee", "100"),
    ];
    world.v2("/secapi/pay/refund", &refund).await;
    let look = async || {
        world
            .v2("/pay/refundquery", &[("out_refund_no", "X")])
            .await["refund_status_0"]
            .clone()
    };
    assert_eq!(look().await, "PROCESSING");
    world.wait(3).await;
    assert_eq!(look().await, "REFUNDCLOSE");
    assert_eq!(world.order("RF").await["charged_fen"], 100);
}

#[tokio::test(start_paused = true)]
async fn codes_and_sub_merchants_can_be_set() {
    let world = World::new();
    let code = r#"{"code":"134567890123456789","digits":"93"}"#;
    assert_eq!(
        world.control("POST", "/control/codes", code).await.status,
        200
    );
    assert_eq!(
        world.micropay("S1", "134567890123456789", "1").await["err_code"],
        "NOTENOUGH"
    );
    let made = world
        .control("POST", "/control/sub_merchants", r#"{"channel":"wechat"}"#)
        .await
        .json();
    let sub_mchid = made["sub_mchid"].as_str().unwrap();
    let mut fields = World::micropay_fields("S2", "134567890123456701", "1").to_vec();
    fields.push(("sub_mch_id", sub_mchid));
    assert_eq!(
        world.v2("/pay/micropay", &fields).await["result_code"],
        "SUCCESS"
    );
    assert_eq!(
        world.query("S2").await["err_code"],
        "ORDERNOTEXIST",
        "another sub-merchant's order"
    );
    let made = world
        .control("POST", "/control/sub_merchants", r#"{"channel":"alipay"}"#)
        .await
        .json();
    assert!(made["app_auth_token"].is_string());
    assert_eq!(
        world
            .control("GET", "/control/orders/NOBODY", "")
            .await
            .status,
        404
    );
    assert_eq!(
        world
            .send(Request::get("/livez").body(Body::empty()).unwrap())
            .await
            .status,
        200
    );
    assert!(
        !world.control("GET", "/control/transcript", "").await.json()["exchanges"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
