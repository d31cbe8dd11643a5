//! HTTP as it is needed here: requests as bytes, answers read whole, from an address of one's
//! choice.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::trouble::Trouble;

/// So long an answer is waited for at most.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// The address in `http://127.0.0.1:8080`.
pub(crate) fn address_of(url: &str) -> Result<SocketAddr, Trouble> {
    let bare = url.trim_start_matches("http://").trim_end_matches('/');
    Ok(bare.parse()?)
}

/// Connects as the machine at `from`.
pub(crate) async fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let connecting = socket.connect(to);
    let connected = tokio::time::timeout(PATIENCE, connecting).await;
    connected.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

/// Sends a request and reads its answer, over a connection that may be used again.
pub(crate) async fn ask(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<Answer> {
    let asking = async {
        stream.write_all(request).await?;
        read(stream).await
    };
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    asked.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

/// The same over a connection of its own.
pub(crate) async fn ask_once(
    from: Ipv4Addr,
    to: SocketAddr,
    request: &[u8],
) -> std::io::Result<Answer> {
    ask(&mut connect(from, to).await?, request).await
}

/// A request.
pub(crate) fn request(method: &str, target: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: attack\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn read(stream: &mut TcpStream) -> std::io::Result<Answer> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let malformed = || Error::new(ErrorKind::InvalidData, "no answer of HTTP");
            let mut answer = Answer {
                status: head
                    .get(9..12)
                    .and_then(|status| status.parse().ok())
                    .ok_or_else(malformed)?,
                head: head.to_owned(),
                body: body.to_owned(),
            };
            let length = answer
                .header("content-length")
                .and_then(|length| length.parse().ok());
            let end = head.len() + 4 + length.unwrap_or(0_usize);
            if bytes.len() >= end {
                answer.body.truncate(end - head.len() - 4);
                return Ok(answer);
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}
