//! Peers that ask and do not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use heliu_gateway::ServeLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{PATIENCE, Peer, limits, surface};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// Bytes of one answer's body.
const ANSWER_BYTES: usize = 64 * 1024;

/// A large page that counts how often it was asked for, and a small one.
fn counted() -> (Router, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let page = get(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { "x".repeat(ANSWER_BYTES) }
    });
    let router = Router::new().route("/", page);
    (router.route("/small", get(|| async { "ok" })), asked)
}

#[tokio::test]
async fn requests_wait_until_the_peer_has_read_the_answers_before_them() {
    let (router, asked) = counted();
    let address = surface(router, limits()).await;
    let requests = 2_000;
    let (mut reading, mut writing) = Peer::connect(address).await.0.into_split();
    let sending = tokio::spawn(async move {
        for _ in 0..requests {
            writing.write_all(REQUEST.as_bytes()).await.expect("sent");
        }
        writing
    });
    // All share one thread: while another peer is served as often, the first has had its turns.
    let mut other = Peer::connect(address).await;
    for _ in 0..requests {
        assert!(other.ask("/small", "").await.ends_with("ok"));
    }
    let begun = asked.load(Ordering::SeqCst);
    assert!(begun > 0, "nothing is begun before it is asked for");
    assert!(
        begun < requests / 4,
        "{begun} of {requests} were begun for a peer that reads nothing"
    );
    // A peer that reads after all gets every answer.
    let mut left = requests * ANSWER_BYTES;
    let mut buffer = vec![0; 1 << 20];
    while left > 0 {
        let read = reading.read(&mut buffer);
        let count = tokio::time::timeout(PATIENCE, read)
            .await
            .expect("in time")
            .expect("read");
        assert!(count > 0, "the connection ended");
        left = left.saturating_sub(count);
    }
    drop(sending.await.expect("all were sent"));
    assert_eq!(asked.load(Ordering::SeqCst), requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_reads_nothing_is_cut() {
    let (router, asked) = counted();
    let limits = ServeLimits {
        stall_timeout: Duration::from_millis(300),
        ..limits()
    };
    let address = surface(router, limits).await;
    let mut peer = Peer::connect(address).await;
    // It goes on asking until the connection is gone, and never reads.
    let asking = async { while peer.0.write_all(REQUEST.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("it is cut");
    assert!(asked.load(Ordering::SeqCst) > 0);
}
