//! Story: several nodes over one PostgreSQL are one platform, also while some of them die.

use crate::harness::{CUT, Cluster, Load, Receiver, assert_sales_agree, eventually, fresh};

/// Ten virtual seconds a second: payers who confirm after three seconds do so while nodes die.
const FACTOR: u64 = 10;
const NODES: usize = 3;
const TILLS: usize = 16;
/// Nodes that are killed, one after the other, unless `HELIU_KILLS` says otherwise.
const KILLS: usize = 9;
/// Answers between two kills: a few seconds of load.
const ANSWERS_BETWEEN: usize = 80;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_are_killed_under_load_lose_and_double_nothing() {
    let mut cluster = Cluster::start("killed", FACTOR, NODES).await;
    let receiver = Receiver::content().await;
    let till = cluster.till();
    let load = Load::start(&till, &cluster.sandbox, &receiver, TILLS);
    let kills = std::env::var("HELIU_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(KILLS);
    for kill in 0..kills {
        load.answered(ANSWERS_BETWEEN).await;
        let victim = kill % NODES;
        cluster.kill(victim);
        // The others carry the load while it is away.
        load.answered(ANSWERS_BETWEEN / 2).await;
        cluster.restart(victim).await;
    }
    load.answered(ANSWERS_BETWEEN).await;
    let words = load.words();
    let sales = load.stop().await;
    println!(
        "{} sales, {kills} nodes killed, heard: {words:?}",
        sales.len()
    );
    assert!(
        words.contains_key(CUT),
        "the kills cut calls that were under way: {words:?}"
    );
    let story_of = |number: &str| cluster.story(number);
    assert_sales_agree(&till, &cluster.sandbox, &receiver, &sales, story_of).await;
    cluster.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_asked_to_stop_under_load_is_missed_by_nobody() {
    let mut cluster = Cluster::start("stopped", FACTOR, NODES).await;
    let receiver = Receiver::content().await;
    let till = cluster.till();
    let load = Load::start(&till, &cluster.sandbox, &receiver, TILLS);
    for node in 0..NODES {
        load.answered(ANSWERS_BETWEEN).await;
        cluster.stop(node).await;
        cluster.restart(node).await;
    }
    let words = load.words();
    let sales = load.stop().await;
    // An order that is undecided when its time is over is told as such, stop or no stop.
    for word in [CUT, "DATABASE_ERROR"] {
        assert!(!words.contains_key(word), "a stop was noticed: {words:?}");
    }
    let story_of = |number: &str| cluster.story(number);
    assert_sales_agree(&till, &cluster.sandbox, &receiver, &sales, story_of).await;
    cluster.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_at_one_node_answers_the_request_that_waits_at_another() {
    let cluster = Cluster::start("callback", 1, 2).await;
    // What the channel tells reaches the second node only, and questions are never answered.
    cluster.balancer.set(0, None);
    cluster
        .sandbox
        .set_fault("alipay", "query", "silent_before")
        .await;
    let (till, number) = (cluster.node(0).till.clone(), fresh("waiting"));
    let asked = number.clone();
    let waiting =
        tokio::spawn(async move { till.try_order(&asked, 158, "284214903060794791").await });
    let trade_no = eventually("the payer is asked", async || {
        let known = cluster.node(1).till.try_query(&number).await.ok()?;
        let trade_no = known.data()?.get("trade_no")?.text()?.to_owned();
        cluster.sandbox.order(&trade_no).await.map(|_| trade_no)
    })
    .await;
    assert!(!waiting.is_finished());
    cluster.sandbox.pay(&trade_no).await;
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    assert_eq!(answer.state(), Some(1), "{}", answer.text);
    cluster.assert_books_balance();
}

/// A sandbox of its own and all nodes go by one clock, whoever moves it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandbox_and_all_nodes_go_by_one_clock() {
    let cluster = Cluster::start("clock", FACTOR, 2).await;
    let says = |node: usize| cluster.done(node, &["clock", "show"]);
    let moved = cluster.sandbox.move_clock("2026-01-15T20:00:00+08:00");
    moved.await.expect("moved");
    for node in 0..2 {
        eventually("a node follows the sandbox", async || {
            says(node).starts_with("2026-01-15T20:").then_some(())
        })
        .await;
    }
    cluster.done(1, &["clock", "move", "2026-01-15 22:00:00"]);
    eventually("the sandbox follows a node", async || {
        let now = cluster.sandbox.clock().await;
        now.str("now").starts_with("2026-01-15T22:").then_some(())
    })
    .await;
    eventually("the other node follows", async || {
        says(0).starts_with("2026-01-15T22:").then_some(())
    })
    .await;
}
