//! Somebody with one code of a shop reads pages under neighbouring numbers, and looks at the ids in
//! headers.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use futures::FutureExt as _;

use super::{Attack, ELSEWHERE};
use crate::figures::Figures;
use crate::http::{ask, connect, request};
use crate::platform::Platform;
use crate::trouble::Trouble;

pub(super) const ATTACK: Attack = Attack {
    name: "guesses",
    run: |heliu| attack(heliu).boxed(),
};

const GUESSES: u64 = 2_000;
const ANSWERED_MAX: u64 = 40;
/// Ids that are compared, and how many first digits of them.
const IDS: usize = 200;
const DIGITS: usize = 8;

async fn attack(heliu: PathBuf) -> Result<Figures, Trouble> {
    let platform = Platform::demo(&heliu, "").await?;
    let till = platform.till.as_ref().ok_or("a demo has a till")?;
    let page = till.page(ELSEWHERE).await?;
    let target = page
        .find("/online/")
        .and_then(|at| page.get(at..))
        .ok_or("no page of ours")?;
    let number = target
        .split("tradeNo=")
        .nth(1)
        .and_then(|rest| rest.split('&').next());
    let number: u64 = number.ok_or("no number in it")?.parse()?;
    let mut answered = 0;
    let mut stream = connect(Ipv4Addr::LOCALHOST, platform.address).await?;
    for guess in (number - GUESSES)..number {
        let guess = target.replace(&number.to_string(), &guess.to_string());
        let answer = ask(&mut stream, &request("GET", &guess, "text/plain", b"")).await?;
        answered += u64::from(answer.status != 429);
    }
    let theirs = till
        .ask(ELSEWHERE, &request("GET", target, "text/plain", b""))
        .await?;
    let mut beginnings = HashSet::new();
    let mut alike = 0;
    for _ in 0..IDS {
        let query = till.request("query", "\"out_trade_no\":\"none\"");
        let answer = till.ask(ELSEWHERE, &query).await?;
        let id = answer.header("x-request-id").ok_or("no request id")?;
        let beginning: String = id.chars().take(DIGITS).collect();
        alike += u64::from(!beginnings.insert(beginning));
    }
    Ok(Figures::default()
        .at_most("guesses that were answered", answered, ANSWERED_MAX, "")
        .at_most(
            "payers who see no page",
            u64::from(theirs.status != 200),
            0,
            "",
        )
        .at_most("ids that are alike", alike, 0, ""))
}
