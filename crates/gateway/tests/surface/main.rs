//! The HTTP server under every surface, asked through real sockets.

mod framing;
mod places;
mod reading;
mod stopping;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use heliu_gateway::{ServeLimits, TrustedProxies, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Long enough for whatever is to happen; nothing is measured with it.
const PATIENCE: Duration = Duration::from_secs(20);

fn limits() -> ServeLimits {
    ServeLimits {
        connections_max: 100,
        connections_per_address: 0,
        trusted_proxies: TrustedProxies::default(),
        header_timeout: PATIENCE,
        stall_timeout: PATIENCE,
        drain_timeout: Duration::ZERO,
    }
}

/// A surface on a free port, served as long as the test runs.
async fn surface(router: Router, limits: ServeLimits) -> SocketAddr {
    let (address, _serving) = surface_until(router, limits, std::future::pending()).await;
    address
}

/// The same until `stop` resolves; the task ends when all connections have.
async fn surface_until(
    router: Router,
    limits: ServeLimits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let serving = tokio::spawn(serve(listener, router, limits, stop));
    (address, serving)
}

/// One end of a connection.
struct Peer(TcpStream);

impl Peer {
    async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("connected"))
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("sent");
    }

    /// The next answer's head and body, which must have a `Content-Length`.
    async fn answer(&mut self) -> String {
        let reading = async {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                let byte = self.0.read_u8().await.expect("more of an answer");
                head.push(char::from(byte));
            }
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "));
            let length = length.expect("a length").parse().expect("a number");
            let mut body = vec![0; length];
            self.0.read_exact(&mut body).await.expect("a body");
            head + &String::from_utf8_lossy(&body)
        };
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("an answer")
    }

    /// All that comes until the other side closes; an abrupt end is an end too.
    async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let reading = self.0.read_to_end(&mut bytes);
        let _abrupt = tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("an end");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Asks and hears the answer, over a connection that stays open.
    async fn ask(&mut self, path: &str, headers: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n"))
            .await;
        self.answer().await
    }
}
