//! What receivers of notifications and channels see of a call's header names.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

use std::sync::Arc;

use heliu_outbound::{AddressPolicy, Outbound};
use heliu_ports::clock::SystemClock;
use heliu_ports::transport::{CallLimits, Purpose, Transport};
use heliu_ports::wire::OutRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn header_names_have_the_usual_capitals() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let policy = AddressPolicy {
        dangerous_allow_private: true,
        own: Vec::new(),
    };
    let outbound = Outbound::new(policy, Arc::new(SystemClock));
    for purpose in [Purpose::Channel, Purpose::Notification] {
        let request = OutRequest {
            method: http::Method::POST,
            url: format!("http://{address}/notify"),
            headers: vec![("content-type", "application/json".to_owned())],
            body: "{}".into(),
        };
        let limits = CallLimits {
            purpose,
            connect_timeout_ms: 3_000,
            timeout_ms: 20_000,
            answer_bytes_max: 1_000,
        };
        let receiving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            String::from_utf8(head[..length].to_vec()).unwrap()
        };
        let (answer, head) = tokio::join!(outbound.call(request, limits), receiving);
        assert_eq!(answer.map(|answer| answer.status), Ok(200));
        for line in [
            "\r\nContent-Type: application/json\r\n",
            "\r\nContent-Length: 2\r\n",
            "\r\nHost: ",
        ] {
            assert!(head.contains(line), "{purpose:?}: {line:?} in {head}");
        }
    }
}
