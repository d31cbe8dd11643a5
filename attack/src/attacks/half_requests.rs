//! Headers that are never finished: from a dozen addresses, more than there are places; from one,
//! more than its share.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Attack, ELSEWHERE, watch};
use crate::figures::Figures;
use crate::http::{ask_once, connect, request};
use crate::platform::Platform;
use crate::trouble::Trouble;

pub(super) const OF_MANY: Attack = Attack {
    name: "half-requests-many",
    run: |heliu| of_many(heliu).boxed(),
};

pub(super) const OF_ONE: Attack = Attack {
    name: "half-requests-one",
    run: |heliu| of_one(heliu).boxed(),
};

const ADDRESSES: u8 = 12;
/// Connections that each address holds, and makes anew when they are closed.
const EACH: usize = 200;
/// Places of the platform: fewer than the attackers want.
const PLACES: &str = "connections_max = 2000\n";
/// Attackers share this machine with what they attack, and would otherwise take its time by their
/// own noise.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
const HALF: &[u8] = b"POST /gateway/pay/order HTTP/1.1\r\nHost: half";
const ELSEWHERE_MAX_MS: u64 = 1_000;
/// As in config.example.toml.
const SHARE: usize = 1_000;
const PAGE: &str = "/online/pay/";

async fn of_many(heliu: PathBuf) -> Result<Figures, Trouble> {
    let platform = Platform::demo(&heliu, PLACES).await?;
    let mut attackers = JoinSet::new();
    for last in 1..=ADDRESSES {
        for _ in 0..EACH {
            attackers.spawn(hold_for_ever(
                Ipv4Addr::new(127, 0, 1, last),
                platform.address,
            ));
        }
    }
    let mut callbacks_and_pages = Duration::ZERO;
    let seen = watch(&platform).await?;
    for (method, target) in [("POST", "/callback/bm90IG91cnM"), ("GET", PAGE)] {
        let begun = Instant::now();
        let request = request(method, target, "text/plain", b"");
        let answer = ask_once(ELSEWHERE, platform.address, &request).await?;
        if answer.status != 404 {
            return Err(format!("{target} is answered {}", answer.status).into());
        }
        callbacks_and_pages = callbacks_and_pages.max(begun.elapsed());
    }
    Ok(Figures::default()
        .within("payment elsewhere", seen.slowest, ELSEWHERE_MAX_MS)
        .within("callback and page", callbacks_and_pages, ELSEWHERE_MAX_MS))
}

/// Holds a connection with half a header, and makes it anew when it is closed.
pub(super) async fn hold_for_ever(from: Ipv4Addr, address: SocketAddr) {
    loop {
        if let Ok(mut stream) = connect(from, address).await
            && stream.write_all(HALF).await.is_ok()
        {
            wait_for_end(&mut stream).await;
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}

async fn wait_for_end(stream: &mut TcpStream) {
    let mut rest = [0; 256];
    while matches!(stream.read(&mut rest).await, Ok(1..)) {}
}

async fn of_one(heliu: PathBuf) -> Result<Figures, Trouble> {
    let platform = Platform::demo(&heliu, "").await?;
    let mut held = JoinSet::new();
    for _ in 0..SHARE + SHARE / 2 {
        let mut stream = connect(Ipv4Addr::new(127, 0, 0, 9), platform.address).await?;
        let _ = stream.write_all(HALF).await;
        held.spawn(async move { wait_for_end(&mut stream).await });
    }
    let begun = Instant::now();
    // Whoever was refused is closed at once; the others much later.
    while held.len() > SHARE && begun.elapsed() < super::FOR {
        held.join_next().await;
    }
    let till = platform.till.as_ref().ok_or("a demo has a till")?;
    let took = till.pay(ELSEWHERE).await?;
    let count = u64::try_from(held.len()).unwrap_or(u64::MAX);
    let share = u64::try_from(SHARE).unwrap_or(0);
    Ok(Figures::default()
        .at_most("connections of one address", count, share, "")
        .within("payment elsewhere", took, ELSEWHERE_MAX_MS))
}
