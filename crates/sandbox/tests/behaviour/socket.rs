//! Over real sockets: the sandbox's own HTTP client, and a connection that breaks in the answer.

use std::sync::Arc;

use axum::routing::post;
use heliu_sandbox::{Options, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::world::{START_MS, World};

async fn exchange(port: u16, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A cut answer ends in a reset or in an early end; both are fine.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_notification_arrives_over_http_and_an_answer_is_cut() {
    let (sender, mut arrived) = mpsc::channel::<String>(4);
    let shop = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop_port = shop.local_addr().unwrap().port();
    let router = axum::Router::new().route(
        "/n",
        post(async move |body: String| {
            let _ = sender.send(body).await;
            "success"
        }),
    );
    tokio::spawn(async move { axum::serve(shop, router).await });

    let sandbox = Sandbox::open(Options {
        database: ":memory:".into(),
        public_url: "http://127.0.0.1:8090".into(),
        platform_url: "http://127.0.0.1:8080".into(),
        now_ms: Arc::new({
            let start = tokio::time::Instant::now();
            move || START_MS + 20 * i64::try_from(start.elapsed().as_millis()).unwrap()
        }),
        time_factor: 20,
        caller: None,
    })
    .unwrap();
    sandbox.start();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = sandbox.clone();
    tokio::spawn(async move { axum::serve(listener, serving.router()).await });

    // Reuse the client side of the other tests with this sandbox's keys.
    let mut world = World::new();
    world.wechat = sandbox.portal_keys().account().unwrap();
    world.alipay = sandbox.portal_keys().account().unwrap();
    let content = json!({
        "out_trade_no": "SOCKET1", "scene": "bar_code", "auth_code": "284214903060794701",
        "subject": "tea", "total_amount": "1.00",
    });
    let url = format!("http://127.0.0.1:{shop_port}/n");
    let body = world.alipay_body(
        "alipay.trade.pay",
        &content,
        &[("notify_url", url.as_str())],
        "2026-01-01 10:00:05",
    );
    let fault = r#"{"channel":"alipay","verb":"pay","fault":"cut_answer","count":1}"#;
    exchange(port, "POST", "/control/faults", fault).await;
    let cut = exchange(port, "POST", "/alipay/gateway.do", &body).await;
    assert!(
        cut.contains("200 OK") && !cut.contains("\"sign\":"),
        "{cut}"
    );
    let notice = arrived.recv().await.unwrap();
    assert!(notice.contains("out_trade_no=SOCKET1"));
    let order = exchange(port, "GET", "/control/orders/SOCKET1", "").await;
    assert!(order.contains("TRADE_SUCCESS"));
}
