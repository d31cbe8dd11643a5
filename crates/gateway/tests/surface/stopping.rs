//! A stop, and whoever is connected then.

use axum::Router;
use axum::routing::get;
use heliu_gateway::ServeLimits;
use tokio::sync::oneshot;

use super::{PATIENCE, Peer, limits, surface_until};

#[tokio::test]
async fn whoever_is_connected_at_a_stop_is_served_once_more() {
    let limits = ServeLimits {
        drain_timeout: PATIENCE,
        ..limits()
    };
    let (begun, mut beginning) = tokio::sync::mpsc::unbounded_channel();
    let (end, ending) = tokio::sync::watch::channel(());
    let slow = get(move || {
        let (begun, mut ending) = (begun.clone(), ending.clone());
        async move {
            let _ = begun.send(());
            let _ended = ending.changed().await;
            "slow"
        }
    });
    let router = Router::new()
        .route("/", get(|| async { "ok" }))
        .route("/slow", slow);
    let (stop, stopping) = oneshot::channel::<()>();
    let stopping = async { drop(stopping.await) };
    let (address, serving) = surface_until(router, limits, stopping).await;

    let mut under_way = Peer::connect(address).await;
    under_way
        .send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .await;
    beginning.recv().await.expect("it has begun");
    let mut idle = Peer::connect(address).await;
    assert!(idle.ask("/", "").await.ends_with("ok"));
    let (mut fresh, silent) = (Peer::connect(address).await, Peer::connect(address).await);
    drop(stop);
    assert_eq!(idle.rest().await, "", "nothing is on its way there");
    // The stop is known by now; this request comes after it.
    assert!(fresh.ask("/", "").await.ends_with("ok"));
    assert_eq!(fresh.rest().await, "", "and no further one is taken");
    drop(end);
    assert!(under_way.answer().await.ends_with("slow"));
    let ended = tokio::time::timeout(PATIENCE, serving).await;
    ended
        .expect("the one that says nothing is not waited for")
        .expect("no panic");
    drop(silent);
}
