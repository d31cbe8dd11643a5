//! Who gets a place when there are few.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use heliu_gateway::{RateLimits, ServeLimits, TrustedProxies, guarded};

use super::{Peer, limits, surface};

fn page() -> Router {
    Router::new().route("/", get(|| async { "ok" }))
}

#[tokio::test]
async fn half_sent_headers_lock_nobody_out() {
    let limits = ServeLimits {
        connections_max: 5,
        ..limits()
    };
    let address = surface(page(), limits).await;
    let mut halves = Vec::new();
    for _ in 0..50 {
        let mut half = Peer::connect(address).await;
        half.send("GET / HTTP/1.1\r\nHost: half").await;
        halves.push(half);
    }
    let mut payer = Peer::connect(address).await;
    assert!(payer.ask("/", "").await.ends_with("ok"));
    // All but the youngest have given their places up.
    for half in &mut halves[..45] {
        assert_eq!(half.rest().await, "");
    }
    let mut youngest = halves.pop().expect("fifty");
    youngest.send("\r\n\r\n").await;
    assert!(youngest.answer().await.ends_with("ok"));
}

#[tokio::test]
async fn an_address_holds_no_more_connections_than_its_share() {
    let limits = ServeLimits {
        connections_per_address: 3,
        ..limits()
    };
    let address = surface(page(), limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut peer = Peer::connect(address).await;
        assert!(peer.ask("/", "").await.ends_with("ok"));
        held.push(peer);
    }
    assert_eq!(
        Peer::connect(address).await.rest().await,
        "",
        "the fourth is not served"
    );
    // One that leaves makes room.
    let mut left = held.pop().expect("three");
    left.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    assert!(left.rest().await.ends_with("ok"));
    drop(left);
    let mut tries = 0;
    while !Peer::connect(address).await.try_ask().await {
        tries += 1;
        assert!(tries < 10_000, "no room was made");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_the_forwarded_address_has_the_share() {
    let (held, holding) = tokio::sync::watch::channel(());
    let slow = get(move || {
        let mut holding = holding.clone();
        async move {
            let _ended = holding.changed().await;
            "slow"
        }
    });
    let limits = ServeLimits {
        connections_per_address: 2,
        trusted_proxies: TrustedProxies::try_new(&["127.0.0.1".to_owned()]).expect("an address"),
        ..limits()
    };
    let address = surface(page().route("/slow", slow), limits).await;
    let from = |client: &str| format!("X-Forwarded-For: {client}\r\n");
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut peer = Peer::connect(address).await;
        peer.send(&format!(
            "GET /slow HTTP/1.1\r\nHost: a\r\n{}\r\n",
            from("203.0.113.1")
        ))
        .await;
        waiting.push(peer);
    }
    // The proxy itself may hold any number of connections; what is counted are requests under way.
    let mut proxy = Peer::connect(address).await;
    let mut tries = 0;
    while proxy
        .ask("/", &from("203.0.113.1"))
        .await
        .starts_with("HTTP/1.1 200 ")
    {
        tries += 1;
        assert!(
            tries < 10_000,
            "two wait, and a third of that address is served"
        );
    }
    let refused = proxy.ask("/", &from("1.1.1.1, 203.0.113.1")).await;
    assert!(
        refused.starts_with("HTTP/1.1 429 ") && refused.contains("Retry-After: 1"),
        "{refused}"
    );
    assert!(
        proxy.ask("/", &from("203.0.113.2")).await.ends_with("ok"),
        "another address"
    );
    assert!(proxy.ask("/", "").await.ends_with("ok"), "the proxy itself");
    drop(held);
    for mut peer in waiting {
        assert!(peer.answer().await.ends_with("slow"));
    }
    assert!(proxy.ask("/", &from("203.0.113.1")).await.ends_with("ok"));
}

#[tokio::test]
async fn an_address_that_guesses_is_not_heard_any_more_and_others_are() {
    let pages = Router::new()
        .route("/page/right", get(|| async { "ok" }))
        .route("/page/{guess}", get(|| async { StatusCode::NOT_FOUND }));
    let pages = guarded(pages, Arc::new(RateLimits::new(0, 0)));
    let limits = ServeLimits {
        trusted_proxies: TrustedProxies::try_new(&["127.0.0.1".to_owned()]).expect("an address"),
        ..limits()
    };
    let address = surface(page().merge(pages), limits).await;
    let mut proxy = Peer::connect(address).await;
    let guesser = "X-Forwarded-For: 203.0.113.1\r\n";
    let mut missed = 0;
    while proxy
        .ask(&format!("/page/{missed}"), guesser)
        .await
        .starts_with("HTTP/1.1 404 ")
    {
        missed += 1;
        assert!(missed < 100, "so many guesses were listened to");
        assert!(
            proxy
                .ask("/nothing/there", guesser)
                .await
                .starts_with("HTTP/1.1 404 ")
        );
    }
    assert!(missed > 5, "a few slips are allowed");
    let right = proxy.ask("/page/right", guesser).await;
    assert!(right.starts_with("HTTP/1.1 429 "), "{right}");
    assert!(
        proxy.ask("/", guesser).await.ends_with("ok"),
        "what is not guarded"
    );
    let other = "X-Forwarded-For: 203.0.113.2\r\n";
    assert!(proxy.ask("/page/right", other).await.ends_with("ok"));
}

impl Peer {
    /// Whether a request is answered; the connection may end instead.
    async fn try_ask(&mut self) -> bool {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        self.0.write_all(request).await.is_ok() && self.0.read_u8().await.is_ok()
    }
}
