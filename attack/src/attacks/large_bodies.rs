//! One valid request, as large as its wire takes, sent again and again: it must not fill the disk,
//! nor drive out what the log keeps of others.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt as _;
use tokio::task::JoinSet;

use super::{Attack, ELSEWHERE, MB, watch};
use crate::figures::Figures;
use crate::http::{ask, connect, request};
use crate::platform::{Platform, text};
use crate::till::md5;
use crate::trouble::Trouble;

pub(super) const ATTACK: Attack = Attack {
    name: "large-bodies",
    run: |heliu| attack(heliu).boxed(),
};

const CONNECTIONS: usize = 8;
/// A parameter of no meaning, in bytes.
const PADDING: usize = 60_000;
/// What the folder may grow by however many requests come: the bodies that an app has kept whole,
/// and SQLite's log, which is copied into the file at 64 MB and may reach twice that meanwhile.
const GROWTH_MAX: u64 = 200 * MB;
/// What it may grow by for each further request: its beginning, with its answer and its row. A body
/// that is kept whole takes ten times that. How many come in the time depends on the machine.
const GROWTH_OF_A_REQUEST: u64 = 6_000;
const MEMORY_MAX: u64 = 400;
const ELSEWHERE_MAX_MS: u64 = 2_000;

async fn attack(heliu: PathBuf) -> Result<Figures, Trouble> {
    let platform = Platform::demo(&heliu, "").await?;
    let till = platform.till.as_ref().ok_or("a demo has a till")?;
    let quiet = till
        .ask(
            ELSEWHERE,
            &till.request("query", "\"out_trade_no\":\"quiet\""),
        )
        .await?;
    let quiet = quiet
        .header("x-request-id")
        .ok_or("no request id")?
        .to_owned();
    let before = platform.folder_bytes();
    let request = Arc::new(signed(&platform)?);
    let mut attackers = JoinSet::new();
    let sent = Arc::new(AtomicU64::new(0));
    for _ in 0..CONNECTIONS {
        let (request, sent) = (Arc::clone(&request), Arc::clone(&sent));
        attackers.spawn(send_for_ever(platform.address, request, sent));
    }
    let seen = watch(&platform).await?;
    drop(attackers);
    let growth = platform.folder_bytes().saturating_sub(before);
    let growth_max = GROWTH_MAX + sent.load(Ordering::Relaxed) * GROWTH_OF_A_REQUEST;
    let found = platform.command(&["exchanges", "show", &quiet])?;
    Ok(Figures::default()
        .at_most("disk", growth / MB, growth_max / MB, "MB")
        .at_most("memory", seen.memory_bytes / MB, MEMORY_MAX, "MB")
        .within("payment elsewhere", seen.slowest, ELSEWHERE_MAX_MS)
        .at_most(
            "evidence of others lost",
            u64::from(!found.status.success()),
            0,
            "",
        ))
}

/// A query for an order that does not exist, with much beside it.
fn signed(platform: &Platform) -> Result<Vec<u8>, Trouble> {
    let fact = |name: &str| text(&platform.about, &format!("/dialects/chaoying/{name}"));
    let (agent_id, mch_id, key) = (fact("agent_id")?, fact("mch_id")?, fact("key")?);
    let padding = "x".repeat(PADDING);
    let form = format!(
        "agent_id={agent_id}&mch_id={mch_id}&method=orderquery&out_trade_no=none&pid=attack&version=1.0\
         &zz={padding}"
    );
    let sign = md5(format!("{form}&key={key}").as_bytes()).to_uppercase();
    let body = format!("{form}&sign={sign}");
    let form = "application/x-www-form-urlencoded";
    Ok(request(
        "POST",
        "/UnifiedPay/Gateway",
        form,
        body.as_bytes(),
    ))
}

async fn send_for_ever(address: SocketAddr, request: Arc<Vec<u8>>, sent: Arc<AtomicU64>) {
    loop {
        if let Ok(mut stream) = connect(Ipv4Addr::LOCALHOST, address).await {
            while ask(&mut stream, &request).await.is_ok() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
        tokio::task::yield_now().await;
    }
}
