//! A process that may open few files, and more connections than that: no payment may be declined
//! for it.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::join_all;
use tokio::task::JoinSet;

use super::half_requests::hold_for_ever;
use super::{Attack, ELSEWHERE};
use crate::figures::Figures;
use crate::platform::Platform;
use crate::trouble::Trouble;

pub(super) const ATTACK: Attack = Attack {
    name: "few-files",
    run: |heliu| attack(heliu).boxed(),
};

const FILES: u32 = 320;
const HALVES: usize = 500;
/// By then the halves have taken what there is.
const UNTIL_FULL: Duration = Duration::from_secs(2);
/// Payments at the same time, and how often.
const PAYMENTS: usize = 20;
const ROUNDS: usize = 5;
const SLOWEST_MAX_MS: u64 = 5_000;

async fn attack(heliu: PathBuf) -> Result<Figures, Trouble> {
    let platform = Platform::demo_with_files(&heliu, FILES).await?;
    let till = platform.till.as_ref().ok_or("a demo has a till")?;
    let mut halves = JoinSet::new();
    for _ in 0..HALVES {
        halves.spawn(hold_for_ever(Ipv4Addr::LOCALHOST, platform.address));
    }
    tokio::time::sleep(UNTIL_FULL).await;
    let (mut failed, mut slowest) = (0, Duration::ZERO);
    for _ in 0..ROUNDS {
        for paid in join_all((0..PAYMENTS).map(|_| till.pay(ELSEWHERE))).await {
            match paid {
                Ok(took) => slowest = slowest.max(took),
                Err(_) => failed += 1,
            }
        }
    }
    Ok(Figures::default()
        .at_most("payments that failed", failed, 0, "")
        .within("slowest payment", slowest, SLOWEST_MAX_MS))
}
