//! The attacks, one file each.

mod few_files;
mod guesses;
mod half_requests;
mod large_bodies;
mod refusals;
mod unread_answers;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::figures::Figures;
use crate::platform::Platform;
use crate::trouble::Trouble;

/// How long an attack goes on.
const FOR: Duration = Duration::from_secs(8);
/// Pause between two looks at those who are not attacking.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// A machine that takes no part.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Bytes of a megabyte.
const MB: u64 = 1_000_000;

/// An attack.
pub(crate) struct Attack {
    /// Its name, in words with hyphens.
    pub(crate) name: &'static str,
    /// Does it to a platform of this program.
    pub(crate) run: fn(PathBuf) -> BoxFuture<'static, Result<Figures, Trouble>>,
}

/// All of them.
pub(crate) const ALL: [Attack; 8] = [
    unread_answers::OF_DEMO,
    unread_answers::OF_SERVE,
    half_requests::OF_MANY,
    half_requests::OF_ONE,
    large_bodies::ATTACK,
    refusals::ATTACK,
    few_files::ATTACK,
    guesses::ATTACK,
];

/// What was seen while an attack went on.
#[derive(Default)]
struct Seen {
    /// The longest time in which somebody elsewhere was served.
    slowest: Duration,
    /// The most memory, in bytes.
    memory_bytes: u64,
}

/// Looks again and again for as long as an attack goes on: a payment from elsewhere must go
/// through, or on a platform without merchants the answer come that nobody is known.
async fn watch(platform: &Platform) -> Result<Seen, Trouble> {
    let until = tokio::time::Instant::now() + FOR;
    let mut seen = Seen::default();
    while tokio::time::Instant::now() < until {
        let took = match &platform.till {
            Some(till) => till.pay(ELSEWHERE).await?,
            None => refused(platform).await?,
        };
        seen.slowest = seen.slowest.max(took);
        seen.memory_bytes = seen.memory_bytes.max(platform.memory_bytes());
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(seen)
}

/// How long a refusal takes that every merchant gets whom nobody knows.
async fn refused(platform: &Platform) -> Result<Duration, Trouble> {
    let begun = tokio::time::Instant::now();
    let body = b"{\"busi_id\":\"1\"}";
    let request = crate::http::request("POST", "/gateway/pay/query", "application/json", body);
    let answer = crate::http::ask_once(ELSEWHERE, platform.address, &request).await?;
    if answer.status == 200 && answer.body.contains("UNREGISTERED_BUSI") {
        Ok(begun.elapsed())
    } else {
        Err(format!("answered {} {}", answer.status, answer.body).into())
    }
}
