//! Pipelined requests whose answers nobody reads: four connections, no key needed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use futures::FutureExt as _;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use super::{Attack, MB, watch};
use crate::figures::Figures;
use crate::http::{connect, request};
use crate::platform::Platform;
use crate::trouble::Trouble;

pub(super) const OF_DEMO: Attack = Attack {
    name: "unread-answers-demo",
    run: |heliu| of_demo(heliu).boxed(),
};

pub(super) const OF_SERVE: Attack = Attack {
    name: "unread-answers-serve",
    run: |heliu| of_serve(heliu).boxed(),
};

const CONNECTIONS: usize = 4;
/// Requests that are written with one call.
const TOGETHER: usize = 500;
const MEMORY_MAX: u64 = 150;
const ELSEWHERE_MAX_MS: u64 = 1_000;

async fn of_demo(heliu: PathBuf) -> Result<Figures, Trouble> {
    attack(Platform::demo(&heliu, "").await?).await
}

async fn of_serve(heliu: PathBuf) -> Result<Figures, Trouble> {
    attack(Platform::serve(&heliu).await?).await
}

async fn attack(platform: Platform) -> Result<Figures, Trouble> {
    let mut attackers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        attackers.spawn(send_for_ever(platform.address));
    }
    let seen = watch(&platform).await?;
    Ok(Figures::default()
        .at_most("memory", seen.memory_bytes / MB, MEMORY_MAX, "MB")
        .within("elsewhere", seen.slowest, ELSEWHERE_MAX_MS))
}

async fn send_for_ever(address: SocketAddr) {
    let one = request("POST", "/gateway/pay/query", "application/json", b"{}");
    let many = one.repeat(TOGETHER);
    loop {
        let Ok(mut stream) = connect(Ipv4Addr::LOCALHOST, address).await else {
            tokio::task::yield_now().await;
            continue;
        };
        while stream.write_all(&many).await.is_ok() {}
    }
}
