//! Story: the leader of a replicated PostgreSQL is killed while tills sell. Callers hear "busy,
//! query first" until a standby leads, and nothing that was acknowledged is lost.

use std::path::Path;

use crate::harness::{Cluster, Load, Queue, Receiver, assert_sales_agree, now};
use heliu_testkit::PatroniCluster;
use tokio::task::block_in_place;

/// Five virtual seconds a second: a fail-over is then longer than a till waits.
const FACTOR: u64 = 5;
/// Tills with payers of every kind, at whichever node the balancer chooses.
const TILLS: usize = 24;
/// Tills of each node whose payers just pay.
const PLAIN_TILLS: usize = 8;
/// Leaders that are killed, one after the other, unless `HELIU_KILLS` says otherwise.
const KILLS: usize = 2;
/// Answers between two kills.
const ANSWERS_BETWEEN: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Patroni, etcd and HAProxy: make test-ha"]
async fn nothing_acknowledged_is_lost_when_the_leader_is_killed_under_load() {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut postgres = block_in_place(|| PatroniCluster::start(parent)).unwrap();
    // Both ways in which a node finds the leader.
    let urls = [postgres.url_by_proxy(), postgres.url_by_hosts()];
    let cluster = Cluster::over(&urls, "failover", FACTOR).await;
    let receiver = Receiver::content().await;
    let till = cluster.till();
    let load = Load::start(&till, &cluster.sandbox, &receiver, TILLS);
    let queue = |node: usize| Queue::start(&cluster.node(node).till, PLAIN_TILLS);
    let queues = [queue(0), queue(1)];
    let kills = std::env::var("HELIU_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(KILLS);
    for kill in 0..=kills {
        load.answered(ANSWERS_BETWEEN).await;
        // Last of all the standby for which commits wait.
        let (role, victim) = if kill < kills {
            ("leader", postgres.leader().unwrap())
        } else {
            ("standby", postgres.synchronous_standby().unwrap())
        };
        block_in_place(|| postgres.kill(victim)).unwrap();
        let killed_at = now();
        // Nobody starts a node anew: they find the new leader by themselves.
        let [by_proxy, by_hosts] = &queues;
        let gaps = tokio::join!(
            by_proxy.sold_since(killed_at),
            by_hosts.sold_since(killed_at)
        );
        println!(
            "the {role}, member {}, is killed: the next order is paid {:.1} s later by way of the proxy, {:.1} s with \
             several hosts",
            victim + 1,
            gaps.0.as_secs_f64(),
            gaps.1.as_secs_f64()
        );
        postgres.restart(victim).unwrap();
        block_in_place(|| postgres.wait_until_whole()).unwrap();
    }
    load.answered(ANSWERS_BETWEEN).await;
    let words = load.words();
    let mut sales = load.stop().await;
    let [by_proxy, by_hosts] = queues;
    for (way, queue) in [("the proxy", by_proxy), ("several hosts", by_hosts)] {
        let heard = queue.stop().await;
        println!("tills of the node by {way}: {}", heard.told());
        heard.assert_busy_and_never_refused();
        sales.extend(heard.sales);
    }
    println!(
        "{} sales, {kills} leaders killed, the mixed tills heard: {words:?}",
        sales.len()
    );
    let story_of = |number: &str| cluster.story(number);
    assert_sales_agree(&till, &cluster.sandbox, &receiver, &sales, story_of).await;
    cluster.assert_books_balance();
}
