//! Text messages: who may send one, and what the outbox keeps.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::world::{Answer, START_MS, World};

async fn send(world: &World, token: &str, body: &str) -> Answer {
    let request = Request::post("/sms")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(body.to_owned()))
        .unwrap();
    world.send(request).await
}

async fn text(world: &World, mobile: &str, text: &str) {
    let token = world.sandbox.portal_keys().sms.token;
    let body = json!({"mobile": mobile, "text": text}).to_string();
    let answer = send(world, &token, &body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (200, json!({"ok": true}))
    );
}

async fn outbox(world: &World, query: &str) -> Vec<Value> {
    let path = format!("/control/sms{query}");
    let told = world.control("GET", &path, "").await.json();
    told["messages"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_phone_gets_its_messages_newest_first() {
    let world = World::new();
    let account = world.sandbox.portal_keys().sms;
    assert_eq!(account.url, "http://127.0.0.1:8090/sms");
    text(&world, "13800000001", "验证码 123456").await;
    world.wait(1).await;
    text(&world, "+8613800000002", "other").await;
    text(&world, "13800000001", "second").await;
    let mine = outbox(&world, "?mobile=13800000001").await;
    assert_eq!(
        mine[1],
        json!({
            "mobile": "13800000001", "text": "验证码 123456",
            "at": "2026-01-01T10:00:00+08:00", "at_ms": START_MS,
        })
    );
    assert_eq!((mine.len(), &mine[0]["text"]), (2, &json!("second")));
    for query in ["?mobile=%2B8613800000002", "?mobile=+8613800000002"] {
        assert_eq!(outbox(&world, query).await.len(), 1, "{query}");
    }
    assert_eq!(outbox(&world, "").await.len(), 3);
    assert_eq!(outbox(&world, "?mobile=13800000009").await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_the_customer_sends_and_only_messages() {
    let world = World::new();
    let token = world.sandbox.portal_keys().sms.token;
    let good = r#"{"mobile":"13800000001","text":"x"}"#;
    for wrong in ["", "no", &token[1..]] {
        assert_eq!(send(&world, wrong, good).await.status, 401);
    }
    let bare = Request::post("/sms").body(Body::from(good)).unwrap();
    assert_eq!(world.send(bare).await.status, 401);
    let long = json!({"mobile": "13800000001", "text": "x".repeat(1001)}).to_string();
    for bad in [
        "",
        "{}",
        r#"{"mobile":"1380000000x","text":"x"}"#,
        r#"{"mobile":"","text":"x"}"#,
        r#"{"mobile":"13800000001","text":""}"#,
        r#"{"mobile":"13800000001","text":"x","more":1}"#,
        &long,
    ] {
        let refused = send(&world, &token, bad).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["ok"]),
            (400, &json!(false))
        );
    }
    assert!(outbox(&world, "").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_messages_a_number_are_kept() {
    let world = World::new();
    text(&world, "13800000002", "theirs").await;
    for number in 1..=103 {
        text(&world, "13800000001", &number.to_string()).await;
    }
    let mine = outbox(&world, "?mobile=13800000001").await;
    assert_eq!(mine.len(), 100);
    assert_eq!(
        (&mine[0]["text"], &mine[99]["text"]),
        (&json!("103"), &json!("4"))
    );
    assert_eq!(outbox(&world, "?mobile=13800000002").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn token_and_outbox_survive_a_restart() {
    let folder = std::env::temp_dir().join(format!("heliu-sandbox-sms-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sandbox.db");
    let world = World::at(file.clone());
    text(&world, "13800000001", "kept").await;
    let token = world.sandbox.portal_keys().sms.token;
    drop(world);
    let world = World::at(file);
    assert_eq!(world.sandbox.portal_keys().sms.token, token);
    assert_eq!(outbox(&world, "?mobile=13800000001").await.len(), 1);
    drop(world);
    std::fs::remove_dir_all(folder).unwrap();
}
