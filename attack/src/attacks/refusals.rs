//! Requests that are refused, as many as a machine can send: the log must not grow with them.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt as _;
use tokio::task::JoinSet;

use super::{Attack, MB, watch};
use crate::figures::Figures;
use crate::http::{ask, connect};
use crate::platform::Platform;
use crate::trouble::Trouble;

pub(super) const ATTACK: Attack = Attack {
    name: "refusals",
    run: |heliu| attack(heliu).boxed(),
};

const CONNECTIONS: usize = 16;
const LOG_MAX: u64 = 100_000;
const MEMORY_MAX: u64 = 150;
const ELSEWHERE_MAX_MS: u64 = 1_000;

async fn attack(heliu: PathBuf) -> Result<Figures, Trouble> {
    let platform = Platform::demo(&heliu, "").await?;
    let till = platform.till.clone().ok_or("a demo has a till")?;
    let refused = Arc::new(AtomicU64::new(0));
    let mut attackers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (till, address, refused) = (till.clone(), platform.address, Arc::clone(&refused));
        attackers.spawn(async move {
            while let Ok(mut stream) = connect(Ipv4Addr::LOCALHOST, address).await {
                while ask(&mut stream, &till.forged()).await.is_ok() {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    let seen = watch(&platform).await?;
    let refused = refused.load(Ordering::Relaxed);
    if refused < 1_000 {
        return Err(format!("only {refused} were refused, which floods nothing").into());
    }
    Ok(Figures::default()
        .at_most("log", platform.log_bytes(), LOG_MAX, "bytes")
        .at_most("memory", seen.memory_bytes / MB, MEMORY_MAX, "MB")
        .within("payment elsewhere", seen.slowest, ELSEWHERE_MAX_MS))
}
