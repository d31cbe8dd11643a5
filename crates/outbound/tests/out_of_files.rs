//! A call that finds no file for its connection waits for one within its time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

use std::fs::File;
use std::sync::Arc;

use heliu_outbound::{AddressPolicy, Outbound};
use heliu_ports::clock::SystemClock;
use heliu_ports::transport::{CallError, CallLimits, Purpose, Transport};
use heliu_ports::wire::OutRequest;
use rlimit::Resource;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Files that the process may have open while the test runs.
const FILES: u64 = 64;

/// Holds all files that are left.
fn hold_all() -> Vec<File> {
    let mut held = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        held.push(file);
    }
    assert!(!held.is_empty());
    held
}

fn limits(timeout_ms: i64) -> CallLimits {
    limits_of(Purpose::Channel, timeout_ms)
}

fn limits_of(purpose: Purpose, timeout_ms: i64) -> CallLimits {
    CallLimits {
        purpose,
        connect_timeout_ms: 3_000,
        timeout_ms,
        answer_bytes_max: 1_000,
    }
}

/// Reads a request and answers it.
async fn answer(stream: &mut TcpStream, connection: &str) {
    let mut head = [0; 4096];
    let _ = stream.read(&mut head).await.unwrap();
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: {connection}\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

// One test, since the limit is the whole process's.
#[tokio::test]
async fn a_call_without_a_file_for_its_connection_waits_and_fails_as_not_sent() {
    let (_, hard) = rlimit::getrlimit(Resource::NOFILE).unwrap();
    rlimit::setrlimit(Resource::NOFILE, FILES, hard).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let request = OutRequest {
        method: http::Method::POST,
        url: format!("http://{}/", listener.local_addr().unwrap()),
        headers: Vec::new(),
        body: "{}".into(),
    };
    let policy = AddressPolicy {
        dangerous_allow_private: true,
        own: Vec::new(),
    };
    let outbound = Arc::new(Outbound::new(policy, Arc::new(SystemClock)));
    for round in ["the client is made", "it is there"] {
        let held = hold_all();
        let error = outbound.call(request.clone(), limits(100)).await;
        assert!(
            matches!(&error, Err(CallError::NotSent(why)) if why.contains("LimitNOFILE")),
            "{round}: {error:?}"
        );
        let waiting = tokio::spawn({
            let (outbound, request) = (Arc::clone(&outbound), request.clone());
            async move { outbound.call(request, limits(20_000)).await }
        });
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished(), "{round}: it waits");
        drop(held);
        let (mut stream, _) = listener.accept().await.unwrap();
        answer(&mut stream, "close").await;
        let answered = waiting.await.unwrap();
        assert_eq!(answered.map(|answer| answer.status), Ok(200), "{round}");
    }
    // A connection that is kept for further notifications gives its file to a payment.
    let notifying = tokio::spawn({
        let (outbound, request) = (Arc::clone(&outbound), request.clone());
        async move {
            outbound
                .call(request, limits_of(Purpose::Notification, 20_000))
                .await
        }
    });
    let (mut kept, _) = listener.accept().await.unwrap();
    answer(&mut kept, "keep-alive").await;
    assert_eq!(
        notifying.await.unwrap().map(|answer| answer.status),
        Ok(200)
    );
    let held = hold_all();
    let paying = outbound.call(request, limits(20_000));
    let serving = async {
        // Its end comes when the other side closes it; only then there is a file for the payment.
        assert_eq!(kept.read(&mut [0; 16]).await.unwrap(), 0);
        drop(kept);
        let (mut stream, _) = listener.accept().await.unwrap();
        answer(&mut stream, "close").await;
    };
    let (answer, ()) = tokio::join!(paying, serving);
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
    drop(held);
}
