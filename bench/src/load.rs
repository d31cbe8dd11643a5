//! The load generator: one signed payment after another on each connection, as lean as it can be,
//! since it takes its processor time from the cores that are measured.

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use heliu_ports::clock::{Clock, SystemClock};
use md5::{Digest, Md5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::platform::{APP_ID, APP_KEY};

/// What an answer of a payment that went through contains.
const PAID: &[u8] = b"\"state\":1";

/// Latencies of all requests, in µs.
pub(crate) struct Sample {
    pub(crate) latencies_us: Vec<u32>,
}

/// Numbers orders over all runs, also of other processes in the same database.
static NEXT_ORDER: LazyLock<AtomicU64> = LazyLock::new(|| {
    let now_ms = u64::try_from(SystemClock.now().as_ms()).unwrap_or(0);
    AtomicU64::new(now_ms.saturating_mul(1000))
});

/// Loads `address` over `connections` for `window`.
pub(crate) async fn run(
    address: &str,
    connections: usize,
    window: Duration,
) -> std::io::Result<Sample> {
    let until = Instant::now() + window;
    let address: Arc<str> = Arc::from(address);
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        workers.spawn(work(Arc::clone(&address), until));
    }
    let mut latencies_us = Vec::new();
    while let Some(finished) = workers.join_next().await {
        latencies_us.extend(finished.map_err(Error::other)??);
    }
    Ok(Sample { latencies_us })
}

async fn work(address: Arc<str>, until: Instant) -> std::io::Result<Vec<u32>> {
    let mut stream = TcpStream::connect(&*address).await?;
    stream.set_nodelay(true)?;
    let mut latencies_us = Vec::new();
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        write_payment(&mut request, &address);
        let started = Instant::now();
        stream.write_all(&request).await?;
        read_answer(&mut stream, &mut answer).await?;
        latencies_us.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        if !answer.windows(PAID.len()).any(|part| part == PAID) {
            let text = String::from_utf8_lossy(&answer).into_owned();
            return Err(Error::new(
                ErrorKind::InvalidData,
                format!("not paid: {text}"),
            ));
        }
    }
    Ok(latencies_us)
}

/// A signed barcode payment under a number of its own. The echo sends it back, so it carries what
/// an answer must contain in a field that the platform ignores.
fn write_payment(request: &mut Vec<u8>, address: &str) {
    let number = NEXT_ORDER.fetch_add(1, Ordering::Relaxed);
    let body = format!(
        "{{\"busi_id\":\"{APP_ID}\",\"operator_id\":\"oper01\",\"terminal_id\":\"dev01\",\
         \"merchant_param\":\"dGFibGU9MTI=\",\"store_id\":\"02016\",\"total_fee\":\"158\",\
         \"channel_type\":\"2\",\"auth_code\":\"134214903060794755\",\
         \"pay_subject\":\"二维码产品支付\",\"out_trade_no\":\"bench-{number:016}\",\
         \"fee_type\":\"CNY\",\"state\":1}}"
    );
    let timestamp = "1768442400001";
    let mut digest = Md5::new();
    digest.update(timestamp);
    digest.update(APP_KEY);
    digest.update(&body);
    let sign: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    request.clear();
    request.extend_from_slice(
        format!(
            "POST /gateway/pay/order?sign={sign}:{timestamp} HTTP/1.1\r\nhost: {address}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
}

/// Reads one answer with a content length.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> std::io::Result<()> {
    answer.clear();
    loop {
        if let Some(end) = find(answer, b"\r\n\r\n") {
            let head =
                String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|length| length.trim().parse::<usize>().ok())
                .ok_or_else(|| Error::new(ErrorKind::InvalidData, "an answer without length"))?;
            if answer.len() >= end + 4 + length {
                return Ok(());
            }
        }
        if stream.read_buf(answer).await? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the platform hung up"));
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
