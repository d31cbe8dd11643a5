//! Story: the real binary aborts itself at its first, second, third ... crash point (before and after each
//! commit and each outgoing call); whatever was under way, the next process brings every order to the end
//! that the channel has, loses no notification, and the books balance.
//!
//! `HELIU_CRASH_STRIDE` says how many points are passed over (3 unless told; 1 tries all of them).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

mod harness;

use std::os::unix::process::ExitStatusExt;

use harness::{Answer, Demo, Receiver, Setup, assert_agreed, eventually, fresh};

const FACTOR: u64 = 100;
const LAST: u32 = 400;
/// How many processes run at a time.
const ABREAST: usize = 4;
const SIGABRT: i32 = 6;

/// The orders of one run, and what the till was told before the crash.
struct Story {
    quick: String,
    doubtful: String,
    shown: String,
    refund: String,
    told_quick: bool,
    told_doubtful: bool,
    told_shown: bool,
    told_refund: bool,
}

fn succeeded(answer: &Result<Answer, String>) -> bool {
    answer
        .as_ref()
        .is_ok_and(|answer| answer.outcome() == "SUCCESS")
}

/// A small fixed scenario; every call may find the process gone.
async fn play(demo: &Demo, receiver: &Receiver) -> Story {
    let (quick, doubtful, shown) = (fresh("quick"), fresh("doubtful"), fresh("shown"));
    let refund = fresh("refund");
    let till = &demo.till;
    let told_quick = succeeded(&till.try_order(&quick, 100, "284214903060794700").await);
    let told_doubtful = succeeded(&till.try_order(&doubtful, 158, "134886863488188695").await);
    let created = till
        .try_qr_order(&shown, 250, &receiver.url("/shown"))
        .await;
    let told_shown = succeeded(&created);
    if let Ok(created) = created.as_ref().map(|created| created.str("qr_code")) {
        let _ = demo.sandbox.try_scan(created, "wechat").await;
    }
    let told_refund = succeeded(&till.try_refund(&quick, &refund, 30).await);
    Story {
        quick,
        doubtful,
        shown,
        refund,
        told_quick,
        told_doubtful,
        told_shown,
        told_refund,
    }
}

/// Everything that must hold in the end.
async fn assert_all_agreed(setup: &Setup, demo: &Demo, receiver: &Receiver, story: &Story) {
    let refund = eventually("the refund is decided", async || {
        let answer = demo.till.refund_query(&story.refund).await;
        let status = answer
            .data()
            .and_then(|data| data.get("trade_status"))
            .cloned();
        (status != Some("refunding".into())).then_some(answer)
    })
    .await;
    if story.told_refund {
        assert_eq!(
            refund.outcome(),
            "SUCCESS",
            "an acknowledged refund is lost: {}",
            refund.text
        );
        assert_eq!(refund.str("trade_status"), "succ", "{}", refund.text);
    }
    let quick = assert_agreed(
        &demo.till,
        &demo.sandbox,
        &story.quick,
        100,
        story.told_quick,
    )
    .await;
    let doubtful = assert_agreed(
        &demo.till,
        &demo.sandbox,
        &story.doubtful,
        158,
        story.told_doubtful,
    )
    .await;
    assert!(
        quick || !story.told_quick,
        "the till was told that {} is paid",
        story.quick
    );
    assert!(
        doubtful || !story.told_doubtful,
        "the till was told that {} is paid",
        story.doubtful
    );
    if assert_agreed(
        &demo.till,
        &demo.sandbox,
        &story.shown,
        250,
        story.told_shown,
    )
    .await
    {
        receiver.wait("/shown", 1).await;
    }
    setup.assert_books_balance();
}

/// One run; whether the process reached the point.
async fn crash_at(make: fn(&str, u64) -> Setup, point: u32) -> bool {
    let setup = make(&format!("crash-{point}"), FACTOR);
    let receiver = Receiver::content().await;
    let mut demo = setup.start_crashing_at(point).await;
    let story = play(&demo, &receiver).await;
    // What the till sees is over; the rest happens behind its back: the refund and the notification.
    let told_all = story.told_quick && story.told_doubtful && story.told_shown && story.told_refund;
    let crashed = eventually("the story ends or the process crashes", async || {
        if let Some(status) = demo.ended() {
            return Some(Some(status));
        }
        let asked = demo
            .till
            .try_call("query", &[("out_trade_no", (&story.quick).into())])
            .await;
        let refunded = asked.ok().and_then(|answer| answer.state()) == Some(4);
        (told_all && refunded && !receiver.heard("/shown").is_empty()).then_some(None)
    })
    .await;
    if let Some(status) = crashed {
        let by = status.signal();
        assert_eq!(
            by,
            Some(SIGABRT),
            "at point {point} the process ended with {status}"
        );
    }
    drop(demo);
    let demo = setup.start().await;
    assert_all_agreed(&setup, &demo, &receiver, &story).await;
    crashed.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_crash_point_the_next_process_brings_all_to_its_end() {
    let tried = crash_at_every_point(Setup::new).await;
    println!("{tried}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_crash_point_with_books_in_postgres_the_next_process_brings_all_to_its_end() {
    let tried = crash_at_every_point(Setup::on_postgres).await;
    println!("{tried}");
}

/// Says how many points were tried.
async fn crash_at_every_point(make: fn(&str, u64) -> Setup) -> String {
    let stride = std::env::var("HELIU_CRASH_STRIDE")
        .ok()
        .and_then(|text| text.parse().ok());
    let stride = stride.unwrap_or(3).max(1);
    let points: Vec<u32> = (1..=LAST).step_by(stride).collect();
    let mut reached = Vec::new();
    for wave in points.chunks(ABREAST) {
        let runs = wave.iter().map(|point| crash_at(make, *point));
        let ends: Vec<bool> = futures::future::join_all(runs).await;
        reached.extend(
            wave.iter()
                .zip(&ends)
                .filter(|(_, crashed)| **crashed)
                .map(|(point, _)| *point),
        );
        if ends.contains(&false) {
            break;
        }
    }
    let last = reached.last().copied().unwrap_or_default();
    assert!(
        reached.len() >= 3,
        "the binary has crash points that HELIU_CRASH_AT reaches"
    );
    let count = reached.len();
    format!("{count} crash points tried, up to number {last}, every {stride}")
}
