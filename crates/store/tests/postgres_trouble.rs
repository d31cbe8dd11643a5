//! PostgreSQL goes away, comes back, hangs up, loses answers: callers get an error or the truth,
//! never a double (rows B1 to B3 of the reliability paper).

mod payments;
mod server;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::store::prelude::*;
use heliu_ports::store::{Commit, CommitError, OrderKey};
use heliu_store::PostgresStore;
use heliu_trade::id::PlatformNo;
use payments::{create, evidence_step, merchant, number, order_no, orders};
use server::troubled_link::TroubledLink;
use server::{Server, connect, open};

const PAYMENTS: u64 = 400;

/// Pays while `trouble` happens, and compares what callers heard with what is in the books.
async fn pay_through(store: Arc<PostgresStore>, trouble: impl Future<Output = ()>) -> usize {
    let pay = |index: u64| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let created = store.commit(create(index, &number(index))).await;
            if created.is_ok() {
                let _unknown = store.commit(evidence_step(index)).await;
            }
            created
        })
    };
    let mut results = Vec::new();
    let payments = async {
        for wave in 0..PAYMENTS / 20 {
            let wave = (wave * 20..(wave + 1) * 20).map(pay);
            results.extend(join_all(wave).await);
        }
    };
    futures::join!(payments, trouble);
    let there = orders(&*store).await;
    let mut accepted = 0;
    for (index, result) in (0..).zip(results) {
        match result.expect("no panic") {
            Ok(_) => {
                assert!(
                    there.contains(&number(index)),
                    "{index} was answered and is lost"
                );
                accepted += 1;
            }
            Err(CommitError::Store(_)) => {}
            Err(CommitError::Rejected(error)) => unreachable!("{index} was repeated: {error}"),
        }
    }
    assert_eq!(store.journal_sum_fen().await, Ok(0));
    accepted
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_killed_in_mid_transaction_lose_and_double_nothing() {
    let server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    let beside = connect(&url).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()
            AND (xact_start IS NOT NULL OR random() < 0.2)";
    let accepted = pay_through(store, async {
        for _ in 0..20 {
            beside.query(kill, &[]).await.expect("killed");
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
    })
    .await;
    assert_eq!(accepted, 400, "all of them found a connection again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_is_found_again() {
    let mut server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    let accepted = pay_through(Arc::clone(&store), async {
        for _ in 0..2 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            tokio::task::block_in_place(|| server.server.restart()).expect("it starts again");
        }
    })
    .await;
    assert!(accepted > 300, "held while it was away: {accepted}");
    store.commit(create(9999, "after")).await.expect("accepted");
    let key = OrderKey::Platform(order_no(9999));
    let found = store.find_order(&merchant(), key).await.expect("read");
    assert!(found.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_away_is_told_in_bounded_time_and_found_when_it_is_back() {
    let mut server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    server.server.kill();
    let limit = std::time::Duration::from_secs(15);
    let refused = tokio::time::timeout(limit, store.commit(create(2, "n-2"))).await;
    let refused = refused.expect("in bounded time").expect_err("it is away");
    assert!(matches!(refused, CommitError::Store(_)), "{refused}");
    tokio::task::block_in_place(|| server.server.restart()).expect("it starts again");
    store.commit(create(2, "n-2")).await.expect("accepted");
    let found = orders(&*store).await;
    assert_eq!(found.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_was_lost_is_looked_up_and_not_repeated() {
    let server = Server::start();
    let url = server.database().await;
    let name = url.rsplit('=').next().expect("a database").to_owned();
    let link = TroubledLink::open(server.server.sockets(), "link");
    let store = open(&link.url(&name), "a").await.expect("books open");
    for index in 0..20 {
        link.lose(1);
        // Were it repeated, the number would be found in use.
        let created = store.commit(create(index, &number(index))).await;
        created.expect("the truth: it was written");
        assert_eq!(link.left(), 0, "the answer was lost");
        link.lose(1);
        let paid = store.commit(evidence_step(index)).await.expect("written");
        assert_eq!(paid.after.order.map(|order| order.version), Some(1));
    }
    let found = orders(&*store).await;
    assert_eq!(found.len(), 20);
    assert_eq!(store.journal_sum_fen().await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_under_load_double_nothing() {
    let server = Server::start();
    let url = server.database().await;
    let name = url.rsplit('=').next().expect("a database").to_owned();
    let link = TroubledLink::open(server.server.sockets(), "load");
    let store = open(&link.url(&name), "a").await.expect("books open");
    let accepted = pay_through(store, async {
        for _ in 0..20 {
            link.lose(1);
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
    })
    .await;
    assert_eq!(accepted, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_breaks_a_constraint_is_singled_out() {
    let server = Server::start();
    let store = server.books().await;
    // 40 and 41 are the same number of ours under two of the merchant's: no mint gives such.
    let commits = (0..100).map(|index| {
        let ours = if index == 41 { 40 } else { index };
        store.commit(create(ours, &number(index)))
    });
    let results = join_all(commits).await;
    let failed: Vec<_> = results.iter().filter(|result| result.is_err()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(matches!(failed[0], Err(CommitError::Store(_))));
    assert_eq!(orders(&*store).await.len(), 99);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_is_waited_for_and_then_refused() {
    let server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    let beside = connect(&url).await;
    let lock = "BEGIN; SELECT 1 FROM order_state FOR UPDATE";
    beside.batch_execute(lock).await.expect("locked");
    let paid = store.commit(evidence_step(1));
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        beside.batch_execute("ROLLBACK").await.expect("unlocked");
    };
    let (paid, ()) = futures::join!(paid, release);
    paid.expect("tried again after a lock's time was over");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_sent_is_logged_though_the_database_has_no_nul() {
    let server = Server::start();
    let store = server.books().await;
    let request = ExchangeRequest {
        exchange_no: PlatformNo::from_u64(order_no(5).as_u64()),
        at: payments::START,
        dialect_id: "a_dialect".into(),
        app_id: None,
        path: "/pay\0".to_owned(),
        query: "\0".to_owned(),
        body: "a\0b".to_owned(),
        peer: "127.0.0.1".to_owned(),
    };
    let answer = ExchangeAnswer {
        exchange_no: request.exchange_no,
        app_id: None,
        status: 200,
        body: "\0".to_owned(),
        outcome: "ok".to_owned(),
        reading: None,
        signing: Some("\0".to_owned()),
        order_no: Some(order_no(1)),
        duration_ms: 1,
    };
    let commit = Commit {
        exchange: Some(request),
        audit: None,
        ..create(1, "n-1")
    };
    store.commit(commit).await.expect("accepted");
    store.record(ExchangeRecord::Answer(answer));
    store.commit(create(2, "n-2")).await.expect("accepted");
    let story = store.order_story(&merchant(), order_no(1)).await;
    let exchanges = story.expect("read").expect("known").exchanges;
    assert_eq!(exchanges[0].0.body, "a\u{fffd}b");
    assert!(exchanges[0].1.is_some());
    assert_eq!(store.dropped_exchange_records(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_interrupted_is_done_whole_at_the_next_start() {
    const INTERRUPTIONS: usize = 12;
    let server = Server::start();
    let whole = tables(&{
        let url = server.database().await;
        drop(open(&url, "a").await.expect("books open"));
        url
    })
    .await;
    let url = server.database().await;
    let beside = connect(&url).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()";
    for _ in 0..INTERRUPTIONS {
        let (to, instance) = (url.clone(), "a");
        let opening = tokio::spawn(async move { open(&to, instance).await.map(drop) });
        // As soon as it is there, wherever it is by then.
        while beside.query(kill, &[]).await.expect("killed").is_empty() && !opening.is_finished() {
            tokio::task::yield_now().await;
        }
        let _cut_or_done = opening.await.expect("no panic");
        let made = tables(&url).await;
        let none = made.iter().all(|table| table == "schema_version");
        assert!(none || made == whole, "a part of a step is there: {made:?}");
    }
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    assert_eq!(tables(&url).await, whole);
}

/// All tables but the months', which come by themselves.
async fn tables(url: &str) -> BTreeSet<String> {
    let sql = "SELECT relname::TEXT FROM pg_class WHERE relkind IN ('r', 'p')
        AND relnamespace = 'public'::regnamespace AND NOT relispartition";
    let rows = connect(url).await.query(sql, &[]).await.expect("read");
    rows.iter().map(|row| row.get(0)).collect()
}
