//! Requests that are none get an answer, and answers have the header names that old clients look
//! for.

use axum::Router;
use axum::routing::{get, post};

use super::{Peer, limits, surface};

/// What cannot be parsed as a request, and the status that says so.
fn malformed() -> Vec<(&'static str, String, u16)> {
    let request = |line: &str, headers: &str| format!("{line}\r\nHost: a\r\n{headers}\r\n");
    let post = "POST / HTTP/1.1";
    vec![
        (
            "a blank in the target",
            request("POST /?sign=a b HTTP/1.1", "Content-Length: 2\r\n") + "{}",
            400,
        ),
        (
            "a header of 17,000 letters",
            request(post, &format!("X: {}\r\n", "x".repeat(17_000))),
            431,
        ),
        (
            "a target of 17,000 letters",
            request(&format!("POST /{} HTTP/1.1", "x".repeat(17_000)), ""),
            431,
        ),
        (
            "a thousand headers",
            request(post, &"X: x\r\n".repeat(1_000)),
            431,
        ),
        (
            "two lengths",
            request(post, "Content-Length: 2\r\nContent-Length: 3\r\n") + "{}",
            400,
        ),
        (
            "a length that is no number",
            request(post, "Content-Length: two\r\n") + "{}",
            400,
        ),
        (
            "a transfer coding that nobody knows",
            request(post, "Transfer-Encoding: brotli\r\n") + "{}",
            400,
        ),
        ("a header without a name", request(post, ": x\r\n"), 400),
        (
            "no HTTP at all",
            "\u{16}\u{3}\u{1}\u{2}hello\r\n\r\n".to_owned(),
            400,
        ),
        ("another version", request("POST / HTTP/9.9", ""), 400),
    ]
}

#[tokio::test]
async fn malformed_requests_are_answered_before_the_connection_ends() {
    let address = surface(Router::new().route("/", post(|| async { "ok" })), limits()).await;
    let mut wrong = Vec::new();
    for (case, bytes, status) in malformed() {
        // What comes behind the request must not throw the answer away.
        for behind in [
            "",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            &"x".repeat(200_000),
        ] {
            let mut peer = Peer::connect(address).await;
            peer.send(&format!("{bytes}{behind}")).await;
            let answer = peer.rest().await;
            if !answer.starts_with(&format!("HTTP/1.1 {status} ")) {
                wrong.push(format!(
                    "{case}, {} bytes behind it: {answer:?}",
                    behind.len()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_body_that_is_refused_while_it_is_sent_is_answered_readably() {
    let refuse = post(|| async { (axum::http::StatusCode::PAYLOAD_TOO_LARGE, "too large") });
    let address = surface(Router::new().route("/", refuse), limits()).await;
    let mut peer = Peer::connect(address).await;
    let size = 4 * 1024 * 1024;
    peer.send(&format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
    ))
    .await;
    peer.send(&"x".repeat(size)).await;
    let answer = peer.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("too large"),
        "{answer}"
    );
}

#[tokio::test]
async fn header_names_have_the_usual_capitals() {
    let handler = get(|| async { ([("x-request-id", "1")], "ok") });
    let address = surface(Router::new().route("/", handler), limits()).await;
    let answer = Peer::connect(address).await.ask("/", "").await;
    for name in [
        "\r\nContent-Length: 2",
        "\r\nContent-Type: ",
        "\r\nX-Request-Id: 1",
        "\r\nDate: ",
    ] {
        assert!(answer.contains(name), "{name:?} in {answer}");
    }
}
