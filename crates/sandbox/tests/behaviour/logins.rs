//! Logins of mini programs: whose codes are exchanged, how often, and what the session says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::world::World;

const APP_ID: &str = "wx4da448cd29920001";
const SECRET: &str = "a-secret-of-the-mini-program";
/// A code of a real mini program, as merchants' vectors carry it.
const REAL_CODE: &str = "023jh17A0TIixd1ql75A0aLc7A0jdemo";

async fn session(world: &World, app_id: &str, secret: &str, js_code: &str) -> Value {
    let path = format!(
        "/wechat/sns/jscode2session?appid={app_id}&secret={secret}&js_code={js_code}&grant_type=authorization_code"
    );
    let answer = world.control("GET", &path, "").await;
    assert_eq!(answer.headers["content-type"], "text/plain");
    answer.json()
}

async fn issue(world: &World, body: Value) -> String {
    let told = world
        .control("POST", "/control/login", &body.to_string())
        .await
        .json();
    assert_eq!(told["code"], told["js_code"]);
    told["js_code"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_code_opens_one_session_of_its_app() {
    let world = World::new();
    world.sandbox.add_mini_program(APP_ID, SECRET).unwrap();
    let code = issue(&world, json!({"appid": APP_ID})).await;
    let opened = session(&world, APP_ID, SECRET, &code).await;
    assert!(opened["openid"].as_str().unwrap().starts_with("oSBX"));
    assert!(opened["unionid"].is_string());
    let key = STANDARD
        .decode(opened["session_key"].as_str().unwrap())
        .unwrap();
    assert_eq!(key.len(), 16);
    let again = session(&world, APP_ID, SECRET, &code).await;
    assert_eq!(again["errcode"], 40163);
    let payer = json!({"appid": APP_ID, "payer": "payer-2"});
    let other = issue(&world, payer).await;
    let other = session(&world, APP_ID, SECRET, &other).await;
    assert_ne!(other["openid"], opened["openid"]);
    let same = issue(&world, json!({"wallet": "wechat", "app_id": APP_ID})).await;
    let same = session(&world, APP_ID, SECRET, &same).await;
    assert_eq!(same, opened, "the same payer, the same session");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_right_opens_nothing() {
    let world = World::new();
    world.sandbox.add_mini_program(APP_ID, SECRET).unwrap();
    let code = issue(&world, json!({"appid": APP_ID})).await;
    let sp = (&world.wechat.sp_appid, &world.wechat.sp_app_secret);
    for (app_id, secret, js_code, errcode) in [
        ("wx0000000000000000", SECRET, code.as_str(), 40013),
        (APP_ID, "wrong", code.as_str(), 40125),
        (APP_ID, sp.1.as_str(), code.as_str(), 40125),
        (sp.0.as_str(), sp.1.as_str(), code.as_str(), 40029),
        (APP_ID, SECRET, "no-such-code", 40029),
        (APP_ID, SECRET, "", 41008),
        (APP_ID, "", code.as_str(), 41004),
        ("", SECRET, code.as_str(), 41002),
    ] {
        let refused = session(&world, app_id, secret, js_code).await;
        assert_eq!(refused["errcode"], errcode, "{app_id} {js_code}");
        assert!(refused["errmsg"].is_string() && refused.get("openid").is_none());
    }
    world.wait(301).await;
    assert_eq!(
        session(&world, APP_ID, SECRET, &code).await["errcode"],
        40029,
        "too old"
    );
    assert!(world.sandbox.add_mini_program("my app", SECRET).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_real_code_is_accepted_once() {
    let world = World::new();
    world.sandbox.add_mini_program(APP_ID, SECRET).unwrap();
    let refused = session(&world, APP_ID, "wrong", REAL_CODE).await;
    assert_eq!(refused["errcode"], 40125, "and is not used up by it");
    let opened = session(&world, APP_ID, SECRET, REAL_CODE).await;
    let code = issue(&world, json!({"appid": APP_ID})).await;
    assert_eq!(
        opened,
        session(&world, APP_ID, SECRET, &code).await,
        "payer-1's"
    );
    let again = session(&world, APP_ID, SECRET, REAL_CODE).await;
    assert_eq!(again["errcode"], 40163);
    let page = format!(
        "/wechat/sns/oauth2/access_token?appid={APP_ID}&secret={SECRET}&code={}&grant_type=authorization_code",
        REAL_CODE.replace("demo", "page")
    );
    let refused = world.control("GET", &page, "").await.json();
    assert_eq!(refused["errcode"], 40029, "pages have no such codes");
}

#[tokio::test(start_paused = true)]
async fn the_session_pays_in_the_mini_program() {
    let world = World::new();
    let added = json!({"app_id": APP_ID}).to_string();
    let added = world
        .control("POST", "/control/mini_programs", &added)
        .await
        .json();
    let secret = added["secret"].as_str().unwrap();
    let code = issue(&world, json!({"appid": APP_ID})).await;
    let opened = session(&world, APP_ID, secret, &code).await;
    let made = world
        .v2(
            "/pay/unifiedorder",
            &[
                ("body", "tea"),
                ("out_trade_no", "MINI1"),
                ("total_fee", "7"),
                ("spbill_create_ip", "127.0.0.1"),
                ("notify_url", "http://127.0.0.1:8080/n/2"),
                ("trade_type", "JSAPI"),
                ("sub_appid", APP_ID),
                ("sub_openid", opened["openid"].as_str().unwrap()),
            ],
        )
        .await;
    let pay = json!({"code": made["prepay_id"]}).to_string();
    let paid = world.control("POST", "/control/pay", &pay).await.json();
    assert_eq!(paid["state"], "SUCCESS");
    let seen = world.query("MINI1").await;
    assert_eq!(opened["openid"], seen["sub_openid"].as_str());
    assert_eq!(seen["sub_appid"], APP_ID);
    for bad in [
        json!({"app_id": "my app"}),
        json!({"app_id": APP_ID, "secret": ""}),
    ] {
        let refused = world
            .control("POST", "/control/mini_programs", &bad.to_string())
            .await;
        assert_eq!(refused.status, 400);
    }
}

#[tokio::test(start_paused = true)]
async fn apps_and_used_codes_survive_a_restart() {
    let folder = std::env::temp_dir().join(format!("heliu-sandbox-logins-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sandbox.db");
    let world = World::at(file.clone());
    world.sandbox.add_mini_program(APP_ID, SECRET).unwrap();
    let sub_secret = world.wechat.sub_app_secret.clone();
    let opened = session(&world, APP_ID, SECRET, REAL_CODE).await;
    let kept = issue(&world, json!({"appid": APP_ID})).await;
    drop(world);
    let world = World::at(file);
    let again = session(&world, APP_ID, SECRET, REAL_CODE).await;
    assert_eq!(again["errcode"], 40163);
    assert_eq!(session(&world, APP_ID, SECRET, &kept).await, opened);
    assert_eq!(world.wechat.sub_app_secret, sub_secret);
    let code = issue(&world, json!({"appid": world.wechat.sub_appid})).await;
    let of_sub = session(&world, &world.wechat.sub_appid, &sub_secret, &code).await;
    assert!(of_sub["openid"].is_string());
    drop(world);
    std::fs::remove_dir_all(folder).unwrap();
}
